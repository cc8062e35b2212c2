//! The rules of the settings, each with a good and a bad object (contract 6.5).

use kubevirt_api::KubeVirt;
use rstest::rstest;
use serde_json::{Value, json};

use super::super::*;

fn settings(spec: Value) -> KubeVirt {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"}, "spec": spec,
    }))
    .unwrap()
}

fn self_signed(own: Value) -> Value {
    json!({"certificateRotateStrategy": {"selfSigned": own}})
}

fn of_all(configuration: Value) -> Value {
    json!({"configuration": configuration})
}

fn with_gates(list: &str, gate: &str, mut configuration: Value) -> Value {
    configuration["developerConfiguration"] = json!({list: [gate]});
    of_all(configuration)
}

fn patch(type_: &str, patch: &str) -> Value {
    json!({"customizeComponents": {"patches": [
        {"resourceName": "virt-api", "resourceType": "Deployment", "type": type_, "patch": patch}]}})
}

const CERTIFICATES: &str = "spec.certificateRotateStrategy.selfSigned";
const PROFILE: &str =
    "spec.configuration.seccompConfiguration.virtualMachineInstanceProfile.customProfile";
const PATCH: &str = "spec.customizeComponents.patches[0].patch";

fn seccomp(profile: Value) -> Value {
    of_all(
        json!({"seccompConfiguration": {"virtualMachineInstanceProfile": {"customProfile": profile}}}),
    )
}

fn tls(tls: Value) -> Value {
    of_all(json!({"tlsConfiguration": tls}))
}

#[rstest]
#[case::renewed_in_time(
    self_signed(json!({"ca": {"duration": "48h", "renewBefore": "48h"}})),
    self_signed(json!({"ca": {"duration": "48h", "renewBefore": "49h"}})),
    &format!("{CERTIFICATES}.ca.renewBefore"), "shorten it")]
#[case::renewed_in_default_time(
    self_signed(json!({"server": {"renewBefore": "24h"}})),
    self_signed(json!({"server": {"renewBefore": "25h"}})),
    &format!("{CERTIFICATES}.server.renewBefore"), "shorten it")]
#[case::within_the_authority(
    self_signed(json!({"ca": {"duration": "48h"}, "server": {"duration": "48h"}})),
    self_signed(json!({"ca": {"duration": "48h"}, "server": {"duration": "49h"}})),
    &format!("{CERTIFICATES}.server.duration"), "outlive its authority")]
#[case::older_words(
    self_signed(json!({"caRotateInterval": "48h", "caOverlapInterval": "1h"})),
    self_signed(json!({"caRotateInterval": "48h", "ca": {"duration": "48h"}})),
    &format!("{CERTIFICATES}.caRotateInterval"), "take it out")]
#[case::durations(
    self_signed(json!({"server": {"duration": "1h30m"}})),
    self_signed(json!({"server": {"duration": "a day"}})),
    &format!("{CERTIFICATES}.server.duration"), "168h")]
#[case::ciphers_need_a_version(
    tls(json!({"minTLSVersion": "VersionTLS12", "ciphers": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]})),
    tls(json!({"ciphers": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]})),
    "spec.configuration.tlsConfiguration.ciphers", "minTLSVersion")]
#[case::no_ciphers_of_1_3(
    tls(json!({"minTLSVersion": "VersionTLS13"})),
    tls(json!({"minTLSVersion": "VersionTLS13", "ciphers": ["TLS_AES_128_GCM_SHA256"]})),
    "spec.configuration.tlsConfiguration.ciphers", "cannot be chosen")]
#[case::known_ciphers(
    tls(json!({"minTLSVersion": "VersionTLS11", "ciphers": ["TLS_RSA_WITH_AES_128_CBC_SHA"]})),
    tls(json!({"minTLSVersion": "VersionTLS11", "ciphers": ["AES"]})),
    "spec.configuration.tlsConfiguration.ciphers[0]", "such as TLS_")]
#[case::known_versions(
    tls(json!({"minTLSVersion": "VersionTLS12"})),
    tls(json!({"minTLSVersion": "1.2"})),
    "spec.configuration.tlsConfiguration.minTLSVersion", "VersionTLS12")]
