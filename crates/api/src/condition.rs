//! Conditions, the same shape for all kinds.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// Whether a condition holds.
    pub enum ConditionStatus {
        /// It holds.
        True = "True",
        /// It does not hold.
        False = "False",
        /// It is not known whether it holds.
        #[default]
        Unknown = "Unknown",
    }
    fallback Unknown
}

impl From<bool> for ConditionStatus {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// One observed aspect of an object's state. An object has at most one condition of each type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What the condition is about, for example `Ready`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether the condition holds: `True`, `False` or `Unknown`.
    pub status: ConditionStatus,
    /// When the condition was last checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_probe_time: Option<Time>,
    /// When the status last changed from one value to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Time>,
    /// Why the condition has its status, one word in CamelCase for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the condition has its status, a sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A condition of a [`VirtualMachine`](crate::VirtualMachine).
pub type VirtualMachineCondition = Condition;
/// A condition of a [`VirtualMachineInstance`](crate::VirtualMachineInstance).
pub type VirtualMachineInstanceCondition = Condition;
/// A condition of a [`KubeVirt`](crate::KubeVirt).
pub type KubeVirtCondition = Condition;

impl Condition {
    /// A condition with type, status and reason, the rest empty. An empty reason counts as none.
    pub fn new(type_: &str, status: impl Into<ConditionStatus>, reason: &str) -> Self {
        Self {
            type_: type_.to_owned(),
            status: status.into(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            ..Self::default()
        }
    }

    /// Finds the condition of a type.
    pub fn find<'a>(conditions: &'a [Self], type_: &str) -> Option<&'a Self> {
        conditions.iter().find(|condition| condition.type_ == type_)
    }

    /// Whether there is a condition of the type and it holds.
    pub fn is_true(conditions: &[Self], type_: &str) -> bool {
        Self::find(conditions, type_)
            .is_some_and(|condition| condition.status == ConditionStatus::True)
    }

    /// Puts a condition into the list in place of the one of its type. The transition time is `now` when the status
    /// changes and the old one otherwise. Returns whether anything but times changed.
    pub fn set(conditions: &mut Vec<Self>, mut new: Self, now: Time) -> bool {
        let Some(old) = conditions
            .iter_mut()
            .find(|condition| condition.type_ == new.type_)
        else {
            new.last_transition_time.get_or_insert(now);
            conditions.push(new);
            return true;
        };
        if old.status == new.status {
            new.last_transition_time = old.last_transition_time.clone();
        } else {
            new.last_transition_time.get_or_insert(now);
        }
        let changed =
            old.status != new.status || old.reason != new.reason || old.message != new.message;
        *old = new;
        changed
    }

    /// Takes the condition of a type out of the list. Returns whether there was one.
    pub fn remove(conditions: &mut Vec<Self>, type_: &str) -> bool {
        let before = conditions.len();
        conditions.retain(|condition| condition.type_ != type_);
        conditions.len() != before
    }
}
