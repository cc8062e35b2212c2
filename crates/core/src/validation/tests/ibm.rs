//! Rules of s390x.

use FaultReason::FieldValueNotSupported as NotSupported;
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check};

fn s390x(mut manifest: Value) -> Value {
    manifest["architecture"] = "s390x".into();
    manifest
}

#[rstest]
#[case::machine(json!({"domain": {"machine": {"type": "s390-ccw-virtio-9.2"}}}), json!({"domain": {"machine": {"type": "q35"}}}), "machine.type", "s390-ccw-virtio*")]
#[case::watchdog(json!({"domain": {"devices": {"watchdog": {"name": "w", "diag288": {"action": "poweroff"}}}}}), json!({"domain": {"devices": {"watchdog": {"name": "w", "i6300esb": {}}}}}), "devices.watchdog.i6300esb", "use diag288")]
#[case::action(json!({"domain": {"devices": {"watchdog": {"name": "w"}}}}), json!({"domain": {"devices": {"watchdog": {"name": "w", "diag288": {"action": "pause"}}}}}), "devices.watchdog.diag288.action", "poweroff, reset, shutdown")]
#[case::video(json!({"domain": {"devices": {"video": {"type": "virtio"}}}}), json!({"domain": {"devices": {"video": {"type": "vga"}}}}), "devices.video.type", "virtio")]
#[case::panic(json!({}), json!({"domain": {"devices": {"panicDevices": [{"model": "pvpanic"}]}}}), "devices.panicDevices", "take them out")]
#[case::protection(json!({"domain": {"launchSecurity": {}}}), json!({"domain": {"launchSecurity": {"sev": {}}}}), "launchSecurity.sev", "empty launchSecurity")]
fn rules(#[case] good: Value, #[case] bad: Value, #[case] field: &str, #[case] message: &str) {
    let field = format!("spec.domain.{field}");
    check(&s390x(good), &s390x(bad), &field, NotSupported, message);
}
