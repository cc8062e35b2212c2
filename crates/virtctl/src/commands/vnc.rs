//! `vnc`: the guest's display, in a viewer of the user's machine or through a local port.
//!
//! Each viewer that connects to the local port gets a stream of its own; the display is shared. When a server on the way
//! restarts, or the machine moves, the port stays: the next connection is served again, and a viewer that we started is
//! started again.

mod launch;
mod proxy;
mod screenshot;
mod viewer;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgAction, Args, Subcommand};

use crate::cli::Connection;
use crate::signals::Signals;
use crate::{client, subresource};
use proxy::{Event, Proxy};

/// Where the port is when nothing else is said.
const ADDRESS: &str = "127.0.0.1";

/// `virtctl vnc`.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct Vnc {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI", required = true)]
    pub(crate) name: Option<String>,
    /// Only print the local port, as JSON, and wait for a viewer.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) proxy_only: bool,
    /// Local address to listen on, with --proxy-only [default: 127.0.0.1].
    #[arg(long)]
    pub(crate) address: Option<String>,
    /// Local port to listen on; 0 is any free port.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Do not connect when somebody else's session would end.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) preserve_session: bool,
    /// Kind of the viewer to start.
    #[arg(long, value_enum)]
    pub(crate) vnc_type: Option<viewer::Kind>,
    /// Path of the viewer to start.
    #[arg(long, value_name = "FILE")]
    pub(crate) vnc_path: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<VncCommand>,
}

/// What else there is to do with a display.
#[derive(Debug, Subcommand)]
pub(crate) enum VncCommand {
    /// Save a picture of the display as PNG.
    Screenshot(screenshot::Screenshot),
}

/// `virtctl vnc`.
pub(crate) async fn run(flags: &Connection, arguments: &Vnc) -> anyhow::Result<()> {
    if let Some(VncCommand::Screenshot(arguments)) = &arguments.command {
        return screenshot::run(flags, arguments).await;
    }
    let name = arguments
        .name
        .as_deref()
        .context("which machine? name one")?;
    if arguments.address.is_some() && !arguments.proxy_only {
        bail!("--address is for --proxy-only: a viewer that is started here connects to {ADDRESS}");
    }
    let address = arguments.address.as_deref().unwrap_or(ADDRESS);
    // Looked for first: without a viewer there is no need to open anything.
    let viewer = if arguments.proxy_only {
        None
    } else {
        Some(viewer::find(
            arguments.vnc_type,
            arguments.vnc_path.as_deref(),
        )?)
    };
    let cluster = client::connect(flags).await?;
    let mut path = subresource::path(&cluster.namespace, "virtualmachineinstances", name, "vnc")?;
    if arguments.preserve_session {
        path.push_str("?preserveSession=true");
    }
    let mut signals = Signals::catch()?;
    let mut proxy = Proxy::open(cluster, name, &path, address, arguments.port).await?;
    let Some(viewer) = viewer else {
        println!("{}", serde_json::json!({"port": proxy.port()}));
        return tokio::select! {
            ended = serve(&mut proxy) => ended,
            error = signals.received() => Err(error),
        };
    };
    tokio::select! {
        ended = launch::run(&mut proxy, &viewer) => ended,
        error = signals.received() => Err(error),
    }
}

/// Serves viewers until the last of them has left or the machine stops.
async fn serve(proxy: &mut Proxy) -> anyhow::Result<()> {
    loop {
        match proxy.next().await? {
            Event::Connected => {}
            Event::Left if proxy.viewers() == 0 => return Ok(()),
            Event::Left => {}
            Event::Interrupted(reason) => {
                eprintln!("The display was interrupted: {reason}. Connect the viewer again.");
            }
            Event::Stopped(reason) => {
                eprintln!("The display was closed: {reason}");
                return Ok(());
            }
            Event::Refused(error) => eprintln!("The display cannot be opened: {error:#}"),
        }
    }
}

#[cfg(test)]
mod tests;
