//! `guestosinfo`, `userlist` and `fslist`: what the guest agent says.

use anyhow::anyhow;
use clap::Args;

use crate::cli::Connection;
use crate::output::{self, Format};
use crate::target::Kind;
use crate::{client, subresource, suggest};

/// The arguments of all three.
#[derive(Debug, Args)]
pub(crate) struct Guest {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    name: String,
    /// Format of the output.
    #[arg(short, long, value_enum, default_value_t = Format::Json)]
    output: Format,
}

/// `virtctl guestosinfo VMI`.
pub(crate) async fn guestosinfo(flags: &Connection, arguments: &Guest) -> anyhow::Result<()> {
    show(flags, arguments, "guestosinfo", "guestosinfo").await
}

/// `virtctl userlist VMI`.
pub(crate) async fn userlist(flags: &Connection, arguments: &Guest) -> anyhow::Result<()> {
    show(flags, arguments, "userlist", "userlist").await
}

/// `virtctl fslist VMI`.
pub(crate) async fn fslist(flags: &Connection, arguments: &Guest) -> anyhow::Result<()> {
    show(flags, arguments, "filesystemlist", "the file systems").await
}

async fn show(
    flags: &Connection,
    arguments: &Guest,
    subresource: &str,
    what: &str,
) -> anyhow::Result<()> {
    let name = &arguments.name;
    let cluster = client::connect(flags).await?;
    let kind = Kind::VirtualMachineInstance;
    let path = subresource::path(&cluster.namespace, kind.resource(), name, subresource)?;
    match subresource::get_json(&cluster.client, &path).await {
        Ok(answer) => output::print(&answer, arguments.output),
        Err(error) => {
            let error = suggest::explain(&cluster, kind, name, error).await;
            Err(anyhow!("Error getting {what} of {kind} {name}: {error:#}"))
        }
    }
}
