use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, check_gate, check_with, config, faults_with, gates};

/// The root volume, completed by `root`.
fn volumes(mut root: Value) -> Value {
    root["name"] = "root".into();
    json!({"volumes": [root, {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]})
}

fn image(image: Value) -> Value {
    json!({"containerDisk": image})
}

fn cloud_init(data: Value) -> Value {
    json!({"cloudInitNoCloud": data})
}

const IMAGE: &str = "registry.example/a:1";

#[rstest]
#[case::no_source(json!({"emptyDisk": {"capacity": "1Gi"}}), json!({}), "", Required, "add one of")]
#[case::sources(image(json!({"image": IMAGE})), json!({"containerDisk": {"image": IMAGE}, "emptyDisk": {"capacity": "1Gi"}}), "", Invalid, "keep one of")]
#[case::claim(json!({"persistentVolumeClaim": {"claimName": "a.b"}}), json!({"persistentVolumeClaim": {"claimName": ""}}), "persistentVolumeClaim.claimName", Invalid, "PersistentVolumeClaim")]
#[case::image(image(json!({"image": IMAGE})), image(json!({"image": ""})), "containerDisk.image", Required, "name the image")]
#[case::path(image(json!({"image": IMAGE, "path": "/images/a.qcow2"})), image(json!({"image": IMAGE, "path": "/images/../a"})), "containerDisk.path", Invalid, "without . and ..")]
#[case::root(json!({"emptyDisk": {"capacity": "1Mi"}}), image(json!({"image": IMAGE, "path": "/"})), "containerDisk.path", Invalid, "path of a file")]
#[case::policy(image(json!({"image": IMAGE, "imagePullPolicy": "Never"})), image(json!({"image": IMAGE, "imagePullPolicy": "Often"})), "containerDisk.imagePullPolicy", NotSupported, "Always")]
#[case::secret(image(json!({"image": IMAGE, "imagePullSecret": "pull"})), image(json!({"image": IMAGE, "imagePullSecret": "Pull"})), "containerDisk.imagePullSecret", Invalid, "Secret")]
#[case::no_data(cloud_init(json!({"userData": "#cloud-config"})), cloud_init(json!({})), "cloudInitNoCloud", Required, "add userData")]
#[case::empty_data(cloud_init(json!({"networkData": "version: 2"})), cloud_init(json!({"userData": ""})), "cloudInitNoCloud", Required, "add userData")]
#[case::two_user_data(cloud_init(json!({"userData": "a", "networkData": "b"})), cloud_init(json!({"userData": "a", "secretRef": {"name": "s"}})), "cloudInitNoCloud", Invalid, "keep one of secretRef, userDataBase64, userData")]
#[case::two_network_data(cloud_init(json!({"userData": "a", "networkDataSecretRef": {"name": "s"}})), cloud_init(json!({"userData": "a", "networkData": "b", "networkDataBase64": "Yg=="})), "cloudInitNoCloud", Invalid, "network data come from")]
#[case::base64(cloud_init(json!({"userDataBase64": "I2Nsb3Vk"})), cloud_init(json!({"userDataBase64": "#"})), "cloudInitNoCloud.userDataBase64", Invalid, "not base64")]
#[case::long(cloud_init(json!({"userData": "x".repeat(2048)})), cloud_init(json!({"userData": "x".repeat(2049)})), "cloudInitNoCloud.userData", Invalid, "secretRef")]
#[case::wrapped_base64(cloud_init(json!({"userDataBase64": "I2Ns\nb3Vk\n"})), cloud_init(json!({"userDataBase64": "I2Ns b3Vk"})), "cloudInitNoCloud.userDataBase64", Invalid, "not base64")]
#[case::long_base64(cloud_init(json!({"userDataBase64": "AAAA".repeat(682)})), cloud_init(json!({"userDataBase64": "AAAA".repeat(683)})), "cloudInitNoCloud.userDataBase64", Invalid, "2049 bytes")]
#[case::secret_name(cloud_init(json!({"secretRef": {"name": "s"}})), cloud_init(json!({"secretRef": {}})), "cloudInitNoCloud.secretRef.name", Invalid, "Secret")]
#[case::capacity(json!({"emptyDisk": {"capacity": "1Mi"}}), json!({"emptyDisk": {"capacity": "100"}}), "emptyDisk.capacity", Invalid, "give a unit")]
#[case::capacity_text(json!({"emptyDisk": {"capacity": 1073741824}}), json!({"emptyDisk": {"capacity": "big"}}), "emptyDisk.capacity", Invalid, "not an amount")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let field = format!("spec.volumes[0].{field}");
    check(
        &volumes(good),
        &volumes(bad),
        field.trim_end_matches('.'),
        reason,
        message,
    );
}