#[case::a_profile(
    seccomp(json!({"localhostProfile": "kubevirt.json"})),
    seccomp(json!({})),
    PROFILE, "exactly one")]
#[case::one_profile(
    seccomp(json!({"runtimeDefaultProfile": true})),
    seccomp(json!({"localhostProfile": "kubevirt.json", "runtimeDefaultProfile": true})),
    PROFILE, "exactly one")]
#[case::patch_is_json(
    patch("merge", r#"{"metadata": {}}"#),
    patch("merge", "metadata: {}"),
    PATCH,
    "is not JSON"
)]
#[case::patch_has_operations(
    patch("json", r#"[{"op": "remove", "path": "/a"}]"#),
    patch("json", r#"{"op": "remove", "path": "/a"}"#),
    PATCH,
    "not a list"
)]
#[case::patch_is_a_part(
    patch("strategic", "{}"),
    patch("strategic", "[]"),
    PATCH,
    "not an object"
)]
#[case::replicas(
    json!({"infra": {"replicas": 1}}),
    json!({"infra": {"replicas": 0}}),
    "spec.infra.replicas", "1 or more")]
#[case::templates(
    of_all(json!({"virtTemplateDeployment": {"enabled": true}})),
    with_gates("disabledFeatureGates", "Template", json!({"virtTemplateDeployment": {"enabled": true}})),
    "spec.configuration.virtTemplateDeployment", "taken out")]
#[case::roles(
    of_all(json!({"roleAggregationStrategy": "Manual"})),
    with_gates("disabledFeatureGates", "OptOutRoleAggregation", json!({"roleAggregationStrategy": "Manual"})),
    "spec.configuration.roleAggregationStrategy", "taken out")]
#[case::downtime(
    with_gates("featureGates", "MigrationDowntimeTuning", json!({"migrations": {"maxDowntimeMs": 500}})),
    of_all(json!({"migrations": {"maxDowntimeMs": 500}})),
    "spec.configuration.migrations.maxDowntimeMs", "added to the settings' featureGates")]
#[case::machines_of_arm64(
    of_all(json!({"architectureConfiguration": {"arm64": {"machineType": "virt-9.2"}}})),
    of_all(json!({"architectureConfiguration": {"arm64": {"machineType": "q35"}}})),
    "spec.configuration.architectureConfiguration.arm64.machineType", "virt*")]
#[case::architecture(
    of_all(json!({"architectureConfiguration": {"defaultArchitecture": "arm64"}})),
    of_all(json!({"architectureConfiguration": {"defaultArchitecture": "m68k"}})),
    "spec.configuration.architectureConfiguration.defaultArchitecture", "amd64")]
fn rule(#[case] good: Value, #[case] bad: Value, #[case] field: &str, #[case] message: &str) {
    assert_eq!(validate_kubevirt(&settings(good)), []);
    let faults = validate_kubevirt(&settings(bad));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].field, field);
    assert!(faults[0].message.contains(message), "{}", faults[0].message);
}

#[rstest]
#[case::misspelt("featureGates", "HostDisc", "did you mean HostDisk?")]
#[case::nothing_like_it("disabledFeatureGates", "Levitation", "spelt right")]
#[case::always_on("featureGates", "LiveMigration", "always on")]
#[case::deprecated("featureGates", "HotplugVolumes", "deprecated")]
#[case::gone("featureGates", "Macvtap", "is gone")]
fn gates_that_deserve_a_word(#[case] list: &str, #[case] gate: &str, #[case] message: &str) {
    let warnings = warnings_kubevirt(&settings(with_gates(list, gate, json!({}))));
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let at = format!("spec.configuration.developerConfiguration.{list}[0]: ");
    assert!(
        warnings[0].starts_with(&at) && warnings[0].contains(message),
        "{warnings:?}"
    );
}

#[test]
fn deprecated_settings_draw_a_warning() {
    let warnings = warnings_kubevirt(&settings(json!({
        "certificateRotateStrategy": {"selfSigned": {"caRotateInterval": "48h"}},
        "configuration": {"minCPUModel": "Penryn", "mediatedDevicesConfiguration": {"mediatedDevicesTypes": ["a"]}},
    })));
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(
        warnings[2].starts_with(
            "spec.certificateRotateStrategy.selfSigned.caRotateInterval is deprecated"
        )
    );
}

