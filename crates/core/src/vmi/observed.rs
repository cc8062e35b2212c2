//! What a plan for a VirtualMachineInstance is made from.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kubevirt_api::VirtualMachineInstance;

use super::LauncherPod;
use crate::config::ClusterConfig;
use crate::launcher_pod::{Claim, Launcher};

/// Everything that [`plan`](super::plan) looks at.
#[derive(Clone, Copy)]
pub struct Observed<'a> {
    /// The object itself.
    pub instance: &'a VirtualMachineInstance,
    /// The pods that it controls by owner reference, in no order.
    pub pods: &'a [LauncherPod],
    /// The PersistentVolumeClaims of its namespace that it names and that exist.
    pub claims: &'a BTreeMap<String, Claim>,
    /// The VirtualMachine that it belongs to.
    pub owner: Owner,
    /// The node that it was handed over to.
    pub node: NodeState,
    /// What the nodes offer together.
    pub cluster: Cluster,
    /// Settings of the cluster.
    pub config: &'a ClusterConfig,
    /// What launcher pods are made of.
    pub launcher: &'a Launcher,
    /// Why the last POST of the pod failed.
    pub create_failure: Option<&'a CreateFailure>,
    /// How many unrelated pods were found under the pod's name.
    pub attempt: u32,
}

/// The VirtualMachine of a VirtualMachineInstance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// It has none.
    #[default]
    None,
    /// It does not exist any more.
    Missing,
    /// Its status does not yet say how this instance ended.
    HasNotRecorded,
    /// Its status says all that is to be said about this instance.
    HasRecorded,
}

/// The node that a VirtualMachineInstance was handed over to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeState {
    /// Its virt-handler reports, or there is no node yet.
    #[default]
    Responsive,
    /// It does not exist, or its virt-handler has not reported for long.
    Unresponsive,
}

/// What the nodes offer together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Nodes with `kubevirt.io/schedulable=true`.
    pub schedulable_nodes: usize,
    /// Of these, nodes with a `devices.kubevirt.io/kvm` to give.
    pub kvm_nodes: usize,
}

/// A POST of the launcher pod that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFailure {
    /// What the API server said.
    pub message: String,
    /// When to try again.
    pub retry_at: Timestamp,
}

impl Observed<'_> {
    /// The object is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.instance.metadata.deletion_timestamp.is_some()
    }

    /// The pod that runs the guest or is to run it. There is at most one; would there be more, one that is not going away.
    pub fn pod(&self) -> Option<&LauncherPod> {
        self.pods.iter().min_by_key(|pod| {
            (
                pod.deleting,
                pod.has_ended(),
                pod.node.is_none(),
                pod.uid.as_str(),
            )
        })
    }
}
