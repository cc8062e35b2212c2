use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn code(answer: Result<(), Refusal>) -> u16 {
    answer.map_or_else(|refusal| refusal.code.as_u16(), |()| 0)
}

fn instance_with(phase: &str, paused: bool, sev: Value, tracking: &str) -> VirtualMachineInstance {
    let paused = json!([{ "type": "Paused", "status": if paused { "True" } else { "False" } }]);
    let mut object = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": { "domain": { "devices": {}, "launchSecurity": { "sev": sev } } },
        "status": { "phase": phase, "conditions": paused },
    });
    if !tracking.is_empty() {
        object["status"]["changedBlockTracking"] = json!({ "state": tracking });
    }
    serde_json::from_value(object).unwrap()
}

#[rstest]
#[case(Subresource::MemoryDump, &[], "{\"claimName\":\"dump\"}", 0)]
#[case(Subresource::MemoryDump, &[], "", 400)]
#[case(Subresource::MemoryDump, &[], "claimName: \"\"", 400)]
#[case(Subresource::MemoryDump, &["DeclarativeHotplugVolumes"], "{\"claimName\":\"dump\"}", 400)]
#[case(Subresource::RemoveMemoryDump, &[], "", 0)]
#[case(Subresource::RemoveMemoryDump, &["DeclarativeHotplugVolumes"], "", 400)]
#[case(Subresource::SevSetupSession, &[], "{\"session\":\"YQ==\",\"dhCert\":\"YQ==\"}", 0)]
#[case(Subresource::SevSetupSession, &[], "{\"session\":\"YQ==\"}", 400)]
#[case(Subresource::SevSetupSession, &[], "{\"dhCert\":\"YQ==\"}", 400)]
#[case(Subresource::SevFetchCertChain, &[], "", 0)]
#[case(Subresource::SevFetchCertChain, &["WorkloadEncryptionSEV"], "", 400)]
#[case(Subresource::SevInjectLaunchSecret, &["WorkloadEncryptionSEV"], "", 400)]
#[case(Subresource::Backup, &[], "", 0)]
fn requests(
    #[case] subresource: Subresource,
    #[case] disabled: &[&str],
    #[case] body: &str,
    #[case] expected: u16,
) {
    let disabled: Vec<String> = disabled.iter().map(|&gate| gate.to_owned()).collect();
    let features = Features::new(&[], &disabled);
    assert_eq!(
        code(request(subresource, &features, body.as_bytes())),
        expected
    );
}

#[rstest]
#[case(Subresource::Backup, "Running", false, json!({}), "", 0)]
#[case(Subresource::Backup, "Scheduled", false, json!({}), "", 409)]
#[case(Subresource::RedefineCheckpoint, "Running", false, json!({}), "Enabled", 0)]
#[case(Subresource::RedefineCheckpoint, "Running", false, json!({}), "Disabled", 409)]
#[case(Subresource::RedefineCheckpoint, "Running", false, json!({}), "", 409)]
#[case(Subresource::SevFetchCertChain, "Scheduled", false, json!({ "attestation": {} }), "", 0)]
#[case(Subresource::SevFetchCertChain, "Pending", false, json!({ "attestation": {} }), "", 409)]
#[case(Subresource::SevFetchCertChain, "Running", false, json!({}), "", 409)]
#[case(Subresource::SevQueryLaunchMeasurement, "Running", true, json!({ "attestation": {} }), "", 0)]
#[case(Subresource::SevQueryLaunchMeasurement, "Running", false, json!({ "attestation": {} }), "", 409)]
#[case(Subresource::SevInjectLaunchSecret, "Scheduled", true, json!({ "attestation": {} }), "", 409)]
#[case(Subresource::SevSetupSession, "Scheduled", false, json!({ "attestation": {} }), "", 0)]
#[case(Subresource::SevSetupSession, "Running", false, json!({ "attestation": {} }), "", 409)]
#[case(Subresource::SevSetupSession, "Scheduled", false, json!({ "attestation": {}, "session": "YQ==" }), "", 409)]
fn instances(
    #[case] subresource: Subresource,
    #[case] phase: &str,
    #[case] paused: bool,
    #[case] sev: Value,
    #[case] tracking: &str,
    #[case] expected: u16,
) {
    let found = instance_with(phase, paused, sev, tracking);
    assert_eq!(code(instance(subresource, &found)), expected);
}

#[rstest]
#[case(json!({}), 409)]
#[case(json!({ "memoryDumpRequest": { "claimName": "a", "phase": "Completed" } }), 0)]
#[case(json!({ "memoryDumpRequest": { "claimName": "a", "phase": "Dissociating", "remove": true } }), 409)]
fn a_dump_is_removed_once(#[case] status: Value, #[case] expected: u16) {
    let found: VirtualMachine = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "web" },
        "spec": { "template": { "spec": { "domain": { "devices": {} } } } },
        "status": status,
    }))
    .unwrap();
    assert_eq!(
        code(machine(Subresource::RemoveMemoryDump, &found)),
        expected
    );
}
