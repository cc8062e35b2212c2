//! `virtctl create clone`.

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::{Map, Value, json};

use super::random;

/// `virtctl create clone`.
#[derive(Debug, Args)]
pub(crate) struct Clone {
    /// Name of the clone; by default a random one.
    #[arg(long)]
    name: Option<String>,
    /// Name of what is cloned.
    #[arg(long, value_name = "NAME")]
    source_name: String,
    /// Name of the new virtual machine; by default the controller chooses one.
    #[arg(long, value_name = "NAME")]
    target_name: Option<String>,
    /// What is cloned: vm or vmsnapshot.
    #[arg(long, default_value = "vm", value_name = "TYPE")]
    source_type: String,
    /// What it becomes: vm.
    #[arg(long, default_value = "vm", value_name = "TYPE")]
    target_type: String,
    /// Labels that are cloned; may be repeated. `!` before one excludes, `*` stands for anything.
    #[arg(long, value_name = "FILTER")]
    label_filter: Vec<String>,
    /// Annotations that are cloned; may be repeated.
    #[arg(long, value_name = "FILTER")]
    annotation_filter: Vec<String>,
    /// Labels of the template that are cloned; may be repeated.
    #[arg(long, value_name = "FILTER")]
    template_label_filter: Vec<String>,
    /// Annotations of the template that are cloned; may be repeated.
    #[arg(long, value_name = "FILTER")]
    template_annotation_filter: Vec<String>,
    /// MAC address of an interface of the clone, as INTERFACE:ADDRESS; may be repeated.
    #[arg(long, value_name = "INTERFACE:ADDRESS")]
    new_mac_address: Vec<String>,
    /// Serial number of the clone's firmware.
    #[arg(long, value_name = "SERIAL")]
    new_smbios_serial: Option<String>,
}

/// The manifest.
pub(super) fn manifest(arguments: &Clone) -> anyhow::Result<Value> {
    ensure!(
        !arguments.source_name.is_empty(),
        "--source-name must not be empty"
    );
    let mut source = reference("source", &arguments.source_type)?;
    source["name"] = arguments.source_name.clone().into();
    let mut target = reference("target", &arguments.target_type)?;
    ensure!(
        target["kind"] == "VirtualMachine",
        "target type {} is not supported. Supported types: vm",
        arguments.target_type
    );
    if let Some(name) = &arguments.target_name {
        target["name"] = name.clone().into();
    }
    let mut spec = Map::new();
    spec.insert("source".into(), source);
    spec.insert("target".into(), target);
    filters(
        &mut spec,
        &arguments.label_filter,
        &arguments.annotation_filter,
    );
    let mut template = Map::new();
    filters(
        &mut template,
        &arguments.template_label_filter,
        &arguments.template_annotation_filter,
    );
    if !template.is_empty() {
        spec.insert("template".into(), template.into());
    }
    let mut addresses = Map::new();
    for text in &arguments.new_mac_address {
        let Some((interface, address)) = text.split_once(':') else {
            bail!(
                "--new-mac-address {text:?} is invalid: write INTERFACE:ADDRESS, such as eth0:02:00:00:00:00:01"
            );
        };
        ensure!(
            !interface.is_empty() && !address.is_empty(),
            "--new-mac-address {text:?} is invalid: write INTERFACE:ADDRESS, such as eth0:02:00:00:00:00:01"
        );
        addresses.insert(interface.to_owned(), address.into());
    }
    if !addresses.is_empty() {
        spec.insert("newMacAddresses".into(), addresses.into());
    }
    if let Some(serial) = &arguments.new_smbios_serial {
        spec.insert("newSMBiosSerial".into(), serial.clone().into());
    }
    let name = arguments.name.clone();
    Ok(json!({
        "apiVersion": "clone.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClone",
        "metadata": { "name": name.unwrap_or_else(|| random::name("clone-")) },
        "spec": spec,
    }))
}

fn reference(which: &str, kind: &str) -> anyhow::Result<Value> {
    match kind.to_ascii_lowercase().as_str() {
        "vm" | "vms" | "virtualmachine" | "virtualmachines" => {
            Ok(json!({ "apiGroup": "kubevirt.io", "kind": "VirtualMachine" }))
        }
        "snapshot"
        | "snapshots"
        | "vmsnapshot"
        | "vmsnapshots"
        | "virtualmachinesnapshot"
        | "virtualmachinesnapshots" => {
            Ok(json!({ "apiGroup": "snapshot.kubevirt.io", "kind": "VirtualMachineSnapshot" }))
        }
        _ => bail!("{which} type {kind} is not supported. Supported types: vm, vmsnapshot"),
    }
}

fn filters(object: &mut Map<String, Value>, labels: &[String], annotations: &[String]) {
    for (key, filters) in [("labelFilters", labels), ("annotationFilters", annotations)] {
        if !filters.is_empty() {
            object.insert(key.to_owned(), filters.into());
        }
    }
}
