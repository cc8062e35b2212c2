//! `virtctl adm log-verbosity`

use anyhow::{Context, bail};
use clap::Args;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};

use super::verbosities::{Plan, of_component, patch};
use crate::cli::Connection;
use crate::{client, installation, say, subresource};

/// `virtctl adm log-verbosity`: a flag without a value, or with 10, shows; 0 to 9 sets.
#[derive(Debug, Args)]
pub(crate) struct LogVerbosity {
    /// Show or set the verbosity of virt-api.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    virt_api: Option<u8>,
    /// Show or set the verbosity of virt-controller.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    virt_controller: Option<u8>,
    /// Show or set the verbosity of virt-handler.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    virt_handler: Option<u8>,
    /// Show or set the verbosity of virt-launcher.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    virt_launcher: Option<u8>,
    /// Show or set the verbosity of virt-operator.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    virt_operator: Option<u8>,
    /// Show or set the verbosity of all components; a component's own flag goes before it.
    #[arg(long, value_name = "0-9", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u8).range(0..=10))]
    all: Option<u8>,
    /// Take back what was set, for all components.
    #[arg(long)]
    reset: bool,
}

/// `virtctl adm log-verbosity`.
pub(crate) async fn run(flags: &Connection, arguments: &LogVerbosity) -> anyhow::Result<()> {
    let components = [
        arguments.virt_api,
        arguments.virt_controller,
        arguments.virt_handler,
        arguments.virt_launcher,
        arguments.virt_operator,
    ];
    let plan = Plan::read(arguments.all, components, arguments.reset)?;
    let cluster = client::connect(flags).await?;
    let resource = installation::resource();
    let anywhere = Api::all_with(cluster.client.clone(), &resource);
    let found = installation::list(&anywhere, &ListParams::default().limit(1))
        .await
        .map_err(subresource::plain)
        .context("error looking for the KubeVirt object")?;
    let place = |installation: &serde_json::Value, key: &str| {
        let value = installation.pointer(&format!("/metadata/{key}"));
        value.and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let Some((installation, namespace, name)) = found.first().and_then(|installation| {
        Some((
            installation,
            place(installation, "namespace")?,
            place(installation, "name")?,
        ))
    }) else {
        bail!("there is no KubeVirt object in the cluster: KubeVirt is not installed");
    };
    match plan {
        Plan::Show(components) => {
            for component in components {
                say::line(format_args!(
                    "{component}={}",
                    of_component(installation, component)
                ));
            }
        }
        Plan::Change { reset, values } => {
            if let Some(operations) = patch(installation, reset, &values) {
                let api: Api<kube::core::DynamicObject> =
                    Api::namespaced_with(cluster.client, &namespace, &resource);
                let operations = serde_json::from_value(operations)?;
                api.patch(
                    &name,
                    &PatchParams::default(),
                    &Patch::<()>::Json(operations),
                )
                .await
                .map_err(subresource::plain)
                .with_context(|| format!("error patching KubeVirt {namespace}/{name}"))?;
            }
            say::line("successfully set/reset the log verbosity");
        }
    }
    Ok(())
}
