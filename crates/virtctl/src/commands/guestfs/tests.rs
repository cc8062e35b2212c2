//! The pod's shape and the way there, with a server that stands for the API server.

use clap::Parser;
use serde_json::json;

use super::*;
use crate::testing::{Asked, Server, json as answer, missing};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Guestfs,
}

fn arguments(line: &str) -> Guestfs {
    Command::parse_from(std::iter::once("guestfs").chain(line.split_whitespace())).arguments
}

fn api(
    asked: &Asked,
    pods: &Value,
    pod: &Value,
) -> http::Response<http_body_util::Full<hyper::body::Bytes>> {
    match asked.line().as_str() {
        "GET /apis/subresources.kubevirt.io/v1/guestfs" => answer(
            200,
            json!({"registry": "example.org/kubevirt", "tag": "v1", "imagePrefix": "p-"}),
        ),
        "GET /api/v1/namespaces/ns/persistentvolumeclaims/files" => {
            answer(200, json!({"spec": {"volumeMode": "Filesystem"}}))
        }
        "GET /api/v1/namespaces/ns/persistentvolumeclaims/device" => {
            answer(200, json!({"spec": {"volumeMode": "Block"}}))
        }
        "GET /api/v1/namespaces/ns/pods" => answer(200, json!({ "items": pods })),
        "GET /apis/kubevirt.io/v1/namespaces/ns/virtualmachines/vm1" => answer(
            200,
            json!({"spec": {"template": {"spec": {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "k"}], "domain": {}}}}}),
        ),
        "POST /api/v1/namespaces/ns/pods" => answer(201, asked.json()),
        "GET /api/v1/namespaces/ns/pods/libguestfs-tools-files" => answer(200, pod.clone()),
        "DELETE /api/v1/namespaces/ns/pods/libguestfs-tools-files?gracePeriodSeconds=0" => {
            answer(200, json!({}))
        }
        _ => missing(&asked.path),
    }
}

async fn started(line: &str, pods: Value) -> (anyhow::Result<String>, String, Vec<Asked>) {
    let server = Server::start(move |asked| api(asked, &pods, &json!({}))).await;
    let mut out = Vec::new();
    let result = start(&server.cluster(), &arguments(line), &mut out).await;
    (result, String::from_utf8(out).unwrap(), server.asked())
}

#[tokio::test]
async fn a_pod_with_the_files_is_made_where_the_machine_may_run() {
    let (name, text, asked) =
        started("files --vm vm1 --uid 5 --gid 6 --fsGroup 7", json!([])).await;
    assert_eq!(name.unwrap(), "libguestfs-tools-files");
    assert_eq!(
        text,
        "Use image: example.org/kubevirt/p-libguestfs-tools:v1 \nThe PVC has been mounted at /disk \n"
    );
    let pod = asked.last().unwrap().json();
    let container = &pod["spec"]["containers"][0];
    assert_eq!(pod["metadata"]["name"], "libguestfs-tools-files");
    assert_eq!(container["name"], "libguestfs");
    assert_eq!(
        container["image"],
        "example.org/kubevirt/p-libguestfs-tools:v1"
    );
    assert_eq!(container["imagePullPolicy"], "IfNotPresent");
    assert_eq!(container["command"], json!(["/entrypoint.sh"]));
    assert_eq!(
        (&container["stdin"], &container["tty"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        container["resources"],
        json!({"limits": {"devices.kubevirt.io/kvm": "1"}})
    );
    assert_eq!(
        container["volumeMounts"][2],
        json!({"name": "volume", "mountPath": "/disk"})
    );
    assert_eq!(
        pod["spec"]["volumes"][0],
        json!({"name": "volume", "persistentVolumeClaim": {"claimName": "files"}})
    );
    assert_eq!(pod["spec"]["nodeSelector"], json!({"a": "b"}));
    assert_eq!(pod["spec"]["tolerations"], json!([{"key": "k"}]));
    assert_eq!(
        pod["spec"]["securityContext"],
        json!({"runAsNonRoot": true, "runAsUser": 5, "runAsGroup": 6, "fsGroup": 7, "seccompProfile": {"type": "RuntimeDefault"}})
    );
}

#[tokio::test]
async fn a_block_volume_is_a_disk_and_kvm_can_be_left_out() {
    let line = "device --root --kvm=false --image example.org/tools:2 --pull-policy Always";
    let (name, text, asked) = started(line, json!([])).await;
    name.unwrap();
    assert_eq!(
        text,
        "Use image: example.org/tools:2 \nThe PVC has been mounted at /dev/vda \n"
    );
    let pod = asked.last().unwrap().json();
    let container = &pod["spec"]["containers"][0];
    assert_eq!(
        container["volumeDevices"],
        json!([{"name": "volume", "devicePath": "/dev/vda"}])
    );
    assert_eq!(container["imagePullPolicy"], "Always");
    assert!(container.get("resources").is_none());
    assert_eq!(pod["spec"]["securityContext"]["runAsUser"], 0);
    assert_eq!(pod["spec"]["securityContext"]["runAsNonRoot"], false);
}

#[tokio::test]
async fn a_volume_in_use_is_left_alone() {
    let user = json!([{
        "metadata": {"name": "virt-launcher-x"},
        "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "files"}}]},
        "status": {"phase": "Running"},
    }]);
    let (result, _, asked) = started("files", user.clone()).await;
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("used by another pod virt-launcher-x")
    );
    assert!(asked.iter().all(|asked| asked.method == "GET"));
    let mut ended = user;
    ended[0]["status"]["phase"] = "Succeeded".into();
    started("files", ended).await.0.unwrap();
    assert!(
        started("other", json!([]))
            .await
            .0
            .unwrap_err()
            .to_string()
            .contains("doesn't exist")
    );
}

#[tokio::test]
async fn a_pod_that_fails_is_told_and_removed() {
    let pod = json!({"status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "StartError"}}}]}});
    let server = Server::start(move |asked| api(asked, &json!([]), &pod)).await;
    let cluster = server.cluster();
    let error = session(&cluster, "libguestfs-tools-files")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("StartError"), "{error}");
    remove(&cluster, "libguestfs-tools-files").await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /api/v1/namespaces/ns/pods/libguestfs-tools-files",
            "DELETE /api/v1/namespaces/ns/pods/libguestfs-tools-files?gracePeriodSeconds=0",
        ]
    );
}

#[test]
fn users_and_groups_that_do_not_go_together_are_refused() {
    for (line, word) in [
        ("p --root --uid 1", "cannot set uid if root is true"),
        ("p --gid 1", "gid requires the uid"),
        ("p --root --fsGroup 1", "cannot set fsGroup id with root"),
    ] {
        assert!(
            check(&arguments(line))
                .unwrap_err()
                .to_string()
                .contains(word),
            "{line}"
        );
    }
    check(&arguments("p --root")).unwrap();
}
