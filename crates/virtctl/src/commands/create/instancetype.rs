//! `virtctl create instancetype`.

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{OfFlag, put, random};
use crate::quantity;

/// `virtctl create instancetype`.
#[derive(Debug, Args)]
pub(crate) struct Instancetype {
    /// Name of the instancetype; by default a random one.
    #[arg(long)]
    name: Option<String>,
    /// Number of virtual CPUs.
    #[arg(long, value_name = "COUNT")]
    cpu: u32,
    /// Memory of the guest, such as 4Gi.
    #[arg(long, value_name = "QUANTITY")]
    memory: String,
    /// A GPU, as name:NAME,devicename:RESOURCE; may be repeated.
    #[arg(long, value_name = "PARAMETERS")]
    gpu: Vec<String>,
    /// A host device, as name:NAME,devicename:RESOURCE; may be repeated.
    #[arg(long, value_name = "PARAMETERS")]
    hostdevice: Vec<String>,
    /// Which threads do the disks' work: auto or shared.
    #[arg(long, value_name = "POLICY")]
    iothreadspolicy: Option<String>,
    /// A VirtualMachineInstancetype of a namespace instead of a VirtualMachineClusterInstancetype.
    #[arg(long)]
    namespaced: bool,
}

/// The manifest.
pub(super) fn manifest(arguments: &Instancetype) -> anyhow::Result<Value> {
    ensure!(arguments.cpu > 0, "cpu value must be greater than zero");
    quantity::check(&arguments.memory).of_flag("memory")?;
    let mut spec = serde_json::Map::new();
    spec.insert("cpu".into(), json!({ "guest": arguments.cpu }));
    spec.insert("memory".into(), json!({ "guest": arguments.memory }));
    for (flag, key, devices) in [
        ("gpu", "gpus", &arguments.gpu),
        ("hostdevice", "hostDevices", &arguments.hostdevice),
    ] {
        let devices = devices
            .iter()
            .map(|text| device(text))
            .collect::<anyhow::Result<Vec<_>>>()
            .of_flag(flag)?;
        put(&mut spec, key, (!devices.is_empty()).then_some(devices));
    }
    if let Some(policy) = &arguments.iothreadspolicy {
        let known = matches!(policy.as_str(), "auto" | "shared");
        let checked = known.then_some(policy.as_str()).ok_or_else(|| {
            anyhow::anyhow!("IOThread must be of value auto or shared, not {policy:?}")
        });
        spec.insert(
            "ioThreadsPolicy".into(),
            checked.of_flag("iothreadspolicy")?.into(),
        );
    }
    let (kind, prefix) = if arguments.namespaced {
        ("VirtualMachineInstancetype", "instancetype-")
    } else {
        ("VirtualMachineClusterInstancetype", "clusterinstancetype-")
    };
    let name = arguments.name.clone();
    Ok(json!({
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": kind,
        "metadata": { "name": name.unwrap_or_else(|| random::name(prefix)) },
        "spec": spec,
    }))
}

fn device(text: &str) -> anyhow::Result<Value> {
    let mut parameters = Parameters::parse(text)?;
    let device =
        json!({ "name": parameters.need("name")?, "deviceName": parameters.need("devicename")? });
    parameters.end()?;
    Ok(device)
}