#[rstest]
#[case::alpha(Gate::HostDisk, false, true, false)]
#[case::beta(Gate::Snapshot, true, true, false)]
#[case::ga(Gate::LiveMigration, true, true, true)]
#[case::deprecated(Gate::HotplugVolumes, false, true, false)]
#[case::discontinued(Gate::Passt, false, false, false)]
fn gates(#[case] gate: Gate, #[case] unnamed: bool, #[case] enabled: bool, #[case] disabled: bool) {
    let name = [gate.name().to_owned()];
    assert_eq!(Features::new(&[], &[]).is_on(gate), unnamed);
    assert_eq!(Features::new(&name, &[]).is_on(gate), enabled);
    assert_eq!(Features::new(&[], &name).is_on(gate), disabled);
    // featureGates come first.
    assert_eq!(Features::new(&name, &name).is_on(gate), enabled);
}

#[test]
fn gates_have_names_and_words_of_their_own() {
    for gate in Gate::ALL {
        assert_eq!(Gate::parse(gate.name()), Some(*gate));
        assert!(gate.about().ends_with('.'), "{gate:?}");
    }
    let of = |state| {
        Gate::ALL
            .iter()
            .filter(|gate| gate.state() == state)
            .count()
    };
    assert_eq!(
        [
            State::Beta,
            State::Alpha,
            State::Ga,
            State::Deprecated,
            State::Discontinued
        ]
        .map(of),
        [15, 31, 31, 4, 4]
    );
}

#[test]
fn defaults_of_migrations_clients_and_pods() {
    let config = ClusterConfig::default();
    let migrations = &config.migrations;
    assert_eq!(
        (
            migrations.parallel_per_cluster,
            migrations.parallel_outbound_per_node
        ),
        (5, 2)
    );
    assert_eq!(
        (migrations.bandwidth, migrations.completion_timeout_per_gib),
        (0, 150)
    );
    assert_eq!(
        (migrations.progress_timeout, migrations.max_downtime_ms),
        (150, 900)
    );
    assert!(!migrations.allow_workload_disruption && migrations.match_selinux_level);
    assert_eq!(migrations.node_drain_taint_key, "kubevirt.io/drain");
    assert_eq!(
        (config.clients.handler.burst, config.clients.api.burst),
        (100, 400)
    );
    assert_eq!(config.pods, Pods::default());
    assert_eq!(config.eviction_strategy, "None");
    assert!(config.live_update.enabled);
}

#[test]
fn settings_of_migrations_clients_and_pods() {
    let config = ClusterConfig::from(Some(&settings(of_all(json!({
        "migrations": {"bandwidthPerMigration": "64Mi", "allowPostCopy": true, "parallelMigrationsPerCluster": 0,
            "progressTimeout": -1},
        "handlerConfiguration": {"restClient": {"rateLimiter": {"tokenBucketRateLimiter": {"qps": 5.5, "burst": 6}}}},
        "apiConfiguration": {"restClient": {"rateLimiter": {"tokenBucketRateLimiter": {"qps": 0, "burst": 6}}}},
        "defaultRuntimeClass": "fast", "selinuxLauncherType": "",
        "seccompConfiguration": {"virtualMachineInstanceProfile": {"customProfile": {"localhostProfile": "k.json"}}},
        "developerConfiguration": {"nodeSelectors": {"a": "b"}},
    })))));
    assert_eq!(config.migrations.bandwidth, 64 << 20);
    assert!(config.migrations.allow_workload_disruption);
    assert_eq!(
        (
            config.migrations.parallel_per_cluster,
            config.migrations.progress_timeout
        ),
        (5, 150)
    );
    assert_eq!(config.clients.handler, Rate { qps: 5.5, burst: 6 });
    assert_eq!(config.clients.api.burst, 400);
    assert_eq!(config.pods.runtime_class.as_deref(), Some("fast"));
    assert_eq!(config.pods.selinux_type, None);
    assert_eq!(config.pods.seccomp_profile.as_deref(), Some("k.json"));
    assert_eq!(config.pods.node_selectors["a"], "b");
}
