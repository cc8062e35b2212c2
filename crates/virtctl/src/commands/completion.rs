//! `virtctl completion`, `virtctl man`: made from the tree of commands.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::cli::Cli;

/// `virtctl completion`.
#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Known,
}

/// The shells that have a script.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
}

/// `virtctl man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command whose page to print, such as `memory-dump get`; that of virtctl itself without one.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this directory instead, which is made if need be.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "command")]
    directory: Option<PathBuf>,
}

/// `virtctl completion SHELL`.
pub(crate) fn completion(arguments: &Completion) -> anyhow::Result<()> {
    let shell = match arguments.shell {
        Known::Bash => Shell::Bash,
        Known::Zsh => Shell::Zsh,
        Known::Fish => Shell::Fish,
        Known::Powershell => Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "virtctl", &mut script);
    print(&script)
}

/// `virtctl man [COMMAND]...`.
pub(crate) fn man(arguments: &Man) -> anyhow::Result<()> {
    let mut root = Cli::command();
    if let Some(directory) = &arguments.directory {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make the directory {}", directory.display()))?;
        return clap_mangen::generate_to(root, directory)
            .with_context(|| format!("cannot write the pages into {}", directory.display()));
    }
    // Names of the kind `virtctl-start`, and global flags in every command.
    root.build();
    let mut command: &Command = &root;
    for name in &arguments.command {
        command = command.find_subcommand(name).with_context(|| {
            format!("{} has no command {name:?}: see --help", command.get_name())
        })?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    print(&page)
}

/// Writes to standard output, whose reader may have seen enough.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script_with_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "virtctl", &mut script);
            let script = String::from_utf8(script).unwrap();
            for command in ["migrate-cancel", "removevolume", "log-verbosity", "dry-run"] {
                assert!(script.contains(command), "{shell}: {command}");
            }
        }
    }
}
