//! Running kubectl and virtctl.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

/// A kubectl command for the cluster under test.
pub fn kubectl() -> Command {
    Command::new(crate::checkout().join("cluster/kubectl.sh"))
}

/// The virtctl of this build, for the cluster under test.
pub fn virtctl() -> Command {
    let mut command = Command::new(virtctl_path());
    command.env("KUBECONFIG", kubeconfig());
    command
}

/// Where the virtctl of this build is.
pub fn virtctl_path() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| crate::checkout().join("target"), PathBuf::from);
    std::env::var_os("VIRTCTL").map_or_else(|| target.join("debug/virtctl"), PathBuf::from)
}

/// The kubeconfig of the cluster under test.
pub fn kubeconfig() -> PathBuf {
    std::env::var_os("KUBECONFIG").map_or_else(|| state().join("admin.kubeconfig"), PathBuf::from)
}

/// The local cluster's state: logs, keys.
pub fn state() -> PathBuf {
    std::env::var_os("KUBEVIRT_STATE")
        .map_or_else(|| PathBuf::from("/var/lib/kubevirt-local"), PathBuf::from)
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Answer {
    /// Whether the exit status was 0.
    pub success: bool,
    /// The exit status; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Answer {
    /// Standard output of a command that must succeed.
    pub fn text(self) -> anyhow::Result<String> {
        if !self.success {
            bail!("{}{}", self.stderr.trim(), self.stdout.trim());
        }
        Ok(self.stdout)
    }

    /// Standard error of a command that must fail.
    pub fn refusal(self) -> anyhow::Result<String> {
        if self.success {
            bail!("it succeeded: {}", self.stdout.trim());
        }
        Ok(self.stderr)
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            success: output.status.success(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command, arguments: &[&str]) -> anyhow::Result<Answer> {
    let output = command.args(arguments).stdin(Stdio::null()).output();
    Ok(output
        .with_context(|| format!("cannot run {command:?}"))?
        .into())
}

/// Runs a command with `input` on its standard input.
pub fn run_with_input(
    command: &mut Command,
    arguments: &[&str],
    input: &str,
) -> anyhow::Result<Answer> {
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {command:?}"))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    Ok(child.wait_with_output()?.into())
}

/// `kubectl get … -o json`, cluster-wide or with `-n` among the arguments.
pub fn get(arguments: &[&str]) -> anyhow::Result<Value> {
    let mut command = kubectl();
    command.arg("get").args(arguments).args(["-o", "json"]);
    let text = run(&mut command, &[])?.text()?;
    serde_json::from_str(&text).context("kubectl printed no JSON")
}
