//! One instance as a replica set sees it.

use std::cmp::Ordering;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use k8s_openapi::jiff::Timestamp;
use kube::core::{Selector, SelectorExt};
use kubevirt_api::names::condition;
use kubevirt_api::{
    Condition, VirtualMachineInstance, VirtualMachineInstancePhase as Phase,
    VirtualMachineInstanceReplicaSet,
};

/// One instance of the set's namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its UID.
    pub uid: String,
    /// Its version.
    pub resource_version: String,
    /// The owner references that others have set on it.
    pub(super) other_owners: Vec<OwnerReference>,
    /// The set controls it.
    pub(super) controlled: bool,
    /// The set's selector finds it.
    pub(super) selected: bool,
    /// It is being deleted.
    pub(super) deleting: bool,
    /// Its guest has ended for good.
    pub(super) ended: bool,
    /// Nothing is heard of its node.
    pub(super) unknown: bool,
    /// Its guest runs and is ready.
    pub(super) ready: bool,
    /// It has a node.
    pub(super) scheduled: bool,
    pub(super) created: Option<Timestamp>,
}

impl Member {
    /// `instance` as `set` sees it; none when it is another's, or nobody's and not found by the selector.
    pub fn of(
        set: &VirtualMachineInstanceReplicaSet,
        instance: &VirtualMachineInstance,
    ) -> Option<Self> {
        let owners = instance
            .metadata
            .owner_references
            .clone()
            .unwrap_or_default();
        let controller = owners.iter().find(|owner| owner.controller == Some(true));
        let uid = set.metadata.uid.as_deref().unwrap_or_default();
        let controlled = match controller {
            Some(owner) if owner.uid == uid => true,
            Some(_) => return None,
            None => false,
        };
        let labels = instance.metadata.labels.clone().unwrap_or_default();
        // A selector that is none finds nothing; admission refuses it.
        let selected = Selector::try_from(set.spec.selector.clone())
            .is_ok_and(|selector| !selector.selects_all() && selector.matches(&labels));
        if !controlled && !selected {
            return None;
        }
        let status = instance.status.as_ref();
        let phase = status.map(|status| status.phase).unwrap_or_default();
        let conditions = status.map(|status| status.conditions.as_slice());
        Some(Self {
            name: instance.metadata.name.clone().unwrap_or_default(),
            uid: instance.metadata.uid.clone().unwrap_or_default(),
            resource_version: instance
                .metadata
                .resource_version
                .clone()
                .unwrap_or_default(),
            other_owners: owners
                .into_iter()
                .filter(|owner| owner.uid != uid)
                .collect(),
            controlled,
            selected,
            deleting: instance.metadata.deletion_timestamp.is_some(),
            ended: phase.is_final(),
            unknown: phase == Phase::Unknown,
            ready: Condition::is_true(conditions.unwrap_or_default(), condition::READY),
            scheduled: status.is_some_and(|status| status.node_name.is_some()),
            created: instance
                .metadata
                .creation_timestamp
                .as_ref()
                .map(|time| time.0),
        })
    }

    /// The set disposes of it.
    pub(super) fn counts_as_ours(&self) -> bool {
        self.selected && !self.deleting
    }

    /// It counts for the number that there are to be.
    pub(super) fn is_live(&self) -> bool {
        self.counts_as_ours() && !self.ended && !self.unknown
    }

    /// Which of two goes first when there are too many: what serves least, then what is youngest.
    pub(super) fn goes_before(&self, other: &Self) -> Ordering {
        self.ready
            .cmp(&other.ready)
            .then(self.scheduled.cmp(&other.scheduled))
            .then(other.created.cmp(&self.created))
            .then(self.name.cmp(&other.name))
    }
}
