//! `virtctl create vm`.

mod arguments;
mod cloud_init;
mod credentials;
mod import;
mod matchers;
mod volumes;

use anyhow::bail;
use serde_json::{Value, json};

use super::{OfFlag, random};
use crate::quantity;

pub(crate) use arguments::Vm;

const RUN_STRATEGIES: [&str; 5] = ["Always", "Manual", "Halted", "Once", "RerunOnFailure"];

/// The manifest. What is asked for on the command line is in it; everything else is left to the API's defaults.
pub(super) fn manifest(arguments: &Vm) -> anyhow::Result<Value> {
    let name = arguments.name.clone();
    let name = name.unwrap_or_else(|| random::name("vm-"));
    let volumes = volumes::read(arguments, &name)?;
    let credentials = credentials::read(arguments)?;
    let mut domain = json!({ "devices": {}, "resources": {} });
    let mut spec = json!({ "runStrategy": run_strategy(&arguments.run_strategy)? });
    let disks = volumes.disks();
    if !disks.is_empty() {
        domain["devices"]["disks"] = disks.into();
    }
    let explicit_instancetype = matchers::apply(arguments, &volumes, &mut spec)?;
    if !explicit_instancetype {
        quantity::check(&arguments.memory).of_flag("memory")?;
        domain["memory"] = json!({ "guest": arguments.memory });
    }
    let mut template = json!({
        "domain": domain,
        "terminationGracePeriodSeconds": arguments.termination_grace_period,
    });
    let templates = volumes.data_volume_templates();
    if !templates.is_empty() {
        spec["dataVolumeTemplates"] = templates.into();
    }
    let mut in_template = volumes.volumes();
    in_template.extend(cloud_init::volume(arguments, &credentials)?);
    if !in_template.is_empty() {
        template["volumes"] = in_template.into();
    }
    if !credentials.entries.is_empty() {
        template["accessCredentials"] = credentials.entries.into();
    }
    spec["template"] = json!({ "spec": template });
    Ok(json!({
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": { "name": name },
        "spec": spec,
    }))
}

/// The run strategy in its exact spelling.
fn run_strategy(text: &str) -> anyhow::Result<&'static str> {
    let found = RUN_STRATEGIES
        .into_iter()
        .find(|strategy| strategy.eq_ignore_ascii_case(text));
    match found {
        Some(strategy) => Ok(strategy),
        None => bail!(
            "failed to parse \"--run-strategy\" flag: invalid run strategy {text:?}, supported values are: {}",
            RUN_STRATEGIES.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests;
