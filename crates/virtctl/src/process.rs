//! Programs of the user's machine that commands run.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};

use crate::signals::Signals;

/// How long a program that is asked to end may take.
const END: Duration = Duration::from_secs(2);

/// Runs a program that has the terminal until it ends. An interrupt from the keyboard is the program's to handle.
///
/// # Errors
/// When it cannot be started, with `remedy` if there is no such program, and when a signal ends us; it is then ended, too.
pub(crate) async fn run_to_end(mut command: Command, remedy: &str) -> anyhow::Result<ExitStatus> {
    let mut signals = Signals::catch()?;
    let name = command.as_std().get_program().to_os_string();
    let mut child = start(&mut command, remedy)?;
    tokio::select! {
        status = child.wait() => status.with_context(|| format!("cannot wait for {}", name.display())),
        error = signals.terminated() => {
            end(&mut child).await;
            Err(error)
        }
    }
}

/// Starts a program. It is killed when the value goes.
///
/// # Errors
/// When it cannot be started, with `remedy` if there is no such program.
pub(crate) fn start(command: &mut Command, remedy: &str) -> anyhow::Result<Child> {
    let name = command.as_std().get_program().to_os_string();
    command.kill_on_drop(true).spawn().map_err(|error| {
        let name = name.display();
        if error.kind() == std::io::ErrorKind::NotFound {
            anyhow::anyhow!("cannot run {name}, there is no such program: {remedy}")
        } else {
            anyhow::Error::new(error).context(format!("cannot run {name}"))
        }
    })
}

/// Asks a program to end, and ends it when it does not.
pub(crate) async fn end(child: &mut Child) {
    let id = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id {
        // It may just have ended by itself.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
    if tokio::time::timeout(END, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

/// Where a program is, as a shell would find it in the directories of `path` (`$PATH`).
pub(crate) fn find(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|directory| directory.join(name))
        .find(|file| executable(file))
}

/// Whether `file` is a program.
pub(crate) fn executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_program_has_a_remedy() {
        let command = Command::new("no-such-program-here");
        let error = run_to_end(command, "install it").await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("no-such-program-here") && text.ends_with("install it"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn the_status_of_a_program_is_told() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 3"]);
        assert_eq!(run_to_end(command, "").await.unwrap().code(), Some(3));
    }

    #[tokio::test]
    async fn a_program_that_does_not_want_to_end_is_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
        let mut child = start(&mut command, "").unwrap();
        end(&mut child).await;
        assert!(child.try_wait().unwrap().is_some());
    }

    #[test]
    fn programs_are_found_in_the_path() {
        let path = std::env::var_os("PATH").unwrap();
        assert!(find(&path, "sh").is_some());
        assert_eq!(find(&path, "no-such-program-here"), None);
    }
}
