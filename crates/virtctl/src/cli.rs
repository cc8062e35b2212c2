//! The commands and flags, as users of upstream's virtctl know them.

mod arguments;
#[cfg(test)]
mod parity;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    adm, completion, console, create, credentials, expand, export, expose, guest, guestfs, image,
    image_upload, lifecycle, memory_dump, migration, object_graph, options, pause,
    permitted_devices, port_forward, reset, ssh, template, top, usbredir, version, vnc, volumes,
    wait, why,
};

pub(crate) use arguments::{arguments, program};

/// Controls virtual machines: what kubectl cannot do for a VirtualMachine.
#[derive(Debug, Parser)]
#[command(
    name = "virtctl",
    disable_version_flag = true,
    args_override_self = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads the arguments, of which the first is the program's name.
    ///
    /// # Errors
    /// What clap says, help included.
    pub(crate) fn read<T: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let mut cli = Self::try_parse_from(arguments)?;
        // These have a --user of their own, a user of the guest, which hides kubectl's; clap gives its value to both.
        if matches!(cli.command, Command::Credentials(_) | Command::Create(_)) {
            cli.connection.user = None;
        }
        Ok(cli)
    }
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
    /// UID to impersonate.
    #[arg(long = "as-uid", global = true, value_name = "UID")]
    pub(crate) impersonate_uid: Option<String>,
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
    /// How long one request may take, such as 5s or 1m; 0 for no limit. Default: 30s.
    #[arg(long, global = true, value_name = "DURATION", value_parser = crate::duration::parse)]
    pub(crate) request_timeout: Option<Duration>,
    /// How much to tell of the work on standard error: requests from 6 on.
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) verbosity: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a virtual machine.
    Start(lifecycle::Start),
    /// Stop a virtual machine.
    Stop(lifecycle::Stop),
    /// Restart a virtual machine.
    Restart(lifecycle::Restart),
    /// Move a running virtual machine to another node.
    Migrate(migration::Migrate),
    /// Cancel the migration of a virtual machine.
    MigrateCancel(migration::MigrateCancel),
    /// Cancel the evacuation of a virtual machine.
    EvacuateCancel(migration::EvacuateCancel),
    /// Pause a virtual machine.
    Pause(pause::Pause),
    /// Let a paused virtual machine go on.
    Unpause(pause::Pause),
    /// Ask the guest of a virtual machine instance to reboot.
    SoftReboot(reset::Reset),
    /// Reset a virtual machine instance at once, as with the button of a computer.
    Reset(reset::Reset),
    /// Add a volume to a running virtual machine.
    Addvolume(volumes::AddVolume),
    /// Remove a volume from a running virtual machine.
    Removevolume(volumes::RemoveVolume),
    /// Print what the guest agent says of the operating system.
    Guestosinfo(guest::Guest),
    /// Print who is logged in to the guest.
    Userlist(guest::Guest),
    /// Print the file systems of the guest.
    Fslist(guest::Guest),
    /// Print a virtual machine with its instancetype and preference applied.
    Expand(expand::Expand),
    /// Print the objects that a virtual machine depends on.
    Objectgraph(object_graph::ObjectGraph),
    /// Print the host devices that virtual machines may use.
    PermittedDevices(permitted_devices::PermittedDevices),
    /// Administrate the installation.
    Adm(adm::Adm),
    /// Print the flags that all commands have.
    #[command(hide = true)]
    Options(options::Options),
    /// Print a completion script for a shell.
    Completion(completion::Completion),
    /// Print or write the manual pages.
    Man(completion::Man),
    /// Connect to the serial console of a virtual machine instance.
    Console(console::Console),
    /// Print the version of the client and of the server.
    Version(version::Version),
    /// Open the display of a virtual machine instance.
    Vnc(vnc::Vnc),
    /// Forward local ports to a virtual machine.
    PortForward(port_forward::PortForward),
    /// Open an SSH session to a virtual machine.
    Ssh(ssh::Ssh),
    /// Copy files to or from a virtual machine.
    Scp(ssh::Scp),
    /// Redirect a local USB device to a virtual machine instance.
    Usbredir(usbredir::Usbredir),
    /// Expose a virtual machine as a Service.
    Expose(expose::Expose),
    /// Print a manifest.
    Create(create::Create),
    /// Work with templates of virtual machines.
    Template(template::Template),
    /// Change the credentials of a virtual machine.
    Credentials(credentials::Credentials),
    /// Work with containerDisks.
    Image(image::Image),
    /// Upload an image to a DataVolume or PersistentVolumeClaim.
    ImageUpload(image_upload::ImageUpload),
    /// Export the volumes of a virtual machine.
    Vmexport(export::Vmexport),
    /// Dump the memory of a virtual machine.
    MemoryDump(memory_dump::MemoryDump),
    /// Look into a PersistentVolumeClaim with libguestfs.
    Guestfs(guestfs::Guestfs),
    /// Say in words why a virtual machine does not run (yet).
    Why(why::Why),
    /// Show what virtual machines use.
    Top(top::Top),
    /// Wait until a virtual machine is ready, has its agent, or answers to SSH.
    Wait(wait::Wait),
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
