//! Clock and timers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Clock and timers. At most one of utc and timezone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    /// The clock starts with the time in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc: Option<ClockOffsetUTC>,
    /// The clock starts with the local time of this time zone, for example `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Timers that the guest has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timer>,
}

/// An offset from UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockOffsetUTC {
    /// Seconds added to UTC. Default: none, and what the guest set is forgotten when it restarts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_seconds: Option<i32>,
}

/// Timers that the guest has. One that is not given is as the machine type has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timer {
    /// High precision event timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hpet: Option<HPETTimer>,
    /// Clock source of KVM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kvm: Option<KVMTimer>,
    /// Programmable interval timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pit: Option<PITTimer>,
    /// Real time clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtc: Option<RTCTimer>,
    /// Clock source of Hyper-V.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hyperv: Option<HypervTimer>,
}

/// Real time clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RTCTimer {
    /// What happens to ticks that come too late: `delay` or `catchup`.
    #[schemars(extend("enum" = ["", "delay", "catchup"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub tick_policy: Option<String>,
    /// Whether the guest has the timer. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// What the timer follows: `guest` or `wall` clock.
    #[schemars(extend("enum" = ["", "guest", "wall"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub track: Option<String>,
}

/// Programmable interval timer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PITTimer {
    /// What happens to ticks that come too late: `delay`, `catchup` or `discard`.
    #[schemars(extend("enum" = ["", "delay", "catchup", "discard"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub tick_policy: Option<String>,
    /// Whether the guest has the timer. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
}

/// High precision event timer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HPETTimer {
    /// What happens to ticks that come too late: `delay`, `catchup`, `merge` or `discard`.
    #[schemars(extend("enum" = ["", "delay", "catchup", "merge", "discard"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub tick_policy: Option<String>,
    /// Whether the guest has the timer. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
}

/// Clock source of KVM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KVMTimer {
    /// Whether the guest has the timer. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
}

/// Clock source of Hyper-V.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HypervTimer {
    /// Whether the guest has the timer. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
}
