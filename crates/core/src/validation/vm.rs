//! A VirtualMachine.

mod data_volumes;

use kubevirt_api::{RunStrategy, VirtualMachine, names::RESERVED_LABELS};

use super::{Fault, Faults, Path, metadata, vmi};
use crate::config::{ClusterConfig, Gate};

/// Run strategies that users may choose.
const RUN_STRATEGIES: [RunStrategy; 6] = [
    RunStrategy::Always,
    RunStrategy::Halted,
    RunStrategy::Manual,
    RunStrategy::RerunOnFailure,
    RunStrategy::Once,
    RunStrategy::WaitAsReceiver,
];

/// What is wrong with a VirtualMachine that is being created.
pub fn validate_vm(vm: &VirtualMachine, config: &ClusterConfig) -> Vec<Fault> {
    let mut faults = Faults::default();
    let spec = Path::new("spec");
    run_strategy(&mut faults, &spec, vm, config);
    data_volumes::validate(&mut faults, &spec.field("dataVolumeTemplates"), vm);
    let template = spec.field("template");
    let metadata = vm.spec.template.metadata.clone().unwrap_or_default();
    let labels = metadata.labels.unwrap_or_default();
    let annotations = metadata.annotations.unwrap_or_default();
    let path = template.field("metadata");
    metadata::labels(&mut faults, &path.field("labels"), &labels);
    metadata::reserved_labels(
        &mut faults,
        &path.field("labels"),
        &labels,
        &RESERVED_LABELS,
    );
    metadata::annotations(
        &mut faults,
        &path.field("annotations"),
        &annotations,
        &config.features,
    );
    vmi::spec(
        &mut faults,
        &template.field("spec"),
        &vm.spec.template.spec,
        config,
    );
    faults.into_vec()
}

fn run_strategy(faults: &mut Faults, spec: &Path, vm: &VirtualMachine, config: &ClusterConfig) {
    let path = spec.field("runStrategy");
    let receives = config.features.is_on(Gate::DecentralizedLiveMigration);
    let names: Vec<_> = RUN_STRATEGIES
        .iter()
        .filter(|strategy| receives || **strategy != RunStrategy::WaitAsReceiver)
        .map(|strategy| strategy.as_str())
        .collect();
    match (vm.spec.running, vm.spec.run_strategy.as_deref()) {
        (None, None | Some("")) => {
            faults.required(
                &path,
                format!(
                    "must say when the virtual machine runs: use one of {}",
                    names.join(", ")
                ),
            );
        }
        (Some(_), Some(_)) => {
            faults.invalid(
                &spec.field("running"),
                "must not be set together with runStrategy: take out running",
            );
        }
        (_, strategy) => faults.one_of(&path, strategy, &names),
    }
}
