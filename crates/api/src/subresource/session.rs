//! Options of talking to a guest: freezing its file systems, its screen and its VM sockets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Options of freezing a guest's file systems.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FreezeUnfreezeTimeout {
    /// Time after which they thaw by themselves, for example `5m0s`; `0s` means never.
    pub unfreeze_timeout: String,
}

/// Options of a picture of the guest's screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenshotOptions {
    /// Whether the pointer is moved first, so that a dark screen lights up.
    pub move_cursor: bool,
}

/// Options of a connection to a guest's VM socket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VSOCKOptions {
    /// Port in the guest.
    pub target_port: u32,
    /// Whether the connection is encrypted and both ends checked by certificates. Default: true.
    #[serde(rename = "useTLS", skip_serializing_if = "Option::is_none")]
    pub use_tls: Option<bool>,
}
