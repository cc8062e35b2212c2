//! Defaults of a VirtualMachine.

use kubevirt_api::VirtualMachine;
use uuid::Uuid;

use super::{default_pci_topology, default_platform, fill, observe_api_version};
use crate::config::ClusterConfig;

/// Completes a VirtualMachine that is being created. `new_uuid` gives random identifiers.
pub fn default_vm(
    vm: &mut VirtualMachine,
    config: &ClusterConfig,
    new_uuid: &mut dyn FnMut() -> Uuid,
) {
    default_vm_update(vm, config);
    let template = &mut vm.spec.template;
    let firmware = template.spec.domain.firmware.get_or_insert_default();
    fill(&mut firmware.uuid, || new_uuid().to_string());
    fill(&mut firmware.serial, || new_uuid().to_string());
    default_pci_topology(template.metadata.get_or_insert_default(), &template.spec);
}

/// Completes a VirtualMachine that is being changed. What is chosen at creation only is not chosen anew, or a guest
/// would get another identity.
pub fn default_vm_update(vm: &mut VirtualMachine, config: &ClusterConfig) {
    observe_api_version(&mut vm.metadata);
    default_platform(&mut vm.spec.template.spec, config);
}
