use super::*;

fn instance(source: serde_json::Value) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "vm", "namespace": "ns" },
        "spec": { "domain": { "devices": {} }, "volumes": [{ "name": "ci", "cloudInitNoCloud": source }] },
    }))
    .unwrap()
}

fn gather(instance: &VirtualMachineInstance, private: &Path) -> Result<Data, Error> {
    let volume = &instance.spec.volumes[0];
    collect(
        instance,
        volume,
        volume.cloud_init_no_cloud.as_ref().unwrap(),
        || Beneath::open_root(private),
    )
}

#[test]
fn every_source_of_data() {
    let private = tempfile::tempdir().unwrap();
    let secret = private.path();
    std::fs::write(secret.join("userData"), "from secret").unwrap();
    std::fs::write(secret.join("networkdata"), "net from secret").unwrap();
    for (source, user, network) in [
        (
            json!({ "userData": "plain", "networkData": "net" }),
            Some("plain"),
            Some("net"),
        ),
        (
            json!({ "userDataBase64": "cGxh\naW4=", "networkDataBase64": "bmV0" }),
            Some("plain"),
            Some("net"),
        ),
        (
            json!({ "secretRef": { "name": "s" }, "networkDataSecretRef": { "name": "s" } }),
            Some("from secret"),
            Some("net from secret"),
        ),
        (json!({ "networkData": "net" }), None, Some("net")),
    ] {
        let data = gather(&instance(source.clone()), private.path()).unwrap();
        assert_eq!(data.user.as_deref(), user.map(str::as_bytes), "{source}");
        assert_eq!(
            data.network.as_deref(),
            network.map(str::as_bytes),
            "{source}"
        );
    }
}

#[test]
fn what_is_wrong_is_named() {
    let private = tempfile::tempdir().unwrap();
    for (source, words) in [
        (
            json!({ "userDataBase64": "?" }),
            "userDataBase64 is not base64",
        ),
        (
            json!({ "secretRef": { "name": "s" } }),
            "the secret s has neither key userdata nor userData",
        ),
    ] {
        let error = gather(&instance(source), private.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_link_out_of_the_secret_is_refused() {
    let private = tempfile::tempdir().unwrap();
    let secret = private.path();
    std::os::unix::fs::symlink("/etc/hostname", secret.join("userdata")).unwrap();
    let error = gather(
        &instance(json!({ "secretRef": { "name": "s" } })),
        private.path(),
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("userdata"), "{error}");
}

#[test]
fn meta_data_names_the_guest() {
    let mut instance = instance(json!({ "userData": "x" }));
    let read = |instance: &VirtualMachineInstance| {
        serde_json::from_slice::<serde_json::Value>(&meta_data(instance)).unwrap()
    };
    assert_eq!(
        read(&instance),
        json!({ "instance-id": "vm.ns", "local-hostname": "vm" })
    );
    // Admission takes an empty name for none.
    instance.spec.hostname = Some(String::new());
    assert_eq!(read(&instance)["local-hostname"], "vm");
    instance.spec.hostname = Some("guest".to_owned());
    instance.spec.domain.firmware = Some(kubevirt_api::Firmware {
        uuid: Some("u-u".to_owned()),
        ..Default::default()
    });
    assert_eq!(
        read(&instance),
        json!({ "instance-id": "u-u", "local-hostname": "guest" })
    );
}

#[tokio::test]
async fn the_image_has_the_label_and_the_files() {
    let data = Data {
        meta: b"{}".to_vec(),
        user: Some(b"#cloud-config\n".to_vec()),
        network: None,
    };
    let image = image("ci", &data).await.unwrap();
    // The primary volume descriptor is sector 16; the label stands at offset 40 in it.
    assert_eq!(&image[16 * 2048 + 1..16 * 2048 + 6], b"CD001");
    assert_eq!(&image[16 * 2048 + 40..16 * 2048 + 46], b"cidata");
    assert!(image.windows(14).any(|window| window == b"#cloud-config\n"));
}
