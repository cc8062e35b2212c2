//! `virtctl create preference`.

use clap::Args;
use serde_json::{Value, json};

use super::{OfFlag, random};

/// The values of preferredCPUTopology, today's and the older spelling of each.
const TOPOLOGIES: [&str; 10] = [
    "sockets",
    "cores",
    "threads",
    "spread",
    "any",
    "preferSockets",
    "preferCores",
    "preferThreads",
    "preferSpread",
    "preferAny",
];

/// `virtctl create preference`.
#[derive(Debug, Args)]
pub(crate) struct Preference {
    /// Name of the preference; by default a random one.
    #[arg(long)]
    name: Option<String>,
    /// A VirtualMachinePreference of a namespace instead of a VirtualMachineClusterPreference.
    #[arg(long)]
    namespaced: bool,
    /// Preferred storage class of volumes.
    #[arg(long, value_name = "NAME")]
    volume_storage_class: Option<String>,
    /// Preferred machine type.
    #[arg(long, value_name = "TYPE")]
    machine_type: Option<String>,
    /// Preferred topology of virtual CPUs: sockets, cores, threads, spread or any.
    #[arg(long, value_name = "TOPOLOGY")]
    cpu_topology: Option<String>,
}

/// The manifest.
pub(super) fn manifest(arguments: &Preference) -> anyhow::Result<Value> {
    let mut spec = json!({});
    if let Some(class) = &arguments.volume_storage_class {
        spec["volumes"] = json!({ "preferredStorageClassName": class });
    }
    if let Some(machine) = &arguments.machine_type {
        spec["machine"] = json!({ "preferredMachineType": machine });
    }
    if let Some(topology) = &arguments.cpu_topology {
        let known = TOPOLOGIES.contains(&topology.as_str());
        let checked = known.then_some(topology).ok_or_else(|| {
            anyhow::anyhow!("CPU topology must have a value of sockets, cores, threads, spread or any, not {topology:?}")
        });
        spec["cpu"] = json!({ "preferredCPUTopology": checked.of_flag("cpu-topology")? });
    }
    let (kind, prefix) = if arguments.namespaced {
        ("VirtualMachinePreference", "preference-")
    } else {
        ("VirtualMachineClusterPreference", "clusterpreference-")
    };
    let name = arguments.name.clone();
    Ok(json!({
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": kind,
        "metadata": { "name": name.unwrap_or_else(|| random::name(prefix)) },
        "spec": spec,
    }))
}
