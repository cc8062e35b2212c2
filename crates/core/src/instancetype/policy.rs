//! Whether a VirtualMachine keeps naming its instancetype and preference, or takes over what they say (the settings'
//! `instancetype.referencePolicy`).

use kubevirt_api::{VirtualMachine, VirtualMachineInstanceTemplateSpec};

/// Whether a VirtualMachine is to take over what its instancetype and preference say. With `expand` those that have a
/// revision already keep it, with `expandAll` no one does.
pub fn is_to_be_expanded(vm: &VirtualMachine, policy: &str) -> bool {
    if !super::is_named(vm) {
        return false;
    }
    match policy {
        "expandAll" => true,
        "expand" => !has_revision(vm),
        _ => false,
    }
}

fn has_revision(vm: &VirtualMachine) -> bool {
    let named = |name: Option<&String>| name.is_some_and(|name| !name.is_empty());
    let spec = &vm.spec;
    named(
        spec.instancetype
            .as_ref()
            .and_then(|matcher| matcher.revision_name.as_ref()),
    ) || named(
        spec.preference
            .as_ref()
            .and_then(|matcher| matcher.revision_name.as_ref()),
    ) || vm
        .status
        .as_ref()
        .is_some_and(|status| status.instancetype_ref.is_some() || status.preference_ref.is_some())
}

/// The VirtualMachine with its completed template and without the matchers that completed it.
pub fn written_out(
    vm: &VirtualMachine,
    expanded: VirtualMachineInstanceTemplateSpec,
) -> VirtualMachine {
    let mut written = vm.clone();
    written.spec.template = expanded;
    written.spec.instancetype = None;
    written.spec.preference = None;
    written
}
