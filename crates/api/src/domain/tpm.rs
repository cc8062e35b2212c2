//! Trusted platform module.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Trusted platform module (version 2.0).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TPMDevice {
    /// Whether the guest has the module. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Keeps the module's contents on a volume that outlives the guest. Default: false, they are lost when the guest ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
}
