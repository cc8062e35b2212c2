//! `memory-dump`: the memory of a running virtual machine, written to a claim.

mod claim;
mod completion;

use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::Connection;
use crate::client::{self, Cluster};
use crate::commands::export::{self, Download, Format, Keep, Source, What};
use crate::objects::{self, text};
use crate::signals::Signals;
use crate::subresource;

const RESOURCE: &str = "virtualmachines";
const READINESS: Duration = Duration::from_secs(120);

/// `virtctl memory-dump`.
#[derive(Debug, Args)]
pub(crate) struct MemoryDump {
    /// get makes a dump, download fetches the last one, remove takes its claim off the virtual machine.
    #[arg(value_enum)]
    action: Action,
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    name: String,
    /// The PersistentVolumeClaim for the dump. Default: that of the last dump.
    #[arg(long, value_name = "NAME")]
    claim_name: Option<String>,
    /// Make that claim.
    #[arg(long)]
    create_claim: bool,
    /// Storage class of the claim to be made.
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
    /// Access mode of the claim to be made: ReadWriteOnce or ReadWriteMany.
    #[arg(long, value_name = "MODE")]
    access_mode: Option<String>,
    /// File to download the dump to.
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    /// Download by a port of this computer.
    #[arg(long)]
    port_forward: bool,
    /// That port; 0 is a free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    local_port: u16,
    /// The form of the downloaded file.
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    Get,
    Download,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    Gzip,
    Raw,
}

/// `virtctl memory-dump get|download|remove VM`.
pub(crate) async fn run(flags: &Connection, arguments: &MemoryDump) -> anyhow::Result<()> {
    check(arguments)?;
    let cluster = client::connect(flags).await?;
    match arguments.action {
        Action::Get => {
            get(&cluster, arguments).await?;
            if arguments.output.is_some() {
                download(&cluster, arguments).await
            } else {
                Ok(())
            }
        }
        Action::Download => download(&cluster, arguments).await,
        Action::Remove => {
            let path = subresource::path(
                &cluster.namespace,
                RESOURCE,
                &arguments.name,
                "removememorydump",
            )?;
            subresource::put(&cluster.client, &path, &json!({}))
                .await
                .with_context(|| {
                    format!(
                        "error removing memory dump association of VirtualMachine {}",
                        arguments.name
                    )
                })?;
            println!(
                "Successfully submitted remove memory dump association of VM {}",
                arguments.name
            );
            Ok(())
        }
    }
}

fn check(arguments: &MemoryDump) -> anyhow::Result<()> {
    let get = arguments.action == Action::Get;
    for (flag, given) in [
        ("claim-name", arguments.claim_name.is_some()),
        ("create-claim", arguments.create_claim),
        ("storage-class", arguments.storage_class.is_some()),
        ("access-mode", arguments.access_mode.is_some()),
    ] {
        ensure!(get || !given, "the '--{flag}' flag is for get only");
    }
    if arguments.create_claim {
        ensure!(
            arguments
                .claim_name
                .as_deref()
                .is_some_and(|name| !name.is_empty()),
            "missing claim name: give --claim-name"
        );
    }
    if let Some(mode) = &arguments.access_mode {
        ensure!(
            mode != "ReadOnlyMany",
            "cannot dump memory to a readonly pvc, use either ReadWriteOnce or ReadWriteMany if supported"
        );
        ensure!(
            mode == "ReadWriteOnce" || mode == "ReadWriteMany",
            "--access-mode: {mode:?} is neither ReadWriteOnce nor ReadWriteMany"
        );
    }
    let output = arguments
        .output
        .as_deref()
        .is_some_and(|output| !output.is_empty());
    ensure!(
        output || arguments.action != Action::Download,
        "missing outputFile to download the memory dump: give --output"
    );
    for (flag, given) in [
        ("port-forward", arguments.port_forward),
        ("local-port", arguments.local_port != 0),
        ("format", arguments.format.is_some()),
    ] {
        ensure!(output || !given, "the '--{flag}' flag needs '--output'");
    }
    ensure!(
        arguments.action != Action::Remove || !output,
        "the '--output' flag is incompatible with 'remove'"
    );
    Ok(())
}

async fn get(cluster: &Cluster, arguments: &MemoryDump) -> anyhow::Result<()> {
    let name = &arguments.name;
    let claim = arguments.claim_name.as_deref().unwrap_or_default();
    if arguments.create_claim {
        claim::create(cluster, arguments, claim).await?;
        println!("PVC {}/{claim} created", cluster.namespace);
    }
    let path = subresource::path(&cluster.namespace, RESOURCE, name, "memorydump")?;
    let request = json!({ "claimName": claim, "phase": "" });
    subresource::put(&cluster.client, &path, &request)
        .await
        .with_context(|| format!("error dumping vm memory of VirtualMachine {name}"))?;
    println!("Successfully submitted memory dump request of VM {name}");
    Ok(())
}

async fn download(cluster: &Cluster, arguments: &MemoryDump) -> anyhow::Result<()> {
    let name = &arguments.name;
    let mut signals = Signals::catch()?;
    let claim = tokio::select! {
        claim = completion::wait(cluster, name) => claim?,
        error = signals.received() => return Err(error),
    };
    println!("Memory dump completed successfully");
    let source = Source {
        group: "",
        kind: "PersistentVolumeClaim",
        name: claim.clone(),
    };
    let download = Download {
        name: export_name(name, &claim),
        export: Some(export::Export::of(source)),
        what: What::Volume {
            name: None,
            format: match arguments.format {
                Some(FileFormat::Raw) => Format::Raw,
                _ => Format::Gzip,
            },
        },
        output: arguments.output.clone().unwrap_or_default(),
        keep: Keep::Found,
        insecure: false,
        port_forward: arguments.port_forward.then_some(arguments.local_port),
        service_url: None,
        retry: 0,
        readiness: READINESS,
    };
    export::carry_out(cluster, &download, &mut signals).await
}

fn export_name(machine: &str, claim: &str) -> String {
    format!("export-{machine}-{claim}")
}

/// The VirtualMachine, which must be there.
async fn machine(cluster: &Cluster, name: &str) -> anyhow::Result<Value> {
    let path = objects::path(
        "/apis/kubevirt.io/v1",
        &cluster.namespace,
        RESOURCE,
        Some(name),
    )?;
    let machine = objects::get(&cluster.client, &path).await?;
    machine.with_context(|| {
        format!(
            "there is no VirtualMachine {name} in namespace {}",
            cluster.namespace
        )
    })
}

/// The claim of the machine's dump; empty when it has none.
fn claim_of(machine: &Value) -> &str {
    text(machine, "/status/memoryDumpRequest/claimName")
}

#[cfg(test)]
mod tests;
