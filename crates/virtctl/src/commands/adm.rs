//! `virtctl adm`: administration of the installation.

mod log_verbosity;
mod verbosities;

use clap::{Args, Subcommand};

use crate::cli::Connection;

/// `virtctl adm`.
#[derive(Debug, Args)]
pub(crate) struct Adm {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show, set or reset how much the components log.
    #[command(alias = "logVerbosity")]
    LogVerbosity(log_verbosity::LogVerbosity),
}

/// `virtctl adm`.
pub(crate) async fn run(flags: &Connection, arguments: &Adm) -> anyhow::Result<()> {
    match &arguments.action {
        Action::LogVerbosity(arguments) => log_verbosity::run(flags, arguments).await,
    }
}
