//! Writing a VirtualMachineInstance's status: the difference alone, bound to the version that it was made from.

use kube::Api;
use kube::api::{Patch, PatchParams};
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceStatus};
use kubevirt_core::vmi::merge_patch;
use kubevirt_runtime::watching;
use serde_json::json;

/// How often a write is made anew because somebody else wrote first.
const ATTEMPTS: usize = 5;

/// Why a status was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the API server did not take the status: {0}")]
    Api(#[from] kube::Error),
    #[error("the status cannot be expressed in JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the status was changed by others {ATTEMPTS} times while it was written")]
    Contended,
}

/// What became of a write.
#[derive(Debug)]
pub(super) enum Written {
    /// The object as it is now; it may not have needed a write.
    Current(Box<VirtualMachineInstance>),
    /// There is no object of this UID any more.
    Gone,
}

/// Changes the status of `known` by `change`, which is asked again with the newest object when somebody else wrote first. When
/// nothing changes, nothing is written.
pub(super) async fn update(
    api: &Api<VirtualMachineInstance>,
    known: &VirtualMachineInstance,
    change: impl Fn(&VirtualMachineInstance) -> VirtualMachineInstanceStatus,
) -> Result<Written, Error> {
    let name = known.metadata.name.clone().unwrap_or_default();
    let mut current = known.clone();
    for _ in 0..ATTEMPTS {
        let old = current.status.clone().unwrap_or_default();
        let Some(difference) = merge_patch::between(&old, &change(&current))? else {
            return Ok(Written::Current(Box::new(current)));
        };
        let mut patch = json!({ "status": difference });
        merge_patch::bind(
            &mut patch,
            current
                .metadata
                .resource_version
                .as_deref()
                .unwrap_or_default(),
        );
        match api
            .patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
        {
            Ok(mut written) => {
                watching::strip(&mut written.metadata);
                return Ok(Written::Current(Box::new(written)));
            }
            Err(kube::Error::Api(status)) if status.code == 409 => {
                tracing::debug!(name, "somebody else wrote first, looking again");
                match api.get_opt(&name).await? {
                    Some(mut newest) if newest.metadata.uid == known.metadata.uid => {
                        watching::strip(&mut newest.metadata);
                        current = newest;
                    }
                    _ => return Ok(Written::Gone),
                }
            }
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(Written::Gone),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Contended)
}
