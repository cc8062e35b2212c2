use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, check_gate};

fn devices(devices: Value) -> Value {
    json!({"domain": {"devices": devices}})
}

#[rstest]
#[case::input_bus(json!({"inputs": [{"name": "t", "bus": "virtio"}]}), json!({"inputs": [{"name": "t", "bus": "ps2"}]}), "inputs[0].bus", NotSupported, "usb, virtio")]
#[case::input_type(json!({"inputs": [{"name": "t", "type": "tablet"}]}), json!({"inputs": [{"name": "t", "type": "keyboard"}]}), "inputs[0].type", NotSupported, "tablet")]
#[case::input_name(json!({}), json!({"inputs": [{"name": ""}]}), "inputs[0].name", Required, "name")]
#[case::input_twice(json!({"inputs": [{"name": "t"}, {"name": "u"}]}), json!({"inputs": [{"name": "t"}, {"name": "t"}]}), "inputs[1].name", Duplicate, "rename")]
#[case::watchdog_name(json!({"watchdog": {"name": "w"}}), json!({"watchdog": {"name": ""}}), "watchdog.name", Required, "name")]
#[case::watchdog_action(json!({"watchdog": {"name": "w", "i6300esb": {"action": "poweroff"}}}), json!({"watchdog": {"name": "w", "i6300esb": {"action": "pause"}}}), "watchdog.i6300esb.action", NotSupported, "poweroff, reset, shutdown")]
#[case::watchdog_kind(json!({"watchdog": {"name": "w"}}), json!({"watchdog": {"name": "w", "diag288": {}}}), "watchdog.diag288", NotSupported, "use i6300esb")]
#[case::sound_name(json!({"sound": {"name": "s"}}), json!({"sound": {"name": ""}}), "sound.name", Required, "name")]
#[case::sound_model(json!({"sound": {"name": "s", "model": "ac97"}}), json!({"sound": {"name": "s", "model": "sb16"}}), "sound.model", NotSupported, "ich9, ac97")]
#[case::video_type(json!({"video": {"type": "virtio"}}), json!({"video": {"type": "qxl"}}), "video.type", NotSupported, "vga, cirrus")]
#[case::video_without_display(json!({"video": {"type": "vga"}}), json!({"video": {"type": "vga"}, "autoattachGraphicsDevice": false}), "video", Invalid, "take out video")]
#[case::panic_model(json!({"panicDevices": [{"model": "pvpanic"}]}), json!({"panicDevices": [{"model": "pstore"}]}), "panicDevices[0].model", NotSupported, "hyperv, isa, pvpanic")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(
        &devices(good),
        &devices(bad),
        &format!("spec.domain.devices.{field}"),
        reason,
        message,
    );
}

#[rstest]
#[case::vsock("VSOCK", json!({"autoattachVSOCK": true}), "autoattachVSOCK")]
#[case::metrics("DownwardMetrics", json!({"downwardMetrics": {}}), "downwardMetrics")]
fn gated(#[case] gate: &str, #[case] given: Value, #[case] field: &str) {
    let field = format!("spec.domain.devices.{field}");
    check_gate(gate, &devices(given), &field);
}
