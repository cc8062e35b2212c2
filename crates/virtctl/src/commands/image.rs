//! `image`: containerDisks without a container engine.

mod archive;
mod build;
mod digest;
mod format;
mod layer;
mod manifest;
mod push;
mod reference;
mod registry;

use clap::{Args, Subcommand};

use crate::cli::Connection;

/// `virtctl image`.
#[derive(Debug, Args)]
pub(crate) struct Image {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a containerDisk from a qcow2 or raw disk and push it to a registry, or save it as an archive.
    Build(build::Build),
}

/// `virtctl image ...`: needs no cluster.
pub(crate) async fn run(_flags: &Connection, arguments: &Image) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Build(arguments) => build::run(arguments).await,
    }
}
