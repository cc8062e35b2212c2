//! Defaults of a VirtualMachine.

use kubevirt_api::{VirtualMachine, VirtualMachinePreferenceSpec};
use uuid::Uuid;

use super::{default_pci_topology, default_platform, fill, observe_api_version};
use crate::config::ClusterConfig;

/// What was looked up of the objects that a VirtualMachine names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The preference.
    pub preference: Option<&'a VirtualMachinePreferenceSpec>,
    /// The architecture that the label of the DataSource says which the boot disk is made of.
    pub boot_architecture: Option<&'a str>,
}

/// Completes a VirtualMachine that is being created. `new_uuid` gives random identifiers.
pub fn default_vm(
    vm: &mut VirtualMachine,
    config: &ClusterConfig,
    surroundings: &Surroundings<'_>,
    new_uuid: &mut dyn FnMut() -> Uuid,
) {
    default_vm_update(vm, config, surroundings);
    let template = &mut vm.spec.template;
    let firmware = template.spec.domain.firmware.get_or_insert_default();
    fill(&mut firmware.uuid, || new_uuid().to_string());
    fill(&mut firmware.serial, || new_uuid().to_string());
    default_pci_topology(template.metadata.get_or_insert_default(), &template.spec);
}

/// Completes a VirtualMachine that is being changed. What is chosen at creation only is not chosen anew, or a guest
/// would get another identity.
pub fn default_vm_update(
    vm: &mut VirtualMachine,
    config: &ClusterConfig,
    surroundings: &Surroundings<'_>,
) {
    observe_api_version(&mut vm.metadata);
    preferred_platform(vm, surroundings);
    default_platform(&mut vm.spec.template.spec, config);
    if let Some(preference) = surroundings.preference {
        storage_class(vm, preference);
    }
}

/// Architecture and machine type of the preference, or of what the guest boots from, come before those of the cluster.
fn preferred_platform(vm: &mut VirtualMachine, surroundings: &Surroundings<'_>) {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let preference = surroundings.preference;
    let spec = &mut vm.spec.template.spec;
    let architecture =
        given(preference.and_then(|preference| preference.preferred_architecture.as_deref()))
            .or_else(|| given(surroundings.boot_architecture));
    if let Some(architecture) = architecture {
        fill(&mut spec.architecture, || architecture);
    }
    let machine = preference
        .and_then(|preference| preference.machine.as_ref())
        .and_then(|machine| given(machine.preferred_machine_type.as_deref()));
    if let Some(preferred) = machine {
        let machine = spec.domain.machine.get_or_insert_default();
        if machine.type_.is_empty() {
            machine.type_ = preferred;
        }
    }
}

/// The claims that the VirtualMachine makes are of the preferred storage class unless they say another.
fn storage_class(vm: &mut VirtualMachine, preference: &VirtualMachinePreferenceSpec) {
    let Some(class) = preference
        .volumes
        .as_ref()
        .and_then(|volumes| volumes.preferred_storage_class_name.as_ref())
        .filter(|class| !class.is_empty())
    else {
        return;
    };
    for template in &mut vm.spec.data_volume_templates {
        let spec = &mut template.spec;
        if let Some(claim) = &mut spec.pvc {
            // An empty text is a wish of its own here: no class.
            claim
                .storage_class_name
                .get_or_insert_with(|| class.clone());
        }
        if let Some(storage) = &mut spec.storage {
            storage
                .storage_class_name
                .get_or_insert_with(|| class.clone());
        }
    }
}
