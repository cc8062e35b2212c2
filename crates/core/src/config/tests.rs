use kubevirt_api::KubeVirt;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

mod rules;

fn settings(configuration: Value) -> KubeVirt {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"},
        "spec": {"configuration": configuration},
    }))
    .unwrap()
}

#[test]
fn defaults_are_those_of_the_contract() {
    let config = ClusterConfig::default();
    assert!(!config.use_emulation);
    assert_eq!(
        (config.memory_overcommit, config.cpu_allocation_ratio),
        (100, 10)
    );
    assert_eq!(
        (config.cpu_model.as_str(), config.cpu_request.as_ref()),
        ("host-model", None)
    );
    assert_eq!(config.image_pull_policy, "IfNotPresent");
    assert_eq!(
        config.log_verbosity,
        Verbosity {
            virt_api: 2,
            virt_controller: 2,
            virt_handler: 2,
            virt_launcher: 2
        }
    );
    assert_eq!(
        config.network,
        Network {
            default_interface: Binding::Bridge,
            permit_bridge_on_pod_network: true
        }
    );
    assert_eq!(
        (
            config.smbios.family.as_str(),
            config.smbios.product.as_str()
        ),
        ("KubeVirt", "None")
    );
    assert_eq!(config.mem_balloon_stats_period, 10);
    assert_eq!(config.additional_guest_memory_overhead_ratio, 1.0);
    assert_eq!(config.machine_type(Architecture::Amd64), "q35");
    assert_eq!(
        config.emulated_machines(Architecture::Amd64),
        ["q35*", "pc-q35*"]
    );
    assert!(config.features.is_on(Gate::ImageVolume));
}

#[test]
fn settings_are_taken_over() {
    let config = ClusterConfig::from(Some(&settings(json!({
        "developerConfiguration": {"useEmulation": true, "memoryOvercommit": 150, "cpuAllocationRatio": 1,
            "disabledFeatureGates": ["ImageVolume"], "logVerbosity": {"virtHandler": 5}},
        "architectureConfiguration": {"amd64": {"machineType": "pc-q35-9.2", "emulatedMachines": ["pc-q35-9*"]}},
        "network": {"defaultNetworkInterface": "masquerade", "permitBridgeInterfaceOnPodNetwork": false},
        "cpuRequest": "250m", "cpuModel": "Haswell", "additionalGuestMemoryOverheadRatio": "1.5",
        "smbios": {"manufacturer": "Us"}, "memBalloonStatsPeriod": 0,
    }))));
    assert!(config.use_emulation && !config.features.is_on(Gate::ImageVolume));
    assert_eq!(
        (config.memory_overcommit, config.cpu_allocation_ratio),
        (150, 1)
    );
    assert_eq!(
        (
            config.log_verbosity.virt_handler,
            config.log_verbosity.virt_api
        ),
        (5, 2)
    );
    assert_eq!(config.machine_type(Architecture::Amd64), "pc-q35-9.2");
    assert_eq!(
        config.network,
        Network {
            default_interface: Binding::Masquerade,
            permit_bridge_on_pod_network: false
        }
    );
    assert_eq!(config.cpu_request.unwrap().0, "250m");
    assert_eq!(
        (
            config.smbios.manufacturer.as_str(),
            config.smbios.family.as_str()
        ),
        ("Us", "KubeVirt")
    );
    assert_eq!(config.additional_guest_memory_overhead_ratio, 1.5);
}

#[test]
fn senseless_settings_count_as_not_given() {
    let config = ClusterConfig::from(Some(&settings(json!({
        "developerConfiguration": {"memoryOvercommit": -1, "cpuAllocationRatio": 0},
        "cpuRequest": "100m", "additionalGuestMemoryOverheadRatio": "NaN", "cpuModel": "",
    }))));
    assert_eq!(
        (
            config.memory_overcommit,
            config.cpu_allocation_ratio,
            config.cpu_request
        ),
        (100, 10, None)
    );
    assert_eq!(
        (
            config.additional_guest_memory_overhead_ratio,
            config.cpu_model.as_str()
        ),
        (1.0, "host-model")
    );
}

