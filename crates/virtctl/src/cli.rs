//! The commands and flags, as users of upstream's virtctl know them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

/// Controls virtual machines: what kubectl cannot do for a VirtualMachine.
#[derive(Debug, Parser)]
#[command(name = "virtctl", disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which cluster, as whom, in which namespace: kubectl's own flags.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct Connection {
    /// Path to the kubeconfig file.
    #[arg(long, global = true)]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig to use.
    #[arg(long, global = true)]
    pub(crate) context: Option<String>,
    /// Cluster of the kubeconfig to use.
    #[arg(long, global = true)]
    pub(crate) cluster: Option<String>,
    /// User of the kubeconfig to use.
    #[arg(long, global = true)]
    pub(crate) user: Option<String>,
    /// Namespace of the virtual machine.
    #[arg(short, long, global = true)]
    pub(crate) namespace: Option<String>,
    /// Address of the Kubernetes API server.
    #[arg(short, long, global = true)]
    pub(crate) server: Option<String>,
    /// Bearer token for the API server.
    #[arg(long, global = true)]
    pub(crate) token: Option<String>,
    /// User to impersonate.
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) impersonate: Option<String>,
    /// Group to impersonate; may be repeated.
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub(crate) impersonate_groups: Vec<String>,
    /// Certificate authority that the API server's certificate must come from.
    #[arg(long, global = true)]
    pub(crate) certificate_authority: Option<PathBuf>,
    /// Client certificate file for TLS.
    #[arg(long, global = true)]
    pub(crate) client_certificate: Option<PathBuf>,
    /// Client key file for TLS.
    #[arg(long, global = true)]
    pub(crate) client_key: Option<PathBuf>,
    /// Do not check the API server's certificate. This makes the connection insecure.
    #[arg(long, global = true)]
    pub(crate) insecure_skip_tls_verify: bool,
    /// Name that the API server's certificate must carry.
    #[arg(long, global = true)]
    pub(crate) tls_server_name: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a virtual machine.
    Start(Start),
    /// Stop a virtual machine.
    Stop(Stop),
    /// Restart a virtual machine.
    Restart(Stop),
    /// Connect to the serial console of a virtual machine instance.
    Console(Console),
    /// Print the version of the client and of the server.
    Version(Version),
}

/// `virtctl start`.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Start with the guest's processors halted.
    #[arg(long)]
    pub(crate) paused: bool,
    /// Check the request without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `virtctl stop` and `virtctl restart`.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Do not wait for the guest longer than --grace-period says.
    #[arg(long, requires = "grace_period")]
    pub(crate) force: bool,
    /// Seconds that the guest has to shut down; only together with --force.
    #[arg(
        long,
        requires = "force",
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(crate) grace_period: Option<i64>,
    /// Check the request without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `virtctl console`.
#[derive(Debug, Args)]
pub(crate) struct Console {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    pub(crate) name: String,
    /// Minutes to wait for the virtual machine to run.
    #[arg(long, default_value_t = 5, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(0..=1440))]
    pub(crate) timeout: u64,
}

/// `virtctl version`.
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Print the client's version only.
    #[arg(short, long)]
    pub(crate) client: bool,
}

/// The process's arguments, with the program's name as the user sees it: called through a file such as `kubectl-virt`, kubectl
/// shows it as `kubectl virt`.
pub(crate) fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let shown = arguments
        .first()
        .and_then(|path| Path::new(path).file_name())
        .and_then(|name| name.to_str())
        .and_then(|name| {
            name.strip_suffix("-virt")
                .map(|program| format!("{program} virt"))
        });
    if let (Some(shown), Some(first)) = (shown, arguments.first_mut()) {
        *first = shown.into();
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn force_and_grace_period_go_together() {
        assert!(Cli::try_parse_from(["virtctl", "stop", "vm1", "--force"]).is_err());
        assert!(Cli::try_parse_from(["virtctl", "stop", "vm1", "--grace-period", "0"]).is_err());
        assert!(
            Cli::try_parse_from(["virtctl", "stop", "vm1", "--force", "--grace-period", "0"])
                .is_ok()
        );
    }

    #[test]
    fn a_wrong_command_suggests_the_near_one() {
        let error = Cli::try_parse_from(["virtctl", "strat", "vm1"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("start"), "{error}");
    }
}
