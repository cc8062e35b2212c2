//! What must hold of a VirtualMachineInstance for something to be done with its guest.

use axum::body::Bytes;
use http::StatusCode;
use kubevirt_api::{
    Condition, Probe, VirtualMachine, VirtualMachineInstance, VirtualMachineInstancePhase as Phase,
};

use crate::aggregated::route::Subresource;
use crate::lifecycle::options;
use crate::objects::INSTANCE;
use crate::status::Refusal;

/// Whether the instance is in the state that `subresource` needs. `machine` is the VirtualMachine that it belongs to, read
/// for unpause only.
///
/// # Errors
/// 409 for a wrong state, 403 for a guest whose probes would fail, 400 for a guest without a screen.
pub(super) fn state(
    subresource: Subresource,
    instance: &VirtualMachineInstance,
    machine: Option<&VirtualMachine>,
) -> Result<(), Refusal> {
    match subresource {
        // A reset is for guests that nothing else helps: virt-handler alone says whether there is one.
        Subresource::Reset => Ok(()),
        Subresource::VncScreenshot => screen(instance),
        Subresource::Pause => {
            running(instance)?;
            if is(instance, "Paused") {
                return Err(conflict(instance, "VMI is already paused"));
            }
            probes(instance)
        }
        Subresource::Unpause => {
            running(instance)?;
            if !is(instance, "Paused") {
                return Err(conflict(instance, "VMI is not paused"));
            }
            snapshots(instance, machine)
        }
        Subresource::SoftReboot => {
            running(instance)?;
            if is(instance, "Paused") {
                return Err(conflict(instance, "VMI is paused: unpause it first"));
            }
            if !is(instance, "AgentConnected") && !has_acpi(instance) {
                let why = "VMI has neither a connected guest agent nor ACPI: run the agent in the guest, or use reset";
                return Err(conflict(instance, why));
            }
            Ok(())
        }
        Subresource::GuestOsInfo | Subresource::UserList | Subresource::FileSystemList => {
            running(instance)?;
            if is(instance, "AgentConnected") {
                return Ok(());
            }
            let why = "VMI does not have guest agent connected: install and start qemu-guest-agent in the guest";
            Err(conflict(instance, why))
        }
        _ => running(instance),
    }
}

/// The node whose virt-handler has the guest. 400 when there is none.
pub(crate) fn node(instance: &VirtualMachineInstance) -> Result<&str, Refusal> {
    let status = instance.status.as_ref();
    let node = status.and_then(|status| status.node_name.as_deref());
    match node.filter(|node| !node.is_empty()) {
        Some(node) if matches!(phase(instance), Phase::Scheduled | Phase::Running) => Ok(node),
        _ => Err(Refusal::bad_request(format!(
            "VMI {:?} is on no node: its phase is {:?}, Scheduled or Running is needed",
            name(instance),
            phase(instance).as_str()
        ))),
    }
}

/// Whether a request for a picture wants the pointer moved first.
pub(super) fn move_cursor(query: Option<&str>) -> Result<bool, Refusal> {
    let mut parts = query.unwrap_or_default().split('&');
    let value = parts.find_map(|part| part.strip_prefix("moveCursor="));
    match value {
        None | Some("" | "false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(Refusal::bad_request(format!(
            "moveCursor: {other:?} is neither true nor false"
        ))),
    }
}

/// The options of freezing as virt-handler takes them, which must say when the file systems thaw by themselves.
pub(super) fn freeze_options(body: &[u8]) -> Result<Bytes, Refusal> {
    let options = options::value(body)?.unwrap_or_default();
    match options.get("unfreezeTimeout") {
        Some(time) if time.is_string() => Ok(Bytes::from(options.to_string())),
        _ => Err(Refusal::bad_request(
            "unfreezeTimeout is required: send the time after which the file systems thaw by themselves, for example \
             {\"unfreezeTimeout\": \"5m0s\"}",
        )),
    }
}

/// The phase; unset without a status.
pub(crate) fn phase(instance: &VirtualMachineInstance) -> Phase {
    let status = instance.status.as_ref();
    status.map(|status| status.phase).unwrap_or_default()
}

/// Whether a condition holds.
pub(crate) fn is(instance: &VirtualMachineInstance, condition: &str) -> bool {
    let status = instance.status.as_ref();
    status.is_some_and(|status| Condition::is_true(&status.conditions, condition))
}

/// 409 unless the guest runs.
pub(crate) fn running(instance: &VirtualMachineInstance) -> Result<(), Refusal> {
    match phase(instance) {
        Phase::Running => Ok(()),
        other => {
            let why = format!("VMI is not running: its phase is {:?}", other.as_str());
            Err(conflict(instance, &why))
        }
    }
}

/// 409 about an instance.
pub(crate) fn conflict(instance: &VirtualMachineInstance, why: &str) -> Refusal {
    Refusal::conflict(INSTANCE, name(instance), why)
}

fn name(instance: &VirtualMachineInstance) -> &str {
    instance.metadata.name.as_deref().unwrap_or_default()
}

/// A paused guest does not answer its probe and would be taken for dead. Only the agent's probe knows about pauses.
fn probes(instance: &VirtualMachineInstance) -> Result<(), Refusal> {
    let asks_agent = |probe: &Probe| probe.guest_agent_ping.is_some();
    match &instance.spec.liveness_probe {
        Some(probe) if !asks_agent(probe) => {
            let message = format!(
                "{INSTANCE}.kubevirt.io {:?} is forbidden: a VMI with a livenessProbe cannot be paused, it would be ended as dead: use guestAgentPing as its probe",
                name(instance)
            );
            Err(Refusal::new(StatusCode::FORBIDDEN, message).or_about(INSTANCE, name(instance)))
        }
        _ => Ok(()),
    }
}

/// A snapshot pauses the guest itself and would be spoilt.
fn snapshots(
    instance: &VirtualMachineInstance,
    machine: Option<&VirtualMachine>,
) -> Result<(), Refusal> {
    let status = machine.and_then(|machine| machine.status.as_ref());
    match status.and_then(|status| status.snapshot_in_progress.as_deref()) {
        Some(snapshot) if !snapshot.is_empty() => {
            let why = format!("VMI is being snapshotted: wait until snapshot {snapshot:?} is done");
            Err(conflict(instance, &why))
        }
        _ => Ok(()),
    }
}

fn screen(instance: &VirtualMachineInstance) -> Result<(), Refusal> {
    if instance.spec.domain.devices.autoattach_graphics_device == Some(false) {
        return Err(Refusal::bad_request(format!(
            "VMI {:?} has no graphics device: spec.domain.devices.autoattachGraphicsDevice is false",
            name(instance)
        )));
    }
    match phase(instance) {
        Phase::Running => Ok(()),
        other => Err(Refusal::bad_request(format!(
            "VMI {:?} is not running: its phase is {:?}",
            name(instance),
            other.as_str()
        ))),
    }
}

/// The defaults write down whether there is ACPI; where they did not, the domain has it.
fn has_acpi(instance: &VirtualMachineInstance) -> bool {
    let features = instance.spec.domain.features.as_ref();
    let acpi = features.and_then(|features| features.acpi.as_ref());
    acpi.is_none_or(|acpi| acpi.enabled != Some(false))
}

#[cfg(test)]
mod tests;
