//! What works, but deserves a word.

use kubevirt_api::{RunStrategy, VirtualMachine, VirtualMachineInstanceSpec, quantity::Amount};

/// Warnings about a VirtualMachine.
pub fn warnings_vm(vm: &VirtualMachine) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(running) = vm.spec.running {
        let instead = if running { "Always" } else { "Halted" };
        warnings.push(format!(
            "spec.running is deprecated, use spec.runStrategy: {instead}"
        ));
    }
    if vm.spec.effective_run_strategy() == RunStrategy::WaitAsReceiver {
        warnings.push(
            "spec.runStrategy: this version receives no guests from elsewhere; the virtual machine does not start"
                .to_owned(),
        );
    }
    warnings.extend(warnings_vmi("spec.template.spec", &vm.spec.template.spec));
    warnings
}

/// Warnings about a specification at `path`.
pub fn warnings_vmi(path: &str, spec: &VirtualMachineInstanceSpec) -> Vec<String> {
    let mut warnings = Vec::new();
    if matches!(
        spec.eviction_strategy.as_deref(),
        Some("LiveMigrate" | "LiveMigrateIfPossible" | "External")
    ) {
        warnings.push(format!(
            "{path}.evictionStrategy: this version has no live migration; the guest is shut down when its node is drained"
        ));
    }
    let clock = spec.domain.clock.as_ref();
    if clock.is_some_and(|clock| clock.utc.is_some() && clock.timezone.is_some()) {
        warnings.push(format!(
            "{path}.domain.clock has both utc and timezone: utc counts, take one of them out"
        ));
    }
    let guest = spec
        .domain
        .memory
        .as_ref()
        .and_then(|memory| memory.guest.as_ref());
    let limit = spec
        .domain
        .resources
        .as_ref()
        .and_then(|resources| resources.limit("memory"));
    if let (Some(Ok(guest)), Some(Ok(limit))) = (guest.map(Amount::parse), limit.map(Amount::parse))
        && limit < guest
    {
        warnings.push(format!(
            "{path}.domain.resources.limits.memory is less than domain.memory.guest: the guest is killed when it uses its memory"
        ));
    }
    warnings
}
