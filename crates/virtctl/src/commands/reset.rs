//! `virtctl soft-reboot`, `virtctl reset`: the guest begins anew without a new pod.

use anyhow::anyhow;
use clap::Args;

use crate::cli::Connection;
use crate::target::Kind;
use crate::{client, say, subresource, suggest};

/// `virtctl soft-reboot` and `virtctl reset`.
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    name: String,
}

/// `virtctl soft-reboot VMI`.
pub(crate) async fn soft_reboot(flags: &Connection, arguments: &Reset) -> anyhow::Result<()> {
    call(flags, &arguments.name, "softreboot", "soft rebooting").await?;
    say::line(format_args!(
        "VMI {} was scheduled to soft-reboot",
        arguments.name
    ));
    Ok(())
}

/// `virtctl reset VMI`.
pub(crate) async fn reset(flags: &Connection, arguments: &Reset) -> anyhow::Result<()> {
    call(flags, &arguments.name, "reset", "resetting").await?;
    say::line(format_args!(
        "VMI {} was scheduled to reset",
        arguments.name
    ));
    Ok(())
}

async fn call(
    flags: &Connection,
    name: &str,
    subresource: &str,
    doing: &str,
) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let kind = Kind::VirtualMachineInstance;
    let path = subresource::path(&cluster.namespace, kind.resource(), name, subresource)?;
    match subresource::put_nothing(&cluster.client, &path).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let error = suggest::explain(&cluster, kind, name, error).await;
            Err(anyhow!("Error {doing} {kind} {name}: {error:#}"))
        }
    }
}
