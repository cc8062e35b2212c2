//! Uploads to a server that stands for the API server with CDI, and for CDI's upload proxy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use clap::Parser;
use serde_json::Value;

use super::*;
use crate::testing::{Asked, Server, json as answer, missing};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: ImageUpload,
}

fn plan(line: &str) -> anyhow::Result<Plan> {
    let words = std::iter::once("image-upload").chain(line.split_whitespace());
    Plan::new(&Command::try_parse_from(words)?.arguments)
}

/// What the server holds: the volume is ready as soon as it is made, and processed as soon as it has the data.
#[derive(Default)]
struct World {
    volume: Mutex<Option<Value>>,
    uploaded: Mutex<Vec<u8>>,
    busy: AtomicUsize,
    old_proxy: bool,
    no_cdi: bool,
}

impl World {
    fn answer(&self, asked: &Asked) -> http::Response<http_body_util::Full<hyper::body::Bytes>> {
        let path = asked.path.as_str();
        let mut volume = self.volume.lock().unwrap();
        if path.starts_with("/apis/cdi.kubevirt.io") && self.no_cdi {
            return missing("the server could not find the requested resource");
        }
        match (asked.method.as_str(), path) {
            ("GET", "/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config") => answer(
                200,
                json!({"status": {"uploadProxyURL": format!("http://{}/", asked.header("host"))}}),
            ),
            ("GET", "/api/v1/namespaces/ns/persistentvolumeclaims/v") if volume.is_some() => {
                let mut claim = volume.clone().unwrap();
                let notes = json!({"cdi.kubevirt.io/storage.pod.ready": "true", "cdi.kubevirt.io/storage.upload.target": ""});
                claim["metadata"]["annotations"] = notes;
                if !self.uploaded.lock().unwrap().is_empty() {
                    claim["metadata"]["annotations"]["cdi.kubevirt.io/storage.pod.phase"] =
                        "Succeeded".into();
                }
                answer(200, claim)
            }
            ("GET", "/apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes/v")
                if volume.is_some() =>
            {
                let mut object = volume.clone().unwrap();
                object["status"] = json!({"phase": "UploadReady"});
                answer(200, object)
            }
            (
                "POST",
                "/apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes"
                | "/api/v1/namespaces/ns/persistentvolumeclaims",
            ) => {
                *volume = Some(asked.json());
                answer(201, asked.json())
            }
            ("POST", "/apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datasources") => {
                answer(201, asked.json())
            }
            ("POST", "/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/ns/uploadtokenrequests") => {
                assert_eq!(asked.json()["spec"]["pvcName"], "v");
                answer(201, json!({"status": {"token": "TOKEN"}}))
            }
            ("HEAD", "/v1beta1/upload-async") => {
                answer(if self.old_proxy { 404 } else { 200 }, json!({}))
            }
            ("POST", "/v1beta1/upload-async" | "/v1beta1/upload") => {
                assert_eq!(asked.header("authorization"), "Bearer TOKEN");
                assert_eq!(asked.header("content-length"), asked.body.len().to_string());
                if self.busy.load(Ordering::Relaxed) > 0 {
                    self.busy.fetch_sub(1, Ordering::Relaxed);
                    return answer(503, json!({}));
                }
                *self.uploaded.lock().unwrap() = asked.body.clone();
                answer(200, json!({}))
            }
            _ => missing(path),
        }
    }
}

struct Outcome {
    result: anyhow::Result<()>,
    text: String,
    asked: Vec<Asked>,
    data: Vec<u8>,
    sent: Vec<u8>,
}

async fn run_in(world: World, line: &str) -> Outcome {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("virtctl-upload-{}-{number}", std::process::id()));
    let data: Vec<u8> = (0..700_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    std::fs::write(&file, &data).unwrap();
    let world = Arc::new(world);
    let shared = world.clone();
    let server = Server::start(move |asked| shared.answer(asked)).await;
    let plan = plan(&line.replace("FILE", &file.display().to_string())).unwrap();
    let mut out = Vec::new();
    let result = upload(&server.cluster(), &plan, &mut out).await;
    std::fs::remove_file(&file).unwrap();
    let text = String::from_utf8(out).unwrap();
    Outcome {
        result,
        text: text
            .replace(&file.display().to_string(), "FILE")
            .replace(&server.url(), "URL"),
        asked: server.asked(),
        data,
        sent: world.uploaded.lock().unwrap().clone(),
    }
}

