//! permitted-devices and adm log-verbosity, which read the KubeVirt object.

use serde_json::json;

use super::*;

const ALL: &str = "/apis/kubevirt.io/v1/kubevirts";
const THE_ONE: &str = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kv";
const HERE: &str = "/apis/kubevirt.io/v1/namespaces/ns/kubevirts";
const PLACE: &str = "/spec/configuration/developerConfiguration/logVerbosity";

fn installation(configuration: Value) -> World {
    let list = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirtList", "metadata": {},
        "items": [{
            "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt",
            "metadata": { "name": "kv", "namespace": "kubevirt" },
            "spec": { "configuration": configuration },
        }],
    });
    World::empty()
        .with(format!("GET {ALL}"), list.clone())
        .with(format!("GET {HERE}"), list)
        .with(
            format!("PATCH {THE_ONE}"),
            json!({ "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": { "name": "kv" } }),
        )
}

#[tokio::test]
async fn permitted_devices_are_listed() {
    let devices = json!({ "permittedHostDevices": {
        "pciHostDevices": [
            { "pciVendorSelector": "1:2", "resourceName": "a.b/one" },
            { "pciVendorSelector": "1:3", "resourceName": "a.b/one" },
            { "pciVendorSelector": "1:4", "resourceName": "a.b/two" },
        ],
        "mediatedDevices": [{ "mdevNameSelector": "x", "resourceName": "gpu/x" }],
    }});
    check(
        || installation(devices.clone()),
        vec![one(
            "permitted-devices",
            format!("GET {HERE}?limit=1"),
            NONE,
            "Permitted Devices: \nHost Devices: \na.b/one, a.b/two \nGPU Devices: \ngpu/x\n",
        )],
    )
    .await;
    let data = installation(devices)
        .run("permitted-devices -o json")
        .await
        .said;
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["hostDevices"], json!(["a.b/one", "a.b/two"]));
}

#[tokio::test]
async fn an_installation_elsewhere_is_not_guessed_when_a_namespace_is_named() {
    let list = json!({ "apiVersion": "kubevirt.io/v1", "kind": "KubeVirtList", "metadata": {}, "items": [] });
    let outcome = World::empty()
        .with(format!("GET {HERE}"), list)
        .run("permitted-devices")
        .await;
    let error = outcome.error.unwrap_or_default();
    assert!(
        error.contains("no KubeVirt object in namespace ns"),
        "{error}"
    );
    assert_eq!(outcome.asked.len(), 1);
}

#[tokio::test]
async fn verbosity_is_shown_set_and_reset() {
    let world =
        || installation(json!({ "developerConfiguration": { "logVerbosity": { "virtAPI": 5 } } }));
    let list = || ask(format!("GET {ALL}?limit=1"), NONE);
    let test = json!({ "op": "test", "path": PLACE, "value": { "virtAPI": 5 } });
    let done = "successfully set/reset the log verbosity\n";
    let change = |line, value: Value| Case {
        line,
        asks: vec![
            list(),
            ask(
                format!("PATCH {THE_ONE}"),
                json!([test, { "op": "add", "path": PLACE, "value": value }]),
            ),
        ],
        says: done,
    };
    let only_list = |line, says| Case {
        line,
        asks: vec![list()],
        says,
    };
    check(
        world,
        vec![
            only_list(
                "adm log-verbosity --all",
                "virt-api=5\nvirt-controller=2\nvirt-handler=2\nvirt-launcher=2\nvirt-operator=2\n",
            ),
            only_list(
                "adm log-verbosity --virt-handler --virt-api=10",
                "virt-api=5\nvirt-handler=2\n",
            ),
            change(
                "adm log-verbosity --virt-handler=7",
                json!({ "virtAPI": 5, "virtHandler": 7 }),
            ),
            change("adm log-verbosity --reset", json!({})),
            change(
                "adm log-verbosity --reset --virt-launcher=3",
                json!({ "virtLauncher": 3 }),
            ),
            only_list("adm log-verbosity --virt-api=5", done),
        ],
    )
    .await;
}
