//! VirtualMachinePool.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kubevirt_api::{VirtualMachine, VirtualMachinePool, VirtualMachinePoolSpec};

use super::duration::duration;
use super::selector::selects;
use super::{Fault, Faults, Path};
use crate::config::ClusterConfig;
use crate::validation::{validate_vm, warnings_vm};

const TEMPLATE: &str = "spec.virtualMachineTemplate";

/// What is wrong with a pool that is being created.
pub fn validate_pool(pool: &VirtualMachinePool, config: &ClusterConfig) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &pool.spec;
    let metadata = spec.virtual_machine_template.metadata.clone();
    selects(
        &mut faults,
        &path.field("selector"),
        &spec.selector,
        "virtualMachineTemplate.metadata",
        &metadata
            .and_then(|metadata| metadata.labels)
            .unwrap_or_default(),
    );
    max_unavailable(&mut faults, &path, spec);
    strategies(&mut faults, &path, spec);
    if let Some(healing) = &spec.autohealing {
        duration(
            &mut faults,
            &path.field("autohealing").field("minFailingToStartDuration"),
            healing.min_failing_to_start_duration.as_deref(),
            false,
        );
    }
    let mut faults = faults.into_vec();
    faults.extend(template(spec, config));
    faults
}

/// What is wrong with a change of a pool. One that is being deleted, or whose specification does not change, is left alone.
pub fn validate_pool_update(
    old: &VirtualMachinePool,
    new: &VirtualMachinePool,
    config: &ClusterConfig,
) -> Vec<Fault> {
    if new.metadata.deletion_timestamp.is_some() || old.spec == new.spec {
        return Vec::new();
    }
    let mut faults = Faults::default();
    if old.spec.selector != new.spec.selector {
        faults.invalid(
            &Path::new("spec.selector"),
            "cannot be changed: the pool would lose its virtual machines; create another VirtualMachinePool",
        );
    }
    let mut faults = faults.into_vec();
    faults.extend(validate_pool(new, config));
    faults
}

/// What in a pool works, but deserves a word.
pub fn warnings_pool(pool: &VirtualMachinePool) -> Vec<String> {
    let Some(machine) = machine(&pool.spec) else {
        return Vec::new();
    };
    warnings_vm(&machine)
        .into_iter()
        .map(|warning| match warning.starts_with("spec.") {
            true => format!("{TEMPLATE}.{warning}"),
            false => warning,
        })
        .collect()
}

fn max_unavailable(faults: &mut Faults, path: &Path, spec: &VirtualMachinePoolSpec) {
    let path = path.field("maxUnavailable");
    let good = match &spec.max_unavailable {
        None => true,
        Some(IntOrString::Int(number)) => *number > 0,
        Some(IntOrString::String(text)) => text
            .strip_suffix('%')
            .and_then(|number| number.parse::<u32>().ok())
            .is_some_and(|percent| (1..=100).contains(&percent)),
    };
    if !good {
        faults.invalid(
            &path,
            "must be a number of virtual machines from 1, such as 2, or a percentage from \"1%\" to \"100%\"",
        );
    }
}

fn strategies(faults: &mut Faults, path: &Path, spec: &VirtualMachinePoolSpec) {
    let scale_in = spec.scale_in_strategy.as_ref().map(|strategy| {
        [
            strategy.unmanaged.is_some(),
            strategy.opportunistic.is_some(),
            strategy.proactive.is_some(),
        ]
    });
    let update = spec.update_strategy.as_ref().map(|strategy| {
        [
            strategy.unmanaged.is_some(),
            strategy.opportunistic.is_some(),
            strategy.proactive.is_some(),
        ]
    });
    for (name, given) in [("scaleInStrategy", scale_in), ("updateStrategy", update)] {
        let given = given.into_iter().flatten().filter(|given| *given).count();
        if given > 1 {
            faults.invalid(
                &path.field(name),
                format!(
                    "has {given} strategies: keep one of unmanaged, opportunistic and proactive"
                ),
            );
        }
    }
}

/// The faults of the virtual machines that the pool would make, at their place in the pool.
fn template(spec: &VirtualMachinePoolSpec, config: &ClusterConfig) -> Vec<Fault> {
    let Some(machine) = machine(spec) else {
        let mut faults = Faults::default();
        faults.required(
            &Path::new(TEMPLATE).field("spec"),
            "must say what the virtual machines are: write the spec of a VirtualMachine",
        );
        return faults.into_vec();
    };
    let mut faults = validate_vm(&machine, config);
    for fault in &mut faults {
        fault.field = format!("{TEMPLATE}.{}", fault.field);
    }
    faults
}

/// A virtual machine of the pool; none when the template has no specification.
fn machine(spec: &VirtualMachinePoolSpec) -> Option<VirtualMachine> {
    let template = &spec.virtual_machine_template;
    Some(VirtualMachine {
        metadata: template.metadata.clone().unwrap_or_default(),
        spec: template.spec.clone()?,
        status: None,
    })
}
