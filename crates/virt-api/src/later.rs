//! What this version does not have yet. Its endpoints are there: they authorize, check what is cheap to check, and say which
//! feature is missing.

mod checks;

use axum::response::Response;
use http::StatusCode;

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::objects::{self, INSTANCE, MACHINE};
use crate::status::Refusal;

/// A feature that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// What it is, to begin a sentence with.
    pub(crate) what: &'static str,
    /// The endpoints that wait for it.
    pub(crate) endpoints: &'static [Subresource],
}

/// All of them, with [`PROFILES`]. The page docs/subresources.md tells the same; a test compares.
pub(crate) const FEATURES: [Feature; 6] = [
    Feature {
        what: "memory dumps",
        endpoints: &[Subresource::MemoryDump, Subresource::RemoveMemoryDump],
    },
    // These two are decided in [`crate::volumes`], which refuses what is wrong as the feature would.
    Feature {
        what: "disks that are plugged into running guests",
        endpoints: &[
            Subresource::InstanceAddVolume,
            Subresource::InstanceRemoveVolume,
        ],
    },
    Feature {
        what: "backups of running guests",
        endpoints: &[Subresource::Backup, Subresource::RedefineCheckpoint],
    },
    Feature {
        what: "attestation of guests with encrypted memory (AMD SEV)",
        endpoints: &[
            Subresource::SevFetchCertChain,
            Subresource::SevQueryLaunchMeasurement,
            Subresource::SevSetupSession,
            Subresource::SevInjectLaunchSecret,
        ],
    },
    // These two are decided in [`crate::streams`].
    Feature {
        what: "redirection of USB devices",
        endpoints: &[Subresource::Usbredir],
    },
    Feature {
        what: "VM sockets (vsock) of guests",
        endpoints: &[Subresource::Vsock],
    },
];

/// What the paths of the profiler wait for.
pub(crate) const PROFILES: &str = "profiles of KubeVirt's components";

/// The feature that `subresource` waits for.
pub(crate) fn missing(subresource: Subresource) -> Option<&'static str> {
    FEATURES
        .iter()
        .find(|feature| feature.endpoints.contains(&subresource))
        .map(|feature| feature.what)
}

/// 501 for a feature.
pub(crate) fn not_implemented(what: &str) -> Refusal {
    Refusal::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("this version of KubeVirt does not have {what} yet"),
    )
}

/// Refuses `target`: as the feature would when the request is wrong in any version, with 501 otherwise.
pub(crate) async fn refuse(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let features = context.config.current().features.clone();
    checks::request(target.subresource, &features, body)?;
    let kind = target.subresource.kind();
    if kind == MACHINE {
        let machine = objects::machine(&context.client, target).await?;
        checks::machine(target.subresource, &machine)?;
    } else {
        let instance = objects::instance(&context.client, target).await?;
        let instance = instance.ok_or_else(|| Refusal::not_found(INSTANCE, &target.name))?;
        checks::instance(target.subresource, &instance)?;
    }
    let what = missing(target.subresource).unwrap_or(target.subresource.row().name);
    Err(not_implemented(what).or_about(kind, &target.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregated::route::Implementation;

    #[test]
    fn what_is_not_implemented_is_in_the_list_and_nothing_else() {
        for subresource in Subresource::ALL.iter().copied() {
            let later = match subresource {
                Subresource::InstanceAddVolume
                | Subresource::InstanceRemoveVolume
                | Subresource::Usbredir
                | Subresource::Vsock => true,
                _ => subresource.row().implementation == Implementation::Later,
            };
            assert_eq!(missing(subresource).is_some(), later, "{subresource:?}");
        }
    }
}
