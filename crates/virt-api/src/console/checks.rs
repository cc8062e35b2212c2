//! What must hold of a VirtualMachineInstance for its console to be opened.

use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};

use crate::status::Refusal;

/// The kind in the answers.
pub(crate) const KIND: &str = "virtualmachineinstance";

/// The node whose virt-handler has the console, or why there is none.
pub(crate) fn node(instance: &VirtualMachineInstance) -> Result<&str, Refusal> {
    let name = instance.metadata.name.as_deref().unwrap_or_default();
    if instance.spec.domain.devices.autoattach_serial_console == Some(false) {
        return Err(Refusal::bad_request(format!(
            "VMI {name:?} has no serial console: spec.domain.devices.autoattachSerialConsole is false"
        )));
    }
    let status = instance.status.as_ref();
    let phase = status.map(|status| status.phase).unwrap_or_default();
    if phase == Phase::Failed {
        return Err(Refusal::conflict(KIND, name, "VMI is in failed status"));
    }
    let node = status
        .and_then(|status| status.node_name.as_deref())
        .filter(|node| !node.is_empty());
    match node {
        Some(node) if phase == Phase::Running => Ok(node),
        _ => Err(Refusal::bad_request(format!(
            "VMI is not running: {name:?} is in phase {:?}",
            phase.as_str()
        ))),
    }
}
