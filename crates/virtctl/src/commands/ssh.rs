//! `ssh`, `scp`: the user's own OpenSSH programs, which reach the guest through `port-forward --stdio`.
//!
//! So all of OpenSSH is there: agents, keys, configuration (for hosts named `vmi.NAME.NAMESPACE`), host key checks. The guest's
//! host keys have a file of their own, because addresses are reused much more often than those of real hosts.

mod copy;
mod proxy;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgAction, Args};
use tokio::process::Command;

use crate::cli::Connection;
use crate::target::Login;
use crate::{client, process};

/// What to do when there is no ssh.
const REMEDY: &str =
    "install the OpenSSH client, or use another client through `virtctl port-forward`";

/// How to reach the guest, for both commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// User in the guest [default: $USER, $USERNAME or $LOGNAME].
    #[arg(short = 'l', long)]
    pub(crate) username: Option<String>,
    /// File of the private key [default: what ssh finds].
    #[arg(short = 'i', long, value_name = "FILE")]
    pub(crate) identity_file: Option<PathBuf>,
    /// File of the known host keys.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "~/.ssh/kubevirt_known_hosts"
    )]
    pub(crate) known_hosts: PathBuf,
    /// Port of the guest's SSH server.
    #[arg(short, long, default_value_t = 22, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Option for the local program, such as "-o StrictHostKeyChecking=no"; may be repeated.
    #[arg(short = 't', long, value_name = "OPTION", allow_hyphen_values = true, action = ArgAction::Append)]
    pub(crate) local_ssh_opts: Vec<OsString>,
}

/// Open an SSH session to a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Ssh {
    /// The machine, vm/NAME or vmi/NAME, perhaps with the user.
    #[arg(value_name = "[USER@]TYPE/NAME[/NAMESPACE]")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) options: Options,
    /// Command to run in the guest instead of a shell.
    #[arg(short, long)]
    pub(crate) command: Option<String>,
}

/// Copy files to or from a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Scp {
    /// What to copy. One side is a local path, the other [USER@]TYPE/NAME[/NAMESPACE]:PATH.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// Where to.
    #[arg(value_name = "DESTINATION")]
    pub(crate) destination: String,
    #[command(flatten)]
    pub(crate) options: Options,
    /// Copy directories with all that is in them.
    #[arg(short, long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) recursive: bool,
    /// Keep modification times and modes.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) preserve: bool,
}

/// `virtctl ssh`.
pub(crate) async fn ssh(flags: &Connection, arguments: &Ssh) -> anyhow::Result<()> {
    let login = Login::parse(&arguments.target)?;
    let host = Host::find(flags, login, &arguments.options).await?;
    let mut command = Command::new("ssh");
    command.args(options(flags, &host, &arguments.options)?);
    command.arg(host.login());
    command.args(&arguments.command);
    run(command, "ssh").await
}

/// `virtctl scp`.
pub(crate) async fn scp(flags: &Connection, arguments: &Scp) -> anyhow::Result<()> {
    let copy = copy::Copy::parse(&arguments.source, &arguments.destination)?;
    let host = Host::find(flags, copy.login.clone(), &arguments.options).await?;
    let mut command = Command::new("scp");
    command.args(options(flags, &host, &arguments.options)?);
    if arguments.recursive {
        command.arg("-r");
    }
    if arguments.preserve {
        command.arg("-p");
    }
    command.args(copy.arguments(&host.login()));
    run(command, "scp").await
}

async fn run(command: Command, name: &str) -> anyhow::Result<()> {
    let status = process::run_to_end(command, REMEDY).await?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}

/// The machine as OpenSSH sees it.
struct Host {
    user: Option<String>,
    /// `kind/name/namespace`.
    target: String,
    /// `kind.name.namespace`.
    name: String,
}

impl Host {
    async fn find(flags: &Connection, login: Login, options: &Options) -> anyhow::Result<Self> {
        let namespace = match (&login.target.namespace, &flags.namespace) {
            (Some(namespace), _) | (None, Some(namespace)) => namespace.clone(),
            (None, None) => client::connect(flags).await?.namespace,
        };
        let (kind, name) = (login.target.kind.short(), &login.target.name);
        // Neither may become an option or a path of OpenSSH.
        crate::subresource::path(
            &namespace,
            login.target.kind.resource(),
            name,
            "portforward",
        )?;
        let user = login.user.or_else(|| options.username.clone());
        let user = user.or_else(|| user_of(|name| std::env::var(name).ok()));
        if user
            .as_deref()
            .is_some_and(|user| user.is_empty() || user.starts_with('-'))
        {
            bail!("the user's name must not be empty or begin with '-'");
        }
        Ok(Self {
            user,
            target: format!("{kind}/{name}/{namespace}"),
            name: format!("{kind}.{name}.{namespace}"),
        })
    }