#[rstest]
#[case::all("*", "q35", true)]
#[case::end("q35*", "q35", true)]
#[case::end_too_short("pc-q35*", "q35", false)]
#[case::exact("q35", "q35", true)]
#[case::not_exact("q35", "q35x", false)]
#[case::middle("pc-*-9.*", "pc-q35-9.2", true)]
#[case::start("*-9.2", "pc-q35-9.2", true)]
#[case::start_not("*-9.2", "pc-q35-9.1", false)]
fn globs(#[case] pattern: &str, #[case] text: &str, #[case] matches: bool) {
    assert_eq!(machine_type_matches(pattern, text), matches);
}

#[rstest]
#[case::nothing(json!({}), "r.example/k/virt-launcher:1", "r.example/k/virt-launcher:1")]
#[case::tag(json!({"imageTag": "2"}), "r.example:5000/k/virt-launcher:1", "r.example:5000/k/virt-launcher:2")]
#[case::tag_of_none(json!({"imageTag": "2"}), "r.example:5000/k/virt-launcher", "r.example:5000/k/virt-launcher:2")]
#[case::registry(json!({"imageRegistry": "other.example/x/"}), "r.example:5000/k/virt-launcher:1", "other.example/x/virt-launcher:1")]
#[case::digest(json!({"imageTag": "2"}), "r.example/virt-launcher@sha256:abc", "r.example/virt-launcher:2")]
fn launcher_image(#[case] spec: Value, #[case] installed: &str, #[case] expected: &str) {
    let kubevirt = KubeVirt {
        spec: serde_json::from_value(spec).unwrap(),
        ..KubeVirt::default()
    };
    assert_eq!(
        ClusterConfig::from(Some(&kubevirt)).launcher_image(installed),
        expected
    );
}

#[rstest]
#[case::overcommit(json!({"developerConfiguration": {"memoryOvercommit": 9}}), "spec.configuration.developerConfiguration.memoryOvercommit", "at least 10")]
#[case::ratio(json!({"developerConfiguration": {"cpuAllocationRatio": 0}}), "spec.configuration.developerConfiguration.cpuAllocationRatio", "at least 1")]
#[case::gates(json!({"developerConfiguration": {"featureGates": ["A"], "disabledFeatureGates": ["B", "A"]}}), "spec.configuration.developerConfiguration.disabledFeatureGates[1]", "take it out")]
#[case::overhead(json!({"additionalGuestMemoryOverheadRatio": "0.9"}), "spec.configuration.additionalGuestMemoryOverheadRatio", "from 1.0")]
#[case::cpu_request(json!({"cpuRequest": "0"}), "spec.configuration.cpuRequest", "more than 0")]
#[case::cpu_model(json!({"cpuModel": "not a model"}), "spec.configuration.cpuModel", "host-model")]
#[case::binding(json!({"network": {"defaultNetworkInterface": "slirp"}}), "spec.configuration.network.defaultNetworkInterface", "bridge, masquerade")]
#[case::bridge(json!({"network": {"defaultNetworkInterface": "bridge", "permitBridgeInterfaceOnPodNetwork": false}}), "spec.configuration.network.defaultNetworkInterface", "set masquerade")]
#[case::machine(json!({"machineType": "pc-i440fx-9.2"}), "spec.configuration.machineType", "q35*, pc-q35*")]
#[case::pull(json!({"imagePullPolicy": "Sometimes"}), "spec.configuration.imagePullPolicy", "Always, IfNotPresent, Never")]
fn faults(#[case] configuration: Value, #[case] field: &str, #[case] message: &str) {
    let faults = validate_kubevirt(&settings(configuration));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].field, field);
    assert!(faults[0].message.contains(message), "{}", faults[0].message);
}

#[test]
fn good_settings_have_no_faults_and_warnings_name_what_has_no_effect() {
    assert_eq!(validate_kubevirt(&KubeVirt::default()), []);
    let settings = settings(json!({"machineType": "q35"}));
    assert_eq!(validate_kubevirt(&settings), []);
    let warnings = warnings_kubevirt(&settings);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}
