//! Graphics card and sound card.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Graphics card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoDevice {
    /// Kind of card: `vga`, `cirrus`, `virtio`, `ramfb` or `bochs` on amd64, `virtio` or `ramfb` on arm64, `virtio` on s390x.
    /// Default: by architecture and firmware.
    #[schemars(extend("enum" = ["", "vga", "cirrus", "virtio", "ramfb", "bochs"]))]
    #[serde(
        rename = "type",
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub type_: Option<String>,
}

/// Sound card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SoundDevice {
    /// Name of the device.
    pub name: String,
    /// Kind of card: `ich9` or `ac97`. Default: `ich9`.
    #[schemars(extend("enum" = ["", "ich9", "ac97"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub model: Option<String>,
}
