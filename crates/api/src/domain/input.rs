//! Input devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Input device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Bus of the device: `usb` or `virtio`. Default: `usb`.
    #[schemars(extend("enum" = ["", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub bus: Option<String>,
    /// Kind of device: `tablet`; `keyboard` is refused, as every guest with a display has one. Default: `tablet`.
    #[serde(default)]
    #[schemars(extend("enum" = ["", "tablet", "keyboard"]))]
    #[serde(rename = "type")]
    pub type_: String,
    /// Name of the device, unique among the input devices.
    pub name: String,
}