    fn login(&self) -> String {
        match &self.user {
            Some(user) => format!("{user}@{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The local user's name, which is the default in the guest.
fn user_of(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["USER", "USERNAME", "LOGNAME"]
        .into_iter()
        .find_map(|name| variable(name).filter(|user| !user.is_empty()))
}

/// The options that ssh and scp share. OpenSSH takes the first value that it is given, so the user's come before our own.
fn options(flags: &Connection, host: &Host, options: &Options) -> anyhow::Result<Vec<OsString>> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let mut all = vec![
        "-o".into(),
        proxy::option(&program, flags, &host.target, options.port),
    ];
    all.extend(options.local_ssh_opts.iter().cloned());
    if let Some(file) = &options.identity_file {
        all.extend(["-i".into(), file.into()]);
    }
    all.extend(["-o".into(), proxy::known_hosts(&options.known_hosts)]);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command as Subcommand};

    fn parsed(arguments: &[&str]) -> Ssh {
        let all = ["virtctl", "ssh"].iter().chain(arguments);
        match Cli::try_parse_from(all).unwrap().command {
            Subcommand::Ssh(ssh) => ssh,
            other => panic!("{other:?}"),
        }
    }

    async fn host(arguments: &Ssh) -> anyhow::Result<Host> {
        let flags = Connection {
            namespace: Some("team".to_owned()),
            ..Connection::default()
        };
        Host::find(&flags, Login::parse(&arguments.target)?, &arguments.options).await
    }

    #[tokio::test]
    async fn the_user_comes_from_the_target_the_flag_or_the_environment() {
        let ssh = parsed(&["-l", "flag", "vm/one"]);
        assert_eq!(host(&ssh).await.unwrap().login(), "flag@vm.one.team");
        let ssh = parsed(&["-l", "flag", "root@vmis/one/two"]);
        let found = host(&ssh).await.unwrap();
        assert_eq!(found.login(), "root@vmi.one.two");
        assert_eq!(found.target, "vmi/one/two");
        let of = |set: &'static str| user_of(move |name| (name == set).then(|| "me".to_owned()));
        assert_eq!(of("LOGNAME").as_deref(), Some("me"));
        assert_eq!(of("HOME"), None);
    }

    #[tokio::test]
    async fn nothing_can_become_an_option() {
        assert!(
            host(&parsed(&["--", "-oProxyCommand=x@vm/one"]))
                .await
                .is_err()
        );
        assert!(host(&parsed(&["root@vm/one two"])).await.is_err());
        assert!(host(&parsed(&["root@vm/one/a b"])).await.is_err());
    }

    #[tokio::test]
    async fn the_users_options_come_before_ours() {
        let ssh = parsed(&[
            "-t",
            "-o UserKnownHostsFile=/dev/null",
            "-t",
            "-v",
            "-p",
            "2222",
            "-c",
            "ls -l",
            "vm/one",
        ]);
        assert_eq!(ssh.command.as_deref(), Some("ls -l"));
        let host = host(&ssh).await.unwrap();
        let all = options(&Connection::default(), &host, &ssh.options).unwrap();
        let all: Vec<String> = all.iter().map(|one| one.display().to_string()).collect();
        assert!(
            all[1].ends_with(" port-forward --stdio=true vm/one/team 2222"),
            "{all:?}"
        );
        let expected = [
            "-o UserKnownHostsFile=/dev/null",
            "-v",
            "-o",
            "UserKnownHostsFile=\"~/.ssh/kubevirt_known_hosts\"",
        ];
        assert_eq!(all[2..], expected);
        let ssh = parsed(&["-i", "key", "vm/one"]);
        let all = options(&Connection::default(), &host, &ssh.options).unwrap();
        assert_eq!(all[2..4], ["-i", "key"]);
    }
}
