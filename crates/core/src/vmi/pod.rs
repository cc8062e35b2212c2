//! What the plans need to know of a launcher pod.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use k8s_openapi::jiff::Timestamp;
use kubevirt_api::names::annotation;

/// The container that runs the guest.
pub const COMPUTE_CONTAINER: &str = "compute";

/// The pod's phase as kubelet reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodPhase {
    /// Not every container has been started.
    #[default]
    Pending,
    /// At least one container runs.
    Running,
    /// Every container has ended, or the node does not say.
    Ended,
    /// The node cannot be asked.
    Unknown,
}

/// What the container `compute` does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ComputeState {
    /// kubelet has not said anything yet.
    #[default]
    Unknown,
    /// Not started; the reason is kubelet's, for example `ErrImagePull`.
    Waiting {
        /// kubelet's reason.
        reason: String,
        /// kubelet's message.
        message: String,
    },
    /// The process runs.
    Running,
    /// The process has ended.
    Terminated {
        /// Exit code.
        exit_code: i32,
        /// kubelet's reason, for example `OOMKilled`.
        reason: String,
        /// When it ended, by the node's clock.
        finished_at: Option<Timestamp>,
    },
}

/// A pod condition without its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionFacts {
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
}

/// A launcher pod, reduced to what decisions depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LauncherPod {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`.
    pub uid: String,
    /// UID of the VirtualMachineInstance that controls it.
    pub owner_uid: String,
    /// Name of the VirtualMachineInstance that controls it.
    pub owner_name: String,
    /// The node it is bound to.
    pub node: Option<String>,
    /// It has a deletion timestamp.
    pub deleting: bool,
    /// kubelet's phase.
    pub phase: PodPhase,
    /// State of the container `compute`.
    pub compute: ComputeState,
    /// Every container beside `compute` is ready.
    pub others_ready: bool,
    /// A container other than `compute` that cannot be started: reason and message.
    pub other_waiting: Option<(String, String)>,
    /// The pod condition `Ready`.
    pub ready: Option<ConditionFacts>,
    /// The pod condition `PodScheduled` while it is not `True`.
    pub not_scheduled: Option<ConditionFacts>,
    /// `Burstable`, `Guaranteed`, `BestEffort`.
    pub qos_class: Option<String>,
    /// Bytes that the pod was charged beside the guest's memory.
    pub memory_overhead: Option<u64>,
    /// Image of `compute`, as the pod's specification has it.
    pub compute_image: Option<String>,
}

impl LauncherPod {
    /// Reduces `pod`; `None` when no VirtualMachineInstance controls it, whatever its labels say.
    pub fn from_pod(pod: &Pod) -> Option<Self> {
        let owner = controlling_instance(pod.metadata.owner_references.as_deref()?)?;
        let status = pod.status.as_ref();
        let statuses = status
            .and_then(|status| status.container_statuses.as_deref())
            .unwrap_or_default();
        let init_statuses = status
            .and_then(|status| status.init_container_statuses.as_deref())
            .unwrap_or_default();
        let conditions = status
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default();
        let spec = pod.spec.as_ref();
        Some(Self {
            name: pod.metadata.name.clone()?,
            uid: pod.metadata.uid.clone()?,
            owner_uid: owner.uid.clone(),
            owner_name: owner.name.clone(),
            node: spec
                .and_then(|spec| spec.node_name.clone())
                .filter(|node| !node.is_empty()),
            deleting: pod.metadata.deletion_timestamp.is_some(),
            phase: match status.and_then(|status| status.phase.as_deref()) {
                Some("Running") => PodPhase::Running,
                Some("Succeeded" | "Failed") => PodPhase::Ended,
                Some("Unknown") => PodPhase::Unknown,
                _ => PodPhase::Pending,
            },
            compute: statuses
                .iter()
                .find(|status| status.name == COMPUTE_CONTAINER)
                .map(compute_state)
                .unwrap_or_default(),
            others_ready: statuses
                .iter()
                .filter(|status| status.name != COMPUTE_CONTAINER)
                .all(|status| status.ready),
            other_waiting: statuses
                .iter()
                .chain(init_statuses)
                .filter(|status| status.name != COMPUTE_CONTAINER)
                .find_map(waiting),
            ready: facts(conditions, "Ready"),
            not_scheduled: facts(conditions, "PodScheduled").filter(|facts| facts.status != "True"),
            qos_class: status.and_then(|status| status.qos_class.clone()),
            memory_overhead: pod.metadata.annotations.as_ref().and_then(|annotations| {
                annotations
                    .get(annotation::MEMORY_OVERHEAD_BYTES)?
                    .parse()
                    .ok()
            }),
            compute_image: spec.and_then(|spec| {
                spec.containers
                    .iter()
                    .find(|container| container.name == COMPUTE_CONTAINER)
                    .and_then(|container| container.image.clone())
            }),
        })
    }

    /// The launcher runs, so the node's virt-handler can take over.
    pub fn can_be_handed_over(&self) -> bool {
        !self.deleting
            && self.node.is_some()
            && self.phase == PodPhase::Running
            && self.compute == ComputeState::Running
            && self.others_ready
    }

    /// No process of it runs any more, by kubelet's word.
    pub fn has_ended(&self) -> bool {
        self.phase == PodPhase::Ended || matches!(self.compute, ComputeState::Terminated { .. })
    }

    /// Why it does not start, by kubelet's word: reason and message.
    pub fn cannot_start(&self) -> Option<(&str, &str)> {
        match &self.compute {
            ComputeState::Waiting { reason, message } if is_failure(reason) => {
                Some((reason, message))
            }
            _ => self
                .other_waiting
                .as_ref()
                .map(|(reason, message)| (reason.as_str(), message.as_str())),
        }
    }
}

fn controlling_instance(owners: &[OwnerReference]) -> Option<&OwnerReference> {
    owners.iter().find(|owner| {
        owner.controller == Some(true)
            && owner.kind == "VirtualMachineInstance"
            && owner.api_version.starts_with("kubevirt.io/")
    })
}

fn compute_state(status: &ContainerStatus) -> ComputeState {
    let Some(state) = &status.state else {
        return ComputeState::Unknown;
    };
    if state.running.is_some() {
        ComputeState::Running
    } else if let Some(terminated) = &state.terminated {
        ComputeState::Terminated {
            exit_code: terminated.exit_code,
            reason: terminated.reason.clone().unwrap_or_default(),
            finished_at: terminated.finished_at.as_ref().map(|time| time.0),
        }
    } else if let Some(waiting) = &state.waiting {
        ComputeState::Waiting {
            reason: waiting.reason.clone().unwrap_or_default(),
            message: waiting.message.clone().unwrap_or_default(),
        }
    } else {
        ComputeState::Unknown
    }
}

fn waiting(status: &ContainerStatus) -> Option<(String, String)> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.clone()?;
    is_failure(&reason).then(|| (reason, waiting.message.clone().unwrap_or_default()))
}

/// Whether kubelet's waiting reason is a failure, not a stage on the way.
fn is_failure(reason: &str) -> bool {
    !matches!(reason, "" | "ContainerCreating" | "PodInitializing")
}

fn facts(conditions: &[PodCondition], kind: &str) -> Option<ConditionFacts> {
    let condition = conditions
        .iter()
        .find(|condition| condition.type_ == kind)?;
    Some(ConditionFacts {
        status: condition.status.clone(),
        reason: condition.reason.clone().unwrap_or_default(),
        message: condition.message.clone().unwrap_or_default(),
    })
}
