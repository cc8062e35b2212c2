//! What is known about a launcher pod and its VirtualMachineInstance, as the watches bring it.

use std::net::IpAddr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod as ApiPod;
use kube::ResourceExt;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};
use kubevirt_core::vmi::{ComputeState, LauncherPod};

use super::plan;

/// A launcher pod of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PodFacts {
    /// What the controllers look at, too.
    pub(crate) pod: LauncherPod,
    pub(crate) namespace: String,
    /// The pod's addresses, the first is the one that users see.
    pub(crate) ips: Vec<IpAddr>,
}

impl PodFacts {
    /// Reduces a pod; None when no VirtualMachineInstance controls it, whatever its labels say.
    pub(crate) fn from_pod(pod: &ApiPod) -> Option<Self> {
        let status = pod.status.as_ref();
        let ips = status
            .and_then(|status| status.pod_ips.as_deref())
            .unwrap_or_default();
        Some(Self {
            namespace: pod.metadata.namespace.clone()?,
            ips: ips.iter().filter_map(|ip| ip.ip.parse().ok()).collect(),
            pod: LauncherPod::from_pod(pod)?,
        })
    }

    /// The exit code of virt-launcher, once it has exited.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        match self.pod.compute {
            ComputeState::Terminated { exit_code, .. } => Some(exit_code),
            _ => None,
        }
    }

    /// kubelet's reason for the end of the container, such as `OOMKilled`.
    pub(crate) fn exit_reason(&self) -> Option<&str> {
        match &self.pod.compute {
            ComputeState::Terminated { reason, .. } if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
}

/// What the dispatcher tells a supervisor; the newest is all that counts.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    /// The pod as last seen.
    pub(crate) pod: Arc<PodFacts>,
    /// The pod is not there any more.
    pub(crate) pod_gone: bool,
    /// The instance as last seen.
    pub(crate) instance: Known,
}

/// What is known about the VirtualMachineInstance of a pod.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// Not asked yet.
    Unknown,
    /// There is none with the UID that the pod names.
    Gone,
    /// It exists.
    Present(Arc<VirtualMachineInstance>),
}

impl Inputs {
    /// The pod in the plan's words.
    pub(super) fn pod_state(&self) -> plan::Pod {
        if self.pod_gone {
            plan::Pod::Gone
        } else if self.pod.pod.has_ended() {
            plan::Pod::Ended
        } else if self.pod.pod.deleting {
            plan::Pod::Deleting
        } else {
            plan::Pod::Alive
        }
    }

    /// Whether somebody wants the guest down, as far as the API says.
    pub(super) fn down(&self) -> bool {
        let instance = match &self.instance {
            Known::Unknown => false,
            Known::Gone => true,
            Known::Present(instance) => instance.metadata.deletion_timestamp.is_some(),
        };
        instance || self.pod_state() != plan::Pod::Alive
    }

    /// Whether the pod's processes are gone, as far as the API says.
    pub(super) fn over(&self) -> bool {
        matches!(self.pod_state(), plan::Pod::Ended | plan::Pod::Gone)
    }
}

/// The instance in the plan's words: `node` is this node, `pod_uid` the supervisor's pod.
pub(super) fn instance_state(
    instance: &VirtualMachineInstance,
    node: &str,
    pod_uid: &str,
) -> plan::Instance {
    let status = instance.status.as_ref();
    let phase = status.map_or(Phase::Unset, |status| status.phase);
    let ours = status.is_some_and(|status| {
        status.node_name.as_deref() == Some(node)
            && (status.active_pods.is_empty() || status.active_pods.contains_key(pod_uid))
    });
    plan::Instance::Present {
        phase,
        deleting: instance.metadata.deletion_timestamp.is_some(),
        ours,
    }
}

/// Whether `new` is not older than `old`. Versions are numbers that grow; what is not a number is taken as it comes.
pub(super) fn not_older(new: &VirtualMachineInstance, old: &VirtualMachineInstance) -> bool {
    let version = |instance: &VirtualMachineInstance| {
        instance
            .resource_version()
            .and_then(|text| text.parse::<u64>().ok())
    };
    match (version(new), version(old)) {
        (Some(new), Some(old)) => new >= old,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(status: serde_json::Value) -> VirtualMachineInstance {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
            "metadata": { "name": "vm", "namespace": "ns", "resourceVersion": "10" },
            "spec": { "domain": { "devices": {} } }, "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn only_the_active_pod_on_the_named_node_is_ours() {
        for (status, expected) in [
            (json!({ "phase": "Scheduling" }), false),
            (
                json!({ "phase": "Scheduled", "nodeName": "n1", "activePods": { "pod": "n1" } }),
                true,
            ),
            (json!({ "phase": "Scheduled", "nodeName": "n1" }), true),
            (
                json!({ "phase": "Scheduled", "nodeName": "n1", "activePods": { "other": "n1" } }),
                false,
            ),
            (
                json!({ "phase": "Scheduled", "nodeName": "n2", "activePods": { "pod": "n1" } }),
                false,
            ),
        ] {
            let plan::Instance::Present { ours, .. } =
                instance_state(&instance(status.clone()), "n1", "pod")
            else {
                panic!()
            };
            assert_eq!(ours, expected, "{status}");
        }
    }

    #[test]
    fn a_late_watch_event_does_not_turn_time_back() {
        let (old, mut new) = (instance(json!({})), instance(json!({})));
        assert!(not_older(&new, &old));
        new.metadata.resource_version = Some("9".to_owned());
        assert!(!not_older(&new, &old));
    }
}
