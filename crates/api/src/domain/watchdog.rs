//! Watchdogs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Watchdog that acts when the guest hangs: i6300esb on amd64, diag288 on s390x, none on arm64.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Watchdog {
    /// Name of the device.
    pub name: String,
    /// Intel 6300ESB, for amd64 guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub i6300esb: Option<I6300ESBWatchdog>,
    /// Diagnose 288, for s390x guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diag288: Option<Diag288Watchdog>,
}

/// Watchdog of the type Intel 6300ESB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct I6300ESBWatchdog {
    /// What happens when the guest hangs: `poweroff`, `reset` or `shutdown`. Default: `reset`.
    #[schemars(extend("enum" = ["", "poweroff", "reset", "shutdown"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub action: Option<String>,
}

/// Watchdog of the type diagnose 288.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diag288Watchdog {
    /// What happens when the guest hangs: `poweroff`, `reset` or `shutdown`. Default: `reset`.
    #[schemars(extend("enum" = ["", "poweroff", "reset", "shutdown"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub action: Option<String>,
}
