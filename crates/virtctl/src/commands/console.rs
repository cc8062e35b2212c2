//! `console`: the guest's serial console in the user's terminal.
//!
//! Bytes go both ways unchanged. Ctrl+] (or Ctrl+5), byte 0x1d, ends the session and is not sent. Standard input may be a
//! terminal, which is put into raw mode, a pty of a script, a pipe or `/dev/null`; the end of a pipe ends the typing, not the
//! session. When a server on the way restarts, the session goes on with a new connection.

mod session;
pub(crate) mod terminal;
mod typing;

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use crate::cli::Connection;
use crate::signals::Signals;
use crate::{client, subresource, websocket};

/// `virtctl console`.
#[derive(Debug, Args)]
pub(crate) struct Console {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    pub(crate) name: String,
    /// Minutes to wait for the virtual machine to run, or for a broken connection to come back.
    #[arg(long, default_value_t = 5, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(0..=1440))]
    pub(crate) timeout: u64,
}

/// `virtctl console VMI`.
pub(crate) async fn run(flags: &Connection, arguments: &Console) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let name = &arguments.name;
    let path = subresource::path(
        &cluster.namespace,
        "virtualmachineinstances",
        name,
        "console",
    )?;
    let patience = Duration::from_secs(arguments.timeout.saturating_mul(60));
    let stream = websocket::first(&cluster, name, &path, Instant::now() + patience).await?;
    eprintln!("Successfully connected to {name} console. Press Ctrl+] or Ctrl+5 to exit console.");
    let mut signals = Signals::catch()?;
    let raw = terminal::Raw::enable().context("cannot put the terminal into raw mode")?;
    let session = session::Session {
        cluster: &cluster,
        name,
        path: &path,
        patience,
    };
    let typing = typing::start(tokio::io::stdin(), terminal::on_terminal());
    let ended = session
        .run(stream, typing, tokio::io::stdout(), &mut signals)
        .await;
    drop(raw);
    if let Some(reason) = ended? {
        eprintln!("\nThe console was closed: {reason}");
    }
    Ok(())
}
