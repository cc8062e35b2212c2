//! `virtctl expand`: a VirtualMachine with its instancetype and preference written out.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use serde_json::Value;

use crate::cli::Connection;
use crate::output::{self, Format};
use crate::target::Kind;
use crate::{client, subresource, suggest};

/// The largest manifest, in bytes: more than an API server takes.
const LARGEST: u64 = 3 * 1024 * 1024;

/// `virtctl expand`.
#[derive(Debug, Args)]
pub(crate) struct Expand {
    /// Name of the VirtualMachine.
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    vm: Option<String>,
    /// File with the VirtualMachine's manifest, in YAML or JSON; `-` is standard input.
    #[arg(short, long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Format of the output.
    #[arg(short, long, value_enum, default_value_t = Format::Yaml)]
    output: Format,
}

/// `virtctl expand --vm NAME` and `virtctl expand --file PATH`.
pub(crate) async fn run(flags: &Connection, arguments: &Expand) -> anyhow::Result<()> {
    let expanded = match (&arguments.vm, &arguments.file) {
        (Some(name), _) => of_cluster(flags, name).await?,
        (None, Some(path)) => of_file(flags, path).await?,
        (None, None) => anyhow::bail!("give --vm NAME or --file PATH"),
    };
    output::print(&expanded, arguments.output)
}

async fn of_cluster(flags: &Connection, name: &str) -> anyhow::Result<Value> {
    let cluster = client::connect(flags).await?;
    let kind = Kind::VirtualMachine;
    let path = subresource::path(&cluster.namespace, kind.resource(), name, "expand-spec")?;
    match subresource::get_json(&cluster.client, &path).await {
        Ok(expanded) => Ok(expanded),
        Err(error) => {
            let error = suggest::explain(&cluster, kind, name, error).await;
            Err(anyhow!(
                "error expanding VirtualMachine - {name} in namespace - {}: {error:#}",
                cluster.namespace
            ))
        }
    }
}

async fn of_file(flags: &Connection, path: &Path) -> anyhow::Result<Value> {
    let text = read(path).with_context(|| format!("cannot read --file {}", path.display()))?;
    let machine: Value = serde_saphyr::from_str(&text)
        .with_context(|| format!("--file {} is neither YAML nor JSON", path.display()))?;
    let kind = machine.get("kind").and_then(Value::as_str);
    ensure!(
        kind == Some("VirtualMachine"),
        "--file {} has a {}, not a VirtualMachine",
        path.display(),
        kind.unwrap_or("manifest without a kind")
    );
    let cluster = client::connect(flags).await?;
    // The manifest's own namespace holds its instancetype, unless the user names one.
    let namespace = match (&flags.namespace, machine.pointer("/metadata/namespace")) {
        (None, Some(Value::String(namespace))) if !namespace.is_empty() => namespace,
        _ => &cluster.namespace,
    };
    let call = subresource::beneath(namespace, "expand-vm-spec")?;
    subresource::put_json(&cluster.client, &call, &machine)
        .await
        .with_context(|| format!("error expanding the VirtualMachine of {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let count = if path.as_os_str() == "-" {
        std::io::stdin()
            .take(LARGEST + 1)
            .read_to_string(&mut text)?
    } else {
        std::fs::File::open(path)?
            .take(LARGEST + 1)
            .read_to_string(&mut text)?
    };
    ensure!(
        u64::try_from(count)? <= LARGEST,
        "it is larger than {LARGEST} bytes, so it is no manifest that a cluster would take"
    );
    Ok(text)
}