fn lines(asked: &[Asked]) -> Vec<String> {
    asked.iter().map(Asked::line).collect()
}

#[tokio::test]
async fn a_data_volume_is_made_and_filled() {
    let flags = "dv v --image-path FILE --size 1Gi --storage-class sc --access-mode ReadWriteOnce --volume-mode block \
        --force-bind --datasource --default-instancetype it --default-preference pr --default-preference-kind K";
    let outcome = run_in(World::default(), flags).await;
    outcome.result.unwrap();
    assert!(outcome.sent == outcome.data);
    assert_eq!(
        outcome.text,
        "DataVolume ns/v created\nUploading data to URL\nCreated a new DataSource ns/v\n\
         Uploading data completed successfully, waiting for processing to complete, you can hit ctrl-c without interrupting the progress\n\
         Processing completed successfully\nUploading FILE completed successfully\n"
    );
    assert_eq!(
        lines(&outcome.asked),
        [
            "GET /apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config",
            "GET /api/v1/namespaces/ns/persistentvolumeclaims/v",
            "GET /apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes/v",
            "POST /apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes",
            "GET /apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes/v",
            "POST /apis/upload.cdi.kubevirt.io/v1beta1/namespaces/ns/uploadtokenrequests",
            "HEAD /v1beta1/upload-async",
            "POST /v1beta1/upload-async",
            "GET /apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datasources/v",
            "POST /apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datasources",
            "GET /api/v1/namespaces/ns/persistentvolumeclaims/v",
        ]
    );
    let labels = json!({
        "instancetype.kubevirt.io/default-instancetype": "it",
        "instancetype.kubevirt.io/default-preference": "pr",
        "instancetype.kubevirt.io/default-preference-kind": "K",
    });
    assert_eq!(
        outcome.asked[3].json(),
        json!({
            "apiVersion": "cdi.kubevirt.io/v1beta1",
            "kind": "DataVolume",
            "metadata": {
                "name": "v",
                "annotations": { "cdi.kubevirt.io/storage.bind.immediate.requested": "" },
                "labels": labels,
            },
            "spec": {
                "source": { "upload": {} },
                "contentType": "kubevirt",
                "storage": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": { "requests": { "storage": "1Gi" } },
                    "storageClassName": "sc",
                    "volumeMode": "Block",
                },
            },
        })
    );
    let source = outcome.asked[9].json();
    assert_eq!(
        source["spec"],
        json!({"source": {"pvc": {"namespace": "ns", "name": "v"}}})
    );
    assert_eq!(source["metadata"]["labels"], labels);
}

#[tokio::test]
async fn a_claim_for_an_archive_is_made_and_filled_through_an_old_proxy() {
    let world = World {
        old_proxy: true,
        ..World::default()
    };
    let outcome = run_in(world, "pvc v --archive-path FILE --size 10Mi").await;
    outcome.result.unwrap();
    assert!(
        outcome
            .text
            .starts_with("PersistentVolumeClaim ns/v created\n"),
        "{}",
        outcome.text
    );
    assert!(lines(&outcome.asked).contains(&"POST /v1beta1/upload".to_owned()));
    let made = outcome
        .asked
        .iter()
        .find(|asked| asked.method == "POST")
        .unwrap()
        .json();
    assert_eq!(
        made["metadata"],
        json!({
            "name": "v",
            "labels": { "cdi.kubevirt.io/applyStorageProfile": "true" },
            "annotations": {
                "cdi.kubevirt.io/storage.contentType": "archive",
                "cdi.kubevirt.io/storage.upload.target": "",
            },
        })
    );
    assert_eq!(
        made["spec"],
        json!({
            "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "10Mi" } },
            "volumeMode": "Filesystem",
        })
    );
}

