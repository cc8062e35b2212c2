use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, config, faults_with};

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
