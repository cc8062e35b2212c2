//! A namespace for one test, and what is done in it.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::kubectl::{Answer, kubectl, run, run_with_input, virtctl};
use crate::wait::{STEP, until, within};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A namespace that is deleted, with all that is in it, when the test ends.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// A new namespace whose name begins with `prefix`.
    pub fn new(prefix: &str) -> anyhow::Result<Self> {
        let name = format!(
            "{prefix}-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        run(&mut kubectl(), &["create", "namespace", &name])?.text()?;
        Ok(Self { name })
    }

    /// A new namespace that enforces Pod Security `restricted`.
    pub fn restricted(prefix: &str) -> anyhow::Result<Self> {
        let namespace = Self::new(prefix)?;
        let label = "pod-security.kubernetes.io/enforce=restricted";
        run(
            &mut kubectl(),
            &["label", "namespace", &namespace.name, label],
        )?
        .text()?;
        Ok(namespace)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// kubectl in this namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<Answer> {
        run(kubectl().args(["-n", &self.name]), arguments)
    }

    /// kubectl in this namespace with `input` on its standard input.
    pub fn kubectl_with_input(&self, arguments: &[&str], input: &str) -> anyhow::Result<Answer> {
        run_with_input(kubectl().args(["-n", &self.name]), arguments, input)
    }

    /// virtctl in this namespace.
    pub fn virtctl(&self, arguments: &[&str]) -> anyhow::Result<Answer> {
        run(virtctl().args(["-n", &self.name]), arguments)
    }

    /// A virtctl command in this namespace, to be started by the caller.
    pub fn virtctl_command(&self) -> Command {
        let mut command = virtctl();
        command.args(["-n", &self.name]);
        command
    }

    /// `kubectl apply` of a manifest, which need not be valid.
    pub fn try_apply(&self, manifest: &str) -> anyhow::Result<Answer> {
        run_with_input(
            kubectl().args(["-n", &self.name, "apply", "-f", "-"]),
            &[],
            manifest,
        )
    }

    /// `kubectl apply` of a manifest that must be accepted.
    pub fn apply(&self, manifest: &str) -> anyhow::Result<()> {
        self.try_apply(manifest)?.text().map(|_| ())
    }

    /// One object, or `None` when there is none.
    pub fn get(&self, kind: &str, name: &str) -> anyhow::Result<Option<Value>> {
        let text = self
            .kubectl(&["get", kind, name, "--ignore-not-found", "-o", "json"])?
            .text()?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&text)?))
    }

    /// The field at a JSON pointer, as text; empty when it is not there.
    pub fn field(&self, kind: &str, name: &str, pointer: &str) -> anyhow::Result<String> {
        let object = self.get(kind, name)?.unwrap_or_default();
        Ok(match object.pointer(pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        })
    }

    /// Waits until a field has a value.
    pub fn wait_field(
        &self,
        limit: Duration,
        kind: &str,
        name: &str,
        pointer: &str,
        value: &str,
    ) -> anyhow::Result<()> {
        let mut seen = String::new();
        let waited = within(
            limit,
            &format!("{kind}/{name}: {pointer} = {value}"),
            || {
                seen = self.field(kind, name, pointer)?;
                Ok(seen == value)
            },
        );
        waited.map_err(|error| error.context(format!("it was {seen:?}\n{}", self.describe(name))))
    }

    /// Waits until an object is gone.
    pub fn wait_gone(&self, limit: Duration, kind: &str, name: &str) -> anyhow::Result<()> {
        within(limit, &format!("the end of {kind}/{name}"), || {
            Ok(self.get(kind, name)?.is_none())
        })
        .map_err(|error| error.context(self.describe(name)))
    }

    /// The launcher pods of a VirtualMachineInstance.
    pub fn launcher_pods(&self, vmi: &str) -> anyhow::Result<Vec<Value>> {
        let selector = format!("vmi.kubevirt.io/id={vmi}");
        let text = self
            .kubectl(&["get", "pods", "-l", &selector, "-o", "json"])?
            .text()?;
        let list: Value = serde_json::from_str(&text)?;
        Ok(list
            .pointer("/items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default())
    }

    /// Name and address of the one launcher pod, once it has both.
    pub fn launcher_pod(&self, vmi: &str) -> anyhow::Result<(String, String)> {
        until(
            STEP,
            &format!("a launcher pod of {vmi} with an address"),
            || {
                let pods = self.launcher_pods(vmi)?;
                anyhow::ensure!(pods.len() == 1, "{vmi} has {} launcher pods", pods.len());
                let text = |pointer| {
                    pods.first()
                        .and_then(|pod| pod.pointer(pointer))
                        .and_then(Value::as_str)
                };
                Ok(text("/metadata/name")
                    .zip(text("/status/podIP"))
                    .map(|(name, ip)| (name.to_owned(), ip.to_owned())))
            },
        )
    }

    /// What a person would look at first when something about `name` is wrong.
    pub fn describe(&self, name: &str) -> String {
        let mut told = String::new();
        for arguments in [
            &["get", "vm,vmi,pod,pvc", "-o", "wide"][..],
            &["get", "events", "--sort-by=.lastTimestamp"][..],
            &["get", "vmi", name, "-o", "yaml"][..],
        ] {
            if let Ok(answer) = self.kubectl(arguments) {
                told.push_str(&format!(
                    "$ kubectl {}\n{}{}\n",
                    arguments.join(" "),
                    answer.stdout,
                    answer.stderr
                ));
            }
        }
        told
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The next test does not wait for it; a failure to delete shows in the cluster, not here.
        let _ = run(
            &mut kubectl(),
            &["delete", "namespace", &self.name, "--wait=false"],
        );
    }
}
