//! What a preference and a boot disk say about a VirtualMachine.

use kubevirt_api::{VirtualMachine, VirtualMachinePreferenceSpec};
use rstest::rstest;
use serde_json::{Value, json};

use super::{config, counted, merge};
use crate::defaults::{Surroundings, default_vm};

fn machine(spec: &Value, preference: &Value, boot_architecture: Option<&str>) -> Value {
    let mut whole =
        json!({"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}}}}});
    merge(&mut whole, spec);
    let mut vm: VirtualMachine = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"}, "spec": whole,
    }))
    .unwrap();
    let preference: VirtualMachinePreferenceSpec =
        serde_json::from_value(preference.clone()).unwrap();
    let surroundings = Surroundings {
        preference: Some(&preference),
        boot_architecture,
    };
    default_vm(&mut vm, &config(json!({})), &surroundings, &mut counted());
    let once = vm.clone();
    default_vm(&mut vm, &config(json!({})), &surroundings, &mut counted());
    assert_eq!(once, vm);
    serde_json::to_value(vm).unwrap()
}

const ARCHITECTURE: &str = "/spec/template/spec/architecture";
const MACHINE: &str = "/spec/template/spec/domain/machine/type";
const CLAIM: &str = "/spec/dataVolumeTemplates/0/spec/pvc/storageClassName";
const STORAGE: &str = "/spec/dataVolumeTemplates/0/spec/storage/storageClassName";

#[rstest]
#[case::preferred(json!({}), json!({"preferredArchitecture": "arm64"}), Some("s390x"), ARCHITECTURE, json!("arm64"))]
#[case::of_the_boot_disk(json!({}), json!({}), Some("s390x"), ARCHITECTURE, json!("s390x"))]
#[case::of_the_cluster(json!({}), json!({}), None, ARCHITECTURE, json!("amd64"))]
#[case::given(json!({"template": {"spec": {"architecture": "amd64"}}}), json!({"preferredArchitecture": "arm64"}), None, ARCHITECTURE, json!("amd64"))]
#[case::preferred_machine(json!({}), json!({"machine": {"preferredMachineType": "pc-q35-9.2"}}), None, MACHINE, json!("pc-q35-9.2"))]
#[case::machine_of_the_preferred_architecture(json!({}), json!({"preferredArchitecture": "arm64"}), None, MACHINE, json!("virt"))]
#[case::given_machine(json!({"template": {"spec": {"domain": {"machine": {"type": "q35"}}}}}), json!({"machine": {"preferredMachineType": "pc-q35-9.2"}}), None, MACHINE, json!("q35"))]
#[case::class_of_a_claim(json!({"dataVolumeTemplates": [{"metadata": {"name": "d"}, "spec": {"pvc": {}}}]}), json!({"volumes": {"preferredStorageClassName": "fast"}}), None, CLAIM, json!("fast"))]
#[case::class_of_storage(json!({"dataVolumeTemplates": [{"metadata": {"name": "d"}, "spec": {"storage": {}}}]}), json!({"volumes": {"preferredStorageClassName": "fast"}}), None, STORAGE, json!("fast"))]
#[case::given_class(json!({"dataVolumeTemplates": [{"metadata": {"name": "d"}, "spec": {"storage": {"storageClassName": "slow"}}}]}), json!({"volumes": {"preferredStorageClassName": "fast"}}), None, STORAGE, json!("slow"))]
#[case::identity(json!({}), json!({}), None, "/spec/template/spec/domain/firmware", json!({"uuid": "00000000-0000-0000-0000-000000000001", "serial": "00000000-0000-0000-0000-000000000002"}))]
#[case::identity_kept(json!({"template": {"spec": {"domain": {"firmware": {"uuid": "u", "serial": "s"}}}}}), json!({}), None, "/spec/template/spec/domain/firmware", json!({"uuid": "u", "serial": "s"}))]
#[case::pci_of_arm(json!({"template": {"spec": {"architecture": "arm64"}}}), json!({}), None, "/spec/template/metadata/annotations", json!({"kubevirt.io/pci-topology-version": "v3"}))]
#[case::no_pci_of_s390x(json!({"template": {"spec": {"architecture": "s390x"}}}), json!({}), None, "/spec/template/metadata/annotations", Value::Null)]
fn of_a_machine(
    #[case] spec: Value,
    #[case] preference: Value,
    #[case] boot_architecture: Option<&str>,
    #[case] pointer: &str,
    #[case] expected: Value,
) {
    let vm = machine(&spec, &preference, boot_architecture);
    assert_eq!(
        vm.pointer(pointer).unwrap_or(&Value::Null),
        &expected,
        "{pointer}"
    );
}
