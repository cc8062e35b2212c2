//! What is refused in any version: without the feature's gate, for an object in the wrong state, for a body that says
//! nothing.

use kubevirt_api::{
    ChangedBlockTrackingState, SEV, SEVSessionOptions, VirtualMachine, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase,
};
use kubevirt_core::config::{Features, Gate};

use crate::aggregated::route::Subresource;
use crate::guest::checks::{conflict, is, phase, running};
use crate::lifecycle::options;
use crate::status::Refusal;

/// Checks of the settings and of the body.
pub(super) fn request(
    subresource: Subresource,
    features: &Features,
    body: &[u8],
) -> Result<(), Refusal> {
    match subresource {
        Subresource::MemoryDump | Subresource::RemoveMemoryDump => {
            // A dump is written to a volume that is plugged in for it.
            gate(
                features,
                &[Gate::DeclarativeHotplugVolumes, Gate::HotplugVolumes],
            )?;
            if subresource == Subresource::MemoryDump {
                let body = options::value(body)?.unwrap_or_default();
                let claim = body.get("claimName").and_then(|name| name.as_str());
                if claim.is_none_or(str::is_empty) {
                    return Err(required(
                        "claimName",
                        "the PersistentVolumeClaim to write to",
                    ));
                }
            }
            Ok(())
        }
        Subresource::SevSetupSession => {
            gate(features, &[Gate::WorkloadEncryptionSEV])?;
            let session: SEVSessionOptions = options::decode(body)?;
            let empty = |text: Option<String>| text.is_none_or(|text| text.is_empty());
            if empty(session.session) {
                return Err(required("session", "the session blob in base64"));
            }
            if empty(session.dh_cert) {
                return Err(required("dhCert", "the Diffie-Hellman key in base64"));
            }
            Ok(())
        }
        Subresource::SevFetchCertChain
        | Subresource::SevQueryLaunchMeasurement
        | Subresource::SevInjectLaunchSecret => gate(features, &[Gate::WorkloadEncryptionSEV]),
        _ => Ok(()),
    }
}

/// Checks of the VirtualMachine.
pub(super) fn machine(subresource: Subresource, machine: &VirtualMachine) -> Result<(), Refusal> {
    let status = machine.status.as_ref();
    let dump = status.and_then(|status| status.memory_dump_request.as_ref());
    let refuse = |why: &str| {
        let name = machine.metadata.name.as_deref().unwrap_or_default();
        Err(Refusal::conflict("virtualmachine", name, why))
    };
    match (subresource, dump) {
        (Subresource::RemoveMemoryDump, None) => {
            refuse("no PersistentVolumeClaim is associated with the VM for memory dumps")
        }
        (Subresource::RemoveMemoryDump, Some(dump)) if dump.remove == Some(true) => {
            refuse("the memory dump is being removed already")
        }
        _ => Ok(()),
    }
}

/// Checks of the VirtualMachineInstance.
pub(super) fn instance(
    subresource: Subresource,
    instance: &VirtualMachineInstance,
) -> Result<(), Refusal> {
    let security = instance.spec.domain.launch_security.as_ref();
    let sev = security.and_then(|security| security.sev.as_ref());
    match subresource {
        Subresource::Backup => running(instance),
        Subresource::RedefineCheckpoint => {
            let status = instance.status.as_ref();
            let tracking = status.and_then(|status| status.changed_block_tracking.as_ref());
            match tracking {
                Some(tracking) if tracking.state == ChangedBlockTrackingState::Enabled => Ok(()),
                _ => Err(conflict(instance, "changed block tracking is not enabled")),
            }
        }
        Subresource::SevFetchCertChain => {
            if !matches!(phase(instance), Phase::Scheduled | Phase::Running) {
                return Err(conflict(instance, "VMI is neither scheduled nor running"));
            }
            attested(instance, sev).map(drop)
        }
        Subresource::SevQueryLaunchMeasurement | Subresource::SevInjectLaunchSecret => {
            running(instance)?;
            if !is(instance, "Paused") {
                return Err(conflict(
                    instance,
                    "VMI is not paused: it runs unattested already",
                ));
            }
            attested(instance, sev).map(drop)
        }
        Subresource::SevSetupSession => {
            if phase(instance) != Phase::Scheduled {
                let why = "VMI is not scheduled: a session is set before the guest starts";
                return Err(conflict(instance, why));
            }
            let sev = attested(instance, sev)?;
            let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
            if given(&sev.session) || given(&sev.dh_cert) {
                return Err(conflict(instance, "the session is set already"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn attested<'a>(
    instance: &VirtualMachineInstance,
    sev: Option<&'a SEV>,
) -> Result<&'a SEV, Refusal> {
    sev.filter(|sev| sev.attestation.is_some()).ok_or_else(|| {
        let why = "attestation was not asked for: set spec.domain.launchSecurity.sev.attestation";
        conflict(instance, why)
    })
}

/// 400 unless one of the gates is on.
fn gate(features: &Features, gates: &[Gate]) -> Result<(), Refusal> {
    match gates.first() {
        Some(first) if !gates.iter().any(|gate| features.is_on(*gate)) => {
            Err(Refusal::bad_request(format!(
                "feature gate {} is not enabled: {}",
                first.name(),
                features.remedy(*first)
            )))
        }
        _ => Ok(()),
    }
}

fn required(field: &str, what: &str) -> Refusal {
    Refusal::bad_request(format!("{field} is required: give {what}"))
}

#[cfg(test)]
mod tests;
