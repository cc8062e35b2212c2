//! `virtctl permitted-devices`: the host's devices that the KubeVirt object lets guests have.

use anyhow::{Context, bail};
use clap::Args;
use kube::Api;
use kube::api::ListParams;
use serde_json::{Value, json};

use crate::cli::Connection;
use crate::output::{self, Format};
use crate::{client, installation, say, subresource};

/// `virtctl permitted-devices`.
#[derive(Debug, Args)]
pub(crate) struct PermittedDevices {
    /// Print JSON or YAML instead of lines.
    #[arg(short, long, value_enum)]
    output: Option<Format>,
}

/// `virtctl permitted-devices`.
pub(crate) async fn run(flags: &Connection, arguments: &PermittedDevices) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let resource = installation::resource();
    let here = Api::namespaced_with(cluster.client.clone(), &cluster.namespace, &resource);
    let mut found = installation::list(&here, &ListParams::default().limit(1)).await;
    // Whoever does not name a namespace means the installation, wherever it is.
    if flags.namespace.is_none() && matches!(&found, Ok(list) if list.is_empty()) {
        let anywhere = Api::all_with(cluster.client.clone(), &resource);
        found = installation::list(&anywhere, &ListParams::default().limit(1)).await;
    }
    let found = found
        .map_err(subresource::plain)
        .context("error looking for the KubeVirt object")?;
    let Some(installation) = found.first() else {
        bail!(
            "there is no KubeVirt object in namespace {}: name the namespace of the installation with -n, see `kubectl get kubevirt -A`",
            cluster.namespace
        );
    };
    let host = names(installation, "pciHostDevices");
    let gpu = names(installation, "mediatedDevices");
    match arguments.output {
        Some(format) => output::print(
            &json!({ "hostDevices": host, "gpuDevices": gpu, "usbDevices": names(installation, "usb") }),
            format,
        ),
        None => {
            say::line(format_args!(
                "Permitted Devices: \nHost Devices: \n{} \nGPU Devices: \n{}",
                host.join(", "),
                gpu.join(", ")
            ));
            Ok(())
        }
    }
}

/// The resource names of the devices of one sort, each once.
fn names(installation: &Value, sort: &str) -> Vec<String> {
    let devices = installation
        .pointer(&format!("/spec/configuration/permittedHostDevices/{sort}"))
        .and_then(Value::as_array);
    let mut names: Vec<String> = Vec::new();
    for device in devices.into_iter().flatten() {
        if let Some(name) = device.get("resourceName").and_then(Value::as_str)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}
