//! Schemas of what subresources take and answer.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;

use super::*;
use crate::schema::schema_of;

/// Schemas by type name. A type that holds itself (a node of an object graph) refers to itself by its name.
///
/// # Errors
///
/// When a schema does not survive its way through JSON, which only a mistake in this crate's types can cause; a test runs
/// this function.
pub fn definitions() -> Result<BTreeMap<&'static str, JSONSchemaProps>, serde_json::Error> {
    macro_rules! schemas {
        ($($name:ident),+ $(,)?) => {
            BTreeMap::from([$((stringify!($name), schema_of::<$name>()?)),+])
        };
    }
    Ok(schemas![
        AddVolumeOptions,
        ClusterProfilerRequest,
        ClusterProfilerResults,
        EvacuateCancelOptions,
        FreezeUnfreezeTimeout,
        GuestAgentCommandInfo,
        HotplugVolumeSource,
        MigrateOptions,
        ObjectGraphNode,
        ObjectGraphOptions,
        PauseOptions,
        ProfilerResult,
        RemoveVolumeOptions,
        RestartOptions,
        ScreenshotOptions,
        SEVMeasurementInfo,
        SEVPlatformInfo,
        SEVSecretOptions,
        SEVSessionOptions,
        StartOptions,
        StopOptions,
        UnpauseOptions,
        VirtualMachineInstanceFileSystem,
        VirtualMachineInstanceFileSystemDisk,
        VirtualMachineInstanceFileSystemInfo,
        VirtualMachineInstanceFileSystemList,
        VirtualMachineInstanceGuestAgentInfo,
        VirtualMachineInstanceGuestOSUser,
        VirtualMachineInstanceGuestOSUserList,
        VSOCKOptions,
    ])
}