#[test]
fn names() {
    let named = |names: [&str; 3]| {
        let volumes = names.map(|name| json!({"name": name, "emptyDisk": {"capacity": "1Gi"}}));
        let faults = faults_with(&json!({"volumes": volumes}), &config(json!({})));
        faults
            .into_iter()
            .map(|fault| (fault.field, fault.reason))
            .collect::<Vec<_>>()
    };
    assert_eq!(named(["root", "data", "other"]), []);
    assert_eq!(
        named(["root", "data", "data"]),
        [("spec.volumes[2].name".to_owned(), Duplicate)]
    );
    assert_eq!(
        named(["root", "data", "a.b"])[0],
        ("spec.volumes[2].name".to_owned(), Invalid)
    );
}

#[test]
fn one_cloud_init() {
    let data = json!({"userData": "#cloud-config"});
    let bad = json!({"volumes": [{"name": "root", "cloudInitNoCloud": data}, {"name": "data", "cloudInitNoCloud": data}]});
    let faults = faults_with(&bad, &config(json!({})));
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].field.as_str(), faults[0].reason),
        ("spec.volumes[1].cloudInitNoCloud", Duplicate)
    );
}

#[rstest]
#[case::data_volume(json!({"dataVolume": {"name": "d"}}), json!({"dataVolume": {"name": ""}}), "dataVolume.name", Invalid, "DataVolume")]
#[case::ephemeral(json!({"ephemeral": {"persistentVolumeClaim": {"claimName": "c"}}}), json!({"ephemeral": {}}), "ephemeral.persistentVolumeClaim.claimName", Invalid, "PersistentVolumeClaim")]
#[case::memory_dump(json!({"memoryDump": {"claimName": "c"}}), json!({"memoryDump": {"claimName": "C"}}), "memoryDump.claimName", Invalid, "PersistentVolumeClaim")]
#[case::drive(json!({"cloudInitConfigDrive": {"userData": "a"}}), json!({"cloudInitConfigDrive": {"userData": "a", "userDataBase64": "YQ=="}}), "cloudInitConfigDrive", Invalid, "keep one of")]
#[case::drive_size(json!({}), json!({"cloudInitConfigDrive": {"networkData": "x".repeat(2049)}}), "cloudInitConfigDrive.networkData", Invalid, "networkDataSecretRef")]
#[case::config_map(json!({"configMap": {"name": "c"}}), json!({"configMap": {}}), "configMap.name", Required, "ConfigMap")]
#[case::secret_volume(json!({"secret": {"secretName": "s"}}), json!({"secret": {}}), "secret.secretName", Required, "Secret")]
#[case::account(json!({"serviceAccount": {"serviceAccountName": "a"}}), json!({"serviceAccount": {}}), "serviceAccount.serviceAccountName", Required, "ServiceAccount")]
#[case::sysprep(json!({"sysprep": {"secret": {"name": "s"}}}), json!({"sysprep": {}}), "sysprep", Required, "secret or configMap")]
#[case::sysprep_both(json!({"sysprep": {"configMap": {"name": "s"}}}), json!({"sysprep": {"secret": {"name": "s"}, "configMap": {"name": "s"}}}), "sysprep", Invalid, "keep one")]
fn sources_of_volumes(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let good = if good == json!({}) {
        json!({})
    } else {
        volumes(good)
    };
    let field = format!("spec.volumes[0].{field}");
    check(&good, &volumes(bad), &field, reason, message);
}

#[rstest]
#[case::path(json!({"path": "/data/a.img", "type": "Disk"}), json!({"path": "data/a.img", "type": "Disk"}), "path", Invalid, "start with /")]
#[case::no_capacity(json!({"path": "/a", "type": "DiskOrCreate", "capacity": "1Gi"}), json!({"path": "/a", "type": "DiskOrCreate"}), "capacity", Required, "how large")]
#[case::capacity(json!({"path": "/a", "type": "Disk"}), json!({"path": "/a", "type": "Disk", "capacity": "1Gi"}), "capacity", Invalid, "DiskOrCreate")]
#[case::kind(json!({"path": "/a", "type": "Disk"}), json!({"path": "/a", "type": "Block"}), "type", NotSupported, "Disk, DiskOrCreate")]
fn files_of_the_node(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let of = |source: Value| volumes(json!({"hostDisk": source}));
    let field = format!("spec.volumes[0].hostDisk.{field}");
    check_with(
        &gates(&["HostDisk"]),
        &of(good),
        &of(bad),
        &field,
        reason,
        message,
    );
}

