//! `virtctl objectgraph`: the objects that a machine depends on, as a tree.

use anyhow::anyhow;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::cli::Connection;
use crate::output::{self, Format};
use crate::target::Kind;
use crate::{client, key_value, subresource, suggest};

/// `virtctl objectgraph`.
#[derive(Debug, Args)]
pub(crate) struct ObjectGraph {
    /// Name of the VirtualMachine, or of the VirtualMachineInstance with --vmi.
    #[arg(value_name = "NAME")]
    name: String,
    /// The name is that of a VirtualMachineInstance.
    #[arg(long)]
    vmi: bool,
    /// Leave out what the machine can do without.
    #[arg(long)]
    exclude_optional: bool,
    /// Only objects with these labels.
    #[arg(
        long,
        value_name = "KEY=VALUE,...",
        value_delimiter = ',',
        value_parser = key_value::parse
    )]
    selector: Vec<(String, String)>,
    /// Format of the output.
    #[arg(short, long, value_enum, default_value_t = Format::Json)]
    output: Format,
}

/// `virtctl objectgraph NAME`.
pub(crate) async fn run(flags: &Connection, arguments: &ObjectGraph) -> anyhow::Result<()> {
    let name = &arguments.name;
    let kind = if arguments.vmi {
        Kind::VirtualMachineInstance
    } else {
        Kind::VirtualMachine
    };
    let mut options = json!({ "includeOptionalNodes": !arguments.exclude_optional });
    if !arguments.selector.is_empty() {
        let labels: Map<String, Value> = arguments
            .selector
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect();
        options["labelSelector"] = json!({ "matchLabels": labels });
    }
    let cluster = client::connect(flags).await?;
    let path = subresource::path(&cluster.namespace, kind.resource(), name, "objectgraph")?;
    match subresource::get_json_with(&cluster.client, &path, &options).await {
        Ok(graph) => output::print(&graph, arguments.output),
        Err(error) => {
            let error = suggest::explain(&cluster, kind, name, error).await;
            Err(anyhow!(
                "error getting the object graph of {kind} {name}: {error:#}"
            ))
        }
    }
}
