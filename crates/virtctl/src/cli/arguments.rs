//! The process's arguments, before clap reads them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{ArgAction, Command, CommandFactory};

use super::Cli;

/// The program's name as the user writes it, for messages that tell what to run next: `virtctl`, or `kubectl virt`.
pub(crate) fn program() -> String {
    let first = std::env::args_os().next().unwrap_or_default();
    shown(&first).unwrap_or_else(|| "virtctl".to_owned())
}

/// The process's arguments, with the program's name as the user sees it.
pub(crate) fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(first) = arguments.first_mut()
        && let Some(shown) = shown(first)
    {
        *first = shown.into();
    }
    // Building the tree of commands takes time that most calls need not spend.
    if arguments.iter().any(|argument| boolean(argument).is_some()) {
        return without_booleans(arguments, Cli::command());
    }
    arguments
}

/// A file that is called `kubectl-virt` or `oc-virt` is a plugin, which is called as `kubectl virt`.
fn shown(path: &OsStr) -> Option<String> {
    let name = Path::new(path).file_name()?.to_str()?;
    let name = name.strip_suffix(".exe").unwrap_or(name);
    Some(match name.strip_suffix("-virt") {
        Some(program) if !program.is_empty() => format!("{program} virt"),
        _ => name.to_owned(),
    })
}

/// The name and the value of `--name=true`.
fn boolean(argument: &OsStr) -> Option<(&str, bool)> {
    let (name, value) = argument.to_str()?.strip_prefix("--")?.split_once('=')?;
    let value = match value {
        "true" | "True" | "TRUE" | "t" | "T" | "1" => true,
        "false" | "False" | "FALSE" | "f" | "F" | "0" => false,
        _ => return None,
    };
    Some((name, value))
}

/// Scripts write `--dry-run=true`, as every flag without a value of a Go program takes one: makes `--dry-run` of it, and
/// nothing of `--dry-run=false`.
fn without_booleans(arguments: Vec<OsString>, root: Command) -> Vec<OsString> {
    let mut command = &root;
    let mut flags: Vec<String> = switches(command);
    let mut plain = Vec::with_capacity(arguments.len());
    let mut ended = false;
    for argument in arguments {
        ended |= argument == "--";
        match boolean(&argument) {
            Some((name, value)) if !ended && flags.iter().any(|flag| flag == name) => {
                if value {
                    plain.push(format!("--{name}").into());
                }
                continue;
            }
            _ => {}
        }
        if let Some(next) = argument
            .to_str()
            .and_then(|name| command.find_subcommand(name))
        {
            command = next;
            flags.extend(switches(command));
        }
        plain.push(argument);
    }
    plain
}

/// The flags of a command that take no value.
fn switches(command: &Command) -> Vec<String> {
    command
        .get_arguments()
        .filter(|argument| matches!(argument.get_action(), ArgAction::SetTrue))
        .filter_map(|argument| argument.get_long().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn a_plugin_is_shown_as_kubectl_shows_it() {
        for (path, name) in [
            ("/usr/bin/virtctl", "virtctl"),
            ("/home/a/.krew/bin/kubectl-virt", "kubectl virt"),
            ("./oc-virt", "oc virt"),
            ("kubectl-virt.exe", "kubectl virt"),
            ("-virt", "-virt"),
        ] {
            assert_eq!(shown(OsStr::new(path)).as_deref(), Some(name), "{path}");
        }
    }

    #[test]
    fn usage_of_a_plugin_names_kubectl() {
        let usage = Cli::try_parse_from(["kubectl virt", "start"])
            .unwrap_err()
            .to_string();
        assert!(usage.contains("Usage: kubectl virt start"), "{usage}");
        let help = Cli::try_parse_from(["kubectl virt", "--help"])
            .unwrap_err()
            .to_string();
        assert!(help.contains("Usage: kubectl virt"), "{help}");
        assert!(!help.contains("virtctl"), "{help}");
        let unknown = Cli::try_parse_from(["kubectl virt", "strat"])
            .unwrap_err()
            .to_string();
        assert!(
            unknown.contains("'start'") && unknown.contains("kubectl virt"),
            "{unknown}"
        );
    }

    fn plain(text: &str) -> String {
        let arguments = text.split(' ').map(OsString::from).collect();
        let plain = without_booleans(arguments, Cli::command());
        plain
            .iter()
            .filter_map(|argument| argument.to_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn switches_take_a_boolean() {
        assert_eq!(
            plain("virtctl start a --dry-run=true"),
            "virtctl start a --dry-run"
        );
        assert_eq!(plain("virtctl start a --paused=false"), "virtctl start a");
        assert_eq!(
            plain("virtctl --insecure-skip-tls-verify=1 start a"),
            "virtctl --insecure-skip-tls-verify start a"
        );
        for same in [
            "virtctl start a --name=true",
            "virtctl stop a --force --grace-period=0",
            "virtctl start -- --dry-run=true",
        ] {
            assert_eq!(plain(same), same);
        }
    }
}
