//! Which instance type and preference a VirtualMachine uses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An instance type, by name or found through a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancetypeMatcher {
    /// Name of the instance type. Either this or inferFromVolume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `VirtualMachineClusterInstancetype` or, of the same namespace, `VirtualMachineInstancetype`; case does not
    /// matter. Default: `VirtualMachineClusterInstancetype`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name of the ControllerRevision with the instance type as it was when the virtual machine first used it. Filled
    /// in by the controller; a new name of an instance type must come with a new or an empty revisionName.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_name: Option<String>,
    /// Name of a volume whose labels name the instance type. Either this or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume: Option<String>,
    /// What happens when the volume names none: `Reject` refuses the virtual machine, `Ignore` goes on without an
    /// instance type. Default: `Reject`.
    #[schemars(extend("enum" = ["Reject", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume_failure_policy: Option<String>,
}

/// A preference, by name or found through a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreferenceMatcher {
    /// Name of the preference. Either this or inferFromVolume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `VirtualMachineClusterPreference` or, of the same namespace, `VirtualMachinePreference`; case does not matter.
    /// Default: `VirtualMachineClusterPreference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name of the ControllerRevision with the preference as it was when the virtual machine first used it. Filled in
    /// by the controller; a new name of a preference must come with a new or an empty revisionName.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_name: Option<String>,
    /// Name of a volume whose labels name the preference. Either this or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume: Option<String>,
    /// What happens when the volume names none: `Reject` refuses the virtual machine, `Ignore` goes on without a
    /// preference. Default: `Reject`.
    #[schemars(extend("enum" = ["Reject", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume_failure_policy: Option<String>,
}

/// The instance type or preference that a virtual machine really uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancetypeStatusRef {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The ControllerRevision with what it was when the virtual machine first used it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_revision_ref: Option<ControllerRevisionRef>,
    /// Volume that it was found through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume: Option<String>,
    /// What was to happen if the volume had named none.
    #[schemars(extend("enum" = ["Reject", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_from_volume_failure_policy: Option<String>,
}

/// A ControllerRevision of the same namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControllerRevisionRef {
    /// Name of the ControllerRevision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