#[tokio::test]
async fn a_proxy_that_is_busy_is_asked_again() {
    let world = World {
        busy: AtomicUsize::new(1),
        ..World::default()
    };
    let outcome = run_in(world, "pvc v --image-path FILE --size 1Mi --retry 1").await;
    outcome.result.unwrap();
    assert!(outcome.sent == outcome.data);
    let world = World {
        busy: AtomicUsize::new(1),
        ..World::default()
    };
    let outcome = run_in(world, "pvc v --image-path FILE --size 1Mi --retry 0").await;
    assert!(outcome.result.unwrap_err().to_string().contains("503"));
}

#[tokio::test]
async fn a_volume_that_is_there_is_used_if_it_waits_for_an_upload() {
    let existing = |object: Value| World {
        volume: Mutex::new(Some(object)),
        ..World::default()
    };
    let outcome = run_in(
        existing(json!({"metadata": {"name": "v"}})),
        "pvc v --image-path FILE --no-create",
    )
    .await;
    outcome.result.unwrap();
    assert!(
        outcome.text.starts_with("Using existing PVC ns/v\n"),
        "{}",
        outcome.text
    );

    let done = World {
        uploaded: Mutex::new(vec![1]),
        ..existing(json!({"metadata": {"name": "v"}}))
    };
    let outcome = run_in(done, "pvc v --image-path FILE").await;
    assert!(
        outcome
            .result
            .unwrap_err()
            .to_string()
            .contains("already successfully imported")
    );

    let import = json!({"metadata": {"name": "v"}, "spec": {"source": {"http": {}}}});
    let outcome = run_in(existing(import), "dv v --image-path FILE").await;
    assert!(
        outcome
            .result
            .unwrap_err()
            .to_string()
            .contains("not for uploads")
    );
}

#[tokio::test]
async fn what_cannot_work_leaves_nothing_behind() {
    let world = World {
        no_cdi: true,
        ..World::default()
    };
    let outcome = run_in(world, "dv v --image-path FILE --size 1Gi").await;
    let error = format!("{:#}", outcome.result.unwrap_err());
    assert!(
        error.contains("CDI") && error.contains("image build"),
        "{error}"
    );
    assert!(
        outcome.asked.iter().all(|asked| asked.method == "GET"),
        "{:?}",
        lines(&outcome.asked)
    );

    let outcome = run_in(World::default(), "pvc v --image-path FILE").await;
    assert!(
        outcome
            .result
            .unwrap_err()
            .to_string()
            .contains("size must be specified")
    );
    let outcome = run_in(World::default(), "pvc v --image-path FILE --no-create").await;
    assert!(
        outcome
            .result
            .unwrap_err()
            .to_string()
            .contains("not found")
    );
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (line, word) in [
        ("v --image-path x", "expecting two args"),
        ("vm v --image-path x", "invalid resource type vm"),
        ("dv v", "--image-path"),
        (
            "dv v --image-path x --archive-path y",
            "cannot be used with",
        ),
        ("dv v --image-path x --size 10Gb", "--size"),
        ("dv v --image-path x --size 0", "--size"),
        (
            "dv v --image-path x --access-mode ReadOnlyMany",
            "readonly volume",
        ),
        (
            "dv v --archive-path x --volume-mode block",
            "always be filesystem",
        ),
        (
            "dv v --image-path x --default-instancetype-kind k",
            "must be provided with",
        ),
        (
            "dv v --image-path x --no-create --default-preference p",
            "cannot be used with --no-create",
        ),
        ("pvc v --pvc-name w --image-path x", "--pvc-name"),
        (
            "dv v --image-path x --block-volume --volume-mode filesystem",
            "incompatible",
        ),
    ] {
        let error = format!("{:#}", plan(line).unwrap_err());
        assert!(error.contains(word), "{line}: {error}");
    }
    let old = plan("--pvc-name v --pvc-size 1Gi --block-volume --image-path x").unwrap();
    assert_eq!(old.target, arguments::Target::Claim);
    assert_eq!(old.volume_mode, Some(arguments::VolumeMode::Block));
    assert_eq!(old.size.as_deref(), Some("1Gi"));
}
