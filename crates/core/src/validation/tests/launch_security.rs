use FaultReason::{FieldValueInvalid as Invalid, FieldValueRequired as Required};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check_gate, check_with, gates};

/// A guest that is protected so, whose firmware is EFI without secure boot, changed by a patch.
fn guest(security: Value, patch: Value) -> Value {
    let mut manifest = json!({"domain": {
        "launchSecurity": security,
        "firmware": {"bootloader": {"efi": {"secureBoot": false}}},
    }});
    super::merge(&mut manifest, &patch);
    manifest
}

fn efi(efi: Value) -> Value {
    json!({"domain": {"firmware": {"bootloader": {"efi": efi}}}})
}

fn boot_order(order: Value) -> Value {
    json!({"domain": {"devices": {"interfaces": [{"name": "default", "masquerade": {}, "bootOrder": order}]}}})
}

#[rstest]
#[case::none(guest(json!({"sev": {}}), json!({})), guest(json!({}), json!({})), "launchSecurity", Required, "sev, snp and tdx")]
#[case::two(guest(json!({"snp": {}}), json!({})), guest(json!({"sev": {}, "snp": {}}), json!({})), "launchSecurity", Invalid, "keep one")]
#[case::bios(guest(json!({"tdx": {}}), json!({})), json!({"domain": {"launchSecurity": {"sev": {}}}}), "firmware.bootloader.efi", Required, "needs EFI")]
#[case::sev_secure_boot(guest(json!({"tdx": {}}), efi(json!({"secureBoot": true}))), guest(json!({"sev": {}}), efi(json!({"secureBoot": null}))), "firmware.bootloader.efi.secureBoot", Invalid, "set it to false")]
#[case::snp_secure_boot(guest(json!({"snp": {}}), json!({})), guest(json!({"snp": {}}), efi(json!({"secureBoot": true}))), "firmware.bootloader.efi.secureBoot", Invalid, "set it to false")]
#[case::snp_variables(guest(json!({"sev": {}}), efi(json!({"persistent": true}))), guest(json!({"snp": {}}), efi(json!({"persistent": true}))), "firmware.bootloader.efi.persistent", Invalid, "set it to false")]
#[case::tdx_variables(guest(json!({"tdx": {}}), efi(json!({"persistent": false}))), guest(json!({"tdx": {}}), efi(json!({"persistent": true}))), "firmware.bootloader.efi.persistent", Invalid, "set it to false")]
#[case::management(guest(json!({"tdx": {}}), json!({"domain": {"features": {"smm": {"enabled": false}}}})), guest(json!({"tdx": {}}), json!({"domain": {"features": {"smm": {}}}})), "features.smm", Invalid, "enabled to false")]
#[case::attestation(guest(json!({"sev": {"attestation": {}}}), json!({"startStrategy": "Paused"})), guest(json!({"sev": {"attestation": {}}}), json!({})), "launchSecurity.sev.attestation", Invalid, "Paused")]
#[case::network_boot(guest(json!({"sev": {}}), boot_order(json!(null))), guest(json!({"sev": {}}), boot_order(json!(1))), "devices.interfaces[0].bootOrder", Invalid, "take it out")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let settings = gates(&["WorkloadEncryptionTDX"]);
    let field = format!("spec.domain.{field}");
    check_with(&settings, &good, &bad, &field, reason, message);
}

#[rstest]
#[case::sev("WorkloadEncryptionSEV", "sev")]
#[case::snp("WorkloadEncryptionSEV", "snp")]
#[case::tdx("WorkloadEncryptionTDX", "tdx")]
fn gated(#[case] gate: &str, #[case] kind: &str) {
    let manifest = guest(json!({kind: {}}), json!({}));
    check_gate(
        gate,
        &manifest,
        &format!("spec.domain.launchSecurity.{kind}"),
    );
}
