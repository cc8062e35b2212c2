//! The requests of a dump, and the flags.

use clap::Parser;

use super::*;
use crate::testing::{Asked, Server, json as answer, missing};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: MemoryDump,
}

fn arguments(line: &str) -> MemoryDump {
    Command::parse_from(std::iter::once("memory-dump").chain(line.split_whitespace())).arguments
}

fn api(asked: &Asked, status: &Value) -> http::Response<http_body_util::Full<hyper::body::Bytes>> {
    match asked.line().as_str() {
        "GET /apis/kubevirt.io/v1/namespaces/ns/virtualmachines/vm1" => {
            answer(200, json!({ "status": status }))
        }
        "GET /apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstances/vm1" => answer(
            200,
            json!({"spec": {"domain": {"memory": {"guest": "1Gi"}}}}),
        ),
        "POST /api/v1/namespaces/ns/persistentvolumeclaims" => answer(201, asked.json()),
        "PUT /apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachines/vm1/memorydump" => {
            answer(202, json!({}))
        }
        _ => missing(&asked.path),
    }
}

#[tokio::test]
async fn a_dump_with_a_new_claim_takes_these_requests() {
    let server = Server::start(|asked| api(asked, &json!({}))).await;
    let arguments = arguments("get vm1 --claim-name dump --create-claim --storage-class sc");
    get(&server.cluster(), &arguments).await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /apis/kubevirt.io/v1/namespaces/ns/virtualmachines/vm1",
            "GET /api/v1/namespaces/ns/persistentvolumeclaims/dump",
            "GET /apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstances/vm1",
            "GET /apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config",
            "POST /api/v1/namespaces/ns/persistentvolumeclaims",
            "PUT /apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachines/vm1/memorydump",
        ]
    );
    let claim = server.asked()[4].json();
    assert_eq!(
        claim["metadata"]["labels"],
        json!({"cdi.kubevirt.io/applyStorageProfile": "true"})
    );
    assert_eq!(
        claim["spec"],
        json!({
            "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1186Mi" } },
            "storageClassName": "sc",
        })
    );
    assert_eq!(server.asked()[5].json()["claimName"], "dump");
}

#[tokio::test]
async fn a_dump_that_is_there_must_be_removed_first() {
    let status = json!({"memoryDumpRequest": {"claimName": "old", "phase": "Completed"}});
    let server = Server::start(move |asked| api(asked, &status)).await;
    let error = get(
        &server.cluster(),
        &arguments("get vm1 --claim-name new --create-claim"),
    )
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("memory-dump remove vm1"),
        "{error}"
    );
    assert_eq!(
        completion::wait(&server.cluster(), "vm1").await.unwrap(),
        "old"
    );
}

#[tokio::test]
async fn a_dump_that_failed_or_does_not_exist_is_told() {
    let status = json!({"memoryDumpRequest": {"claimName": "old", "phase": "Failed", "message": "no space"}});
    let server = Server::start(move |asked| api(asked, &status)).await;
    let error = completion::wait(&server.cluster(), "vm1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no space"), "{error}");
    let server = Server::start(|asked| api(asked, &json!({}))).await;
    let error = completion::wait(&server.cluster(), "vm1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("memory-dump get"), "{error}");
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (line, word) in [
        ("get vm1 --create-claim", "missing claim name"),
        (
            "get vm1 --claim-name a --access-mode ReadOnlyMany",
            "readonly pvc",
        ),
        ("get vm1 --claim-name a --format raw", "needs '--output'"),
        ("download vm1", "missing outputFile"),
        ("download vm1 --output x --claim-name a", "for get only"),
        ("remove vm1 --output x", "incompatible with 'remove'"),
    ] {
        let error = check(&arguments(line)).unwrap_err().to_string();
        assert!(error.contains(word), "{line}: {error}");
    }
    check(&arguments("get vm1")).unwrap();
    check(&arguments(
        "get vm1 --claim-name a --output x --port-forward --local-port 5",
    ))
    .unwrap();
}
