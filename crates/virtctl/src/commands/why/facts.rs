//! What is known of a machine and of the things that it depends on.

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use super::look::{is_deleting, list, name, seen, text};

/// The objects as the API server has them. Lists are empty when there is nothing, or when `hidden` says why.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The machine's namespace.
    pub(crate) namespace: String,
    /// The machine's name.
    pub(crate) name: String,
    /// When the objects were read.
    pub(crate) now: Timestamp,
    /// The VirtualMachine.
    pub(crate) vm: Option<Value>,
    /// The VirtualMachineInstance.
    pub(crate) vmi: Option<Value>,
    /// Whether the API server knows VirtualMachines at all.
    pub(crate) not_installed: bool,
    /// Names of the machines in the namespace, for a name that does not exist.
    pub(crate) neighbours: Vec<String>,
    /// Launcher pods of the instance, the newest first.
    pub(crate) pods: Vec<Value>,
    /// Events about the VM, the instance, its pods and its claims, the newest first.
    pub(crate) events: Vec<Value>,
    /// PersistentVolumeClaims of the namespace; none when they could not be read.
    pub(crate) claims: Option<Vec<Value>>,
    /// DataVolumes of the namespace; none when the kind does not exist or they could not be read.
    pub(crate) data_volumes: Option<Vec<Value>>,
    /// Whether the API server knows no DataVolumes: CDI is not installed.
    pub(crate) no_importer: bool,
    /// Names of the storage classes; none when they could not be read.
    pub(crate) storage_classes: Option<Vec<Value>>,
    /// Nodes: the instance's own, or all when a pod waits for one.
    pub(crate) nodes: Vec<Value>,
    /// Whether the instance's node was looked for and is not there.
    pub(crate) node_is_missing: bool,
    /// Names of instancetypes or preferences, when the machine names one that cannot be had.
    pub(crate) offers: Vec<String>,
    /// Migrations of the instance.
    pub(crate) migrations: Vec<Value>,
    /// KubeVirt objects of the cluster.
    pub(crate) kubevirts: Vec<Value>,
    /// Deployments and DaemonSets of KubeVirt itself.
    pub(crate) components: Vec<Value>,
    /// virt-handler's pods; none when they could not be read.
    pub(crate) handlers: Option<Vec<Value>>,
    /// What could not be read, and why.
    pub(crate) hidden: Vec<String>,
}

impl Facts {
    /// The instance while it has not ended.
    pub(crate) fn living(&self) -> Option<&Value> {
        self.vmi.as_ref().filter(|vmi| !is_final(vmi))
    }

    /// The instance's phase; empty when there is no instance.
    pub(crate) fn phase(&self) -> &str {
        self.vmi
            .as_ref()
            .map_or("", |vmi| text(vmi, "/status/phase"))
    }

    /// The machine's run strategy, from either of the fields that say it; empty without a VM.
    pub(crate) fn run_strategy(&self) -> &str {
        let Some(vm) = &self.vm else { return "" };
        match vm.pointer("/spec/running").and_then(Value::as_bool) {
            Some(true) => "Always",
            Some(false) => "Halted",
            None => text(vm, "/spec/runStrategy"),
        }
    }

    /// Whether somebody has asked for a start that has not happened yet.
    pub(crate) fn start_is_requested(&self) -> bool {
        self.vm.as_ref().is_some_and(|vm| {
            list(vm, "/status/stateChangeRequests")
                .iter()
                .any(|request| text(request, "/action") == "Start")
        })
    }

    /// Whether virt-controller is to make an instance, or has made one that goes on.
    pub(crate) fn is_to_run(&self) -> bool {
        if self.vm.is_none() {
            return self.living().is_some();
        }
        match self.run_strategy() {
            "Always" => true,
            "Once" => self.vmi.as_ref().is_none_or(|vmi| !is_final(vmi)),
            "Halted" => false,
            _ => self.start_is_requested() || self.living().is_some(),
        }
    }

    /// The pod in which the guest is, or is to be: the newest that is not being deleted, else the newest.
    pub(crate) fn pod(&self) -> Option<&Value> {
        self.pods
            .iter()
            .find(|pod| !is_deleting(pod))
            .or_else(|| self.pods.first())
    }

    /// The newest event with one of these reasons, about an object of this kind.
    pub(crate) fn event(&self, kind: &str, reasons: &[&str]) -> Option<&Value> {
        self.events.iter().find(|event| {
            text(event, "/involvedObject/kind") == kind && reasons.contains(&text(event, "/reason"))
        })
    }

    /// The newest event of this reason about the present pod.
    pub(crate) fn pod_event(&self, reasons: &[&str]) -> Option<&Value> {
        let pod = name(self.pod()?);
        self.events.iter().find(|event| {
            text(event, "/involvedObject/kind") == "Pod"
                && text(event, "/involvedObject/name") == pod
                && reasons.contains(&text(event, "/reason"))
        })
    }

    /// A line of a remedy: kubectl in the machine's namespace.
    pub(crate) fn kubectl(&self, arguments: &str) -> String {
        format!("$ kubectl -n {} {arguments}", self.namespace)
    }

    /// A line of a remedy: virtctl in the machine's namespace.
    pub(crate) fn virtctl(&self, arguments: &str) -> String {
        format!("$ virtctl -n {} {arguments}", self.namespace)
    }

    /// The command that makes a changed template take effect.
    pub(crate) fn start_anew(&self) -> String {
        if self.vm.is_none() {
            return format!(
                "the VirtualMachineInstance {} has no VirtualMachine: delete it and create it again",
                self.name
            );
        }
        match self.run_strategy() {
            "Once" => self.virtctl(&format!(
                "stop {0} && virtctl -n {1} start {0}",
                self.name, self.namespace
            )),
            _ if self.living().is_some() => self.virtctl(&format!("restart {}", self.name)),
            _ => self.virtctl(&format!("start {}", self.name)),
        }
    }

    /// Whether it is to run, and its pod has not yet come so far that a guest could be started.
    pub(crate) fn is_preparing(&self) -> bool {
        self.is_to_run()
            && matches!(
                self.phase(),
                "" | "Pending" | "Scheduling" | "Succeeded" | "Failed"
            )
    }

    /// Seconds since a time.
    pub(crate) fn since(&self, time: Timestamp) -> i64 {
        self.now.as_second().saturating_sub(time.as_second())
    }

    /// The specification of the instance: its own, or the template's.
    pub(crate) fn spec(&self) -> Option<&Value> {
        match (&self.vmi, &self.vm) {
            (Some(vmi), _) if !is_final(vmi) => vmi.pointer("/spec"),
            (_, Some(vm)) => vm.pointer("/spec/template/spec"),
            (Some(vmi), None) => vmi.pointer("/spec"),
            (None, None) => None,
        }
    }

    /// Sorts what is told newest first.
    pub(crate) fn sort(&mut self) {
        self.events
            .sort_by_key(|event| std::cmp::Reverse(seen(event)));
        self.pods.sort_by_key(|pod| std::cmp::Reverse(seen(pod)));
    }
}

/// Whether an instance has ended for good.
pub(crate) fn is_final(vmi: &Value) -> bool {
    matches!(text(vmi, "/status/phase"), "Succeeded" | "Failed")
}