#[test]
fn features_of_volumes() {
    let at = |field: &str| format!("spec.volumes[0].{field}");
    let host_disk = volumes(json!({"hostDisk": {"path": "/a", "type": "Disk"}}));
    check_gate("HostDisk", &host_disk, &at("hostDisk"));
    let metrics = volumes(json!({"downwardMetrics": {}}));
    check_gate("DownwardMetrics", &metrics, &at("downwardMetrics"));
    let mut shared = json!({"domain": {"devices": {
        "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
        "filesystems": [{"name": "data", "virtiofs": {}}],
    }}});
    let virtiofs = "spec.domain.devices.filesystems[0].virtiofs";
    check_gate("EnableVirtioFsStorageVolumes", &shared, virtiofs);
    shared["volumes"] = json!([
        {"name": "root", "containerDisk": {"image": IMAGE}},
        {"name": "data", "containerPath": {"path": "/var/run/secrets"}},
    ]);
    let directory = "spec.volumes[1].containerPath";
    check_gate("ContainerPathVolumes", &shared, directory);
}

#[rstest]
#[case::account("serviceAccount", json!({"serviceAccountName": "a"}), "one service account")]
#[case::memory_dump("memoryDump", json!({"claimName": "a"}), "memory dumps")]
#[case::both_cloud_inits("cloudInitConfigDrive", json!({"userData": "a"}), "one cloud-init")]
fn one_of_a_kind(#[case] field: &str, #[case] source: Value, #[case] message: &str) {
    let first = if field == "cloudInitConfigDrive" {
        "cloudInitNoCloud"
    } else {
        field
    };
    let bad =
        json!({"volumes": [{"name": "root", first: source}, {"name": "data", field: source}]});
    let at = format!("spec.volumes[1].{field}");
    check(&json!({}), &bad, &at, Duplicate, message);
}

#[rstest]
#[case::name(json!({"serviceAccountName": "a"}), json!({"serviceAccountName": "A"}), "serviceAccountName", Invalid, "ServiceAccount")]
#[case::utility(json!({}), json!({"utilityVolumes": [{"name": "u", "claimName": "c"}]}), "utilityVolumes", Invalid, "take it out")]
#[case::no_volume(json!({}), json!({"domain": {"devices": {"filesystems": [{"name": "x", "virtiofs": {}}]}}}), "domain.devices.filesystems[0].name", Invalid, "no volume")]
fn beside_volumes(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, &format!("spec.{field}"), reason, message);
}

#[test]
fn one_service_account() {
    let with = |name: &str| {
        let mut spec = volumes(json!({"serviceAccount": {"serviceAccountName": "a"}}));
        spec["serviceAccountName"] = name.into();
        spec
    };
    check(
        &with("a"),
        &with("b"),
        "spec.serviceAccountName",
        Invalid,
        "name the same",
    );
}

fn keys(method: Value) -> Value {
    json!({"accessCredentials": [{"sshPublicKey": {"source": {"secret": {"secretName": "keys"}}, "propagationMethod": method}}]})
}

fn agent() -> Value {
    keys(json!({"qemuGuestAgent": {"users": ["admin"]}}))
}

#[rstest]
#[case::no_type(agent(), json!({"accessCredentials": [{}]}), "", Required, "sshPublicKey or userPassword")]
#[case::no_secret(agent(), json!({"accessCredentials": [{"sshPublicKey": {"source": {}, "propagationMethod": {"qemuGuestAgent": {"users": ["a"]}}}}]}), ".sshPublicKey.source.secret", Required, "name the Secret")]
#[case::no_method(agent(), keys(json!({})), ".sshPublicKey.propagationMethod", Required, "noCloud, configDrive or qemuGuestAgent")]
#[case::methods(agent(), keys(json!({"qemuGuestAgent": {"users": ["a"]}, "noCloud": {}})), ".sshPublicKey.propagationMethod", Invalid, "keep one")]
#[case::no_cloud(json!({}), keys(json!({"noCloud": {}})), ".sshPublicKey.propagationMethod.noCloud", Invalid, "cloudInitNoCloud")]
#[case::config_drive(json!({}), keys(json!({"configDrive": {}})), ".sshPublicKey.propagationMethod.configDrive", Invalid, "cloudInitConfigDrive")]
#[case::no_users(agent(), keys(json!({"qemuGuestAgent": {"users": []}})), ".sshPublicKey.propagationMethod.qemuGuestAgent.users", Required, "users")]
#[case::password(json!({"accessCredentials": [{"userPassword": {"source": {"secret": {"secretName": "s"}}, "propagationMethod": {"qemuGuestAgent": {}}}}]}), json!({"accessCredentials": [{"userPassword": {"source": {"secret": {"secretName": "s"}}, "propagationMethod": {}}}]}), ".userPassword.propagationMethod", Required, "qemuGuestAgent")]
fn credentials(
    #[case] good: Value,
    #[case] mut bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let at = format!("spec.accessCredentials[0]{field}");
    if message.starts_with("keep") {
        bad["volumes"] = json!([
            {"name": "root", "cloudInitNoCloud": {"userData": "a"}},
            {"name": "data", "emptyDisk": {"capacity": "1Gi"}},
        ]);
    }
    check(&good, &bad, &at, reason, message);
}
