//! VirtualMachineInstancetype and VirtualMachineClusterInstancetype.

use kubevirt_api::{VirtualMachineInstancetypeSpec, quantity::Amount};

use super::{Fault, Faults, Path};

/// What is wrong with a size.
pub fn validate_instancetype(spec: &VirtualMachineInstancetypeSpec) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    if spec.cpu.guest == 0 {
        faults.required(
            &path.field("cpu").field("guest"),
            "must be the number of processors, at least 1",
        );
    }
    let path = path.field("memory");
    let memory = &spec.memory;
    match Amount::parse(&memory.guest) {
        Err(error) => faults.invalid(&path.field("guest"), error.to_string()),
        Ok(amount) if amount <= Amount::default() => faults.required(
            &path.field("guest"),
            "must be the guest's memory, more than 0, such as 1Gi",
        ),
        Ok(_) => {}
    }
    if let Some(percent) = memory.overcommit_percent {
        let path = path.field("overcommitPercent");
        if !(0..=100).contains(&percent) {
            faults.invalid(
                &path,
                format!("{percent} is not a percentage: write a number from 0 to 100"),
            );
        }
        if memory.hugepages.is_some() && percent != 0 {
            faults.invalid(
                &path,
                "cannot be together with hugepages, which are never overcommitted: take one out",
            );
        }
    }
    faults.into_vec()
}

/// What in a size works, but deserves a word.
pub fn warnings_instancetype(spec: &VirtualMachineInstancetypeSpec) -> Vec<String> {
    let mut warnings = Vec::new();
    if spec.launch_security.is_some() {
        warnings.push(
            "spec.launchSecurity is deprecated, use spec.preferredLaunchSecurity of a preference"
                .to_owned(),
        );
    }
    let cpu = &spec.cpu;
    let dedicated = cpu.dedicated_cpu_placement == Some(true);
    for (name, given) in [
        (
            "isolateEmulatorThread",
            cpu.isolate_emulator_thread == Some(true),
        ),
        ("numa", cpu.numa.is_some()),
        ("realtime", cpu.realtime.is_some()),
    ] {
        if given && !dedicated {
            warnings.push(format!(
                "spec.cpu.{name} needs spec.cpu.dedicatedCPUPlacement: virtual machines of this size are refused"
            ));
        }
    }
    warnings
}
