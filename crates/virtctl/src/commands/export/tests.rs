//! Exports against a server that stands for the API server and for the export server.

use std::io::Write;
use std::time::Duration;

use clap::Parser;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Asked, Server, json as answer, missing};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Vmexport,
}

fn work(line: &str) -> anyhow::Result<(String, Work)> {
    let words = std::iter::once("vmexport").chain(line.split_whitespace());
    let arguments = Command::try_parse_from(words)?.arguments;
    Ok((arguments.name.clone(), arguments.work()?))
}

const EXPORTS: &str = "/apis/export.kubevirt.io/v1beta1/namespaces/ns/virtualmachineexports";

fn ready(host: &str) -> Value {
    let url = |tail: &str| format!("http://{host}/{tail}");
    json!({
        "metadata": { "name": "e1", "uid": "U" },
        "spec": { "tokenSecretRef": "secret-e1" },
        "status": {
            "phase": "Ready",
            "tokenSecretRef": "secret-e1",
            "serviceName": "virt-export-e1",
            "links": {
                "external": {
                    "cert": "",
                    "volumes": [{ "name": "v", "formats": [
                        { "format": "raw", "url": url("disk.img") },
                        { "format": "gzip", "url": url("disk.img.gz") },
                    ]}],
                    "manifests": [
                        { "type": "all", "url": url("all") },
                        { "type": "auth-header-secret", "url": url("secret") },
                    ],
                },
                "internal": {
                    "cert": "",
                    "volumes": [{ "name": "v", "formats": [
                        { "format": "gzip", "url": "http://virt-export-e1.ns.svc/disk.img.gz" },
                    ]}],
                },
            },
        },
    })
}

fn packed() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"the disk").unwrap();
    packed.finish().unwrap()
}

/// `there` is whether the export is there before a POST.
fn api(asked: &Asked, exists: bool) -> http::Response<http_body_util::Full<hyper::body::Bytes>> {
    let raw = |bytes: Vec<u8>| http::Response::new(http_body_util::Full::new(bytes.into()));
    if !asked.path.starts_with("/api") {
        assert_eq!(asked.header("x-kubevirt-export-token"), "token");
    }
    match (
        asked.method.as_str(),
        asked.path.strip_prefix(EXPORTS).unwrap_or(&asked.path),
    ) {
        ("GET", "/e1") if exists => answer(200, ready(asked.header("host"))),
        ("POST", "") | ("POST", "/api/v1/namespaces/ns/secrets") => {
            let mut object = asked.json();
            object["metadata"]["uid"] = "U".into();
            answer(201, object)
        }
        ("DELETE", "/e1") if exists => answer(200, json!({})),
        ("GET", "/api/v1/namespaces/ns/secrets/secret-e1") => {
            answer(200, json!({"data": {"token": "dG9rZW4="}}))
        }
        ("GET", "/disk.img.gz") => raw(packed()),
        ("GET", "/all") => raw(format!("all {}\n", asked.header("accept")).into()),
        ("GET", "/secret") => raw(b"secret\n".to_vec()),
        _ => missing(&asked.path),
    }
}

/// Downloads to a file; what is in it afterwards, and what was asked.
async fn downloaded(line: &str, exists: bool) -> (anyhow::Result<Vec<u8>>, Vec<Asked>) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("virtctl-export-{}-{number}", std::process::id()));
    let server = Server::start(move |asked| api(asked, exists)).await;
    let line = line
        .replace("FILE", &file.display().to_string())
        .replace("HOST", &server.address.to_string());
    let Work::Download(mut download) = work(&line).unwrap().1 else {
        panic!("{line}")
    };
    download.readiness = download.readiness.min(Duration::from_millis(10));
    let mut signals = Signals::catch().unwrap();
    let result = carry_out(&server.cluster(), &download, &mut signals).await;
    let result = result.and_then(|()| Ok(std::fs::read(&file)?));
    let _ = std::fs::remove_file(&file);
    (result, server.asked())
}

fn lines(asked: &[Asked]) -> Vec<String> {
    asked.iter().map(Asked::line).collect()
}

#[tokio::test]
async fn an_export_comes_with_a_secret_that_it_owns() {
    let server = Server::start(|asked| api(asked, false)).await;
    let (name, created) =
        work("create e1 --vm vm1 --ttl 5m --labels a=b --annotations c=d,e=f").unwrap();
    let Work::Create(export) = created else {
        panic!()
    };
    object::create(&server.cluster(), &name, &export)
        .await
        .unwrap();
    let asked = server.asked();
    assert_eq!(
        lines(&asked),
        [
            format!("GET {EXPORTS}/e1"),
            format!("POST {EXPORTS}"),
            "POST /api/v1/namespaces/ns/secrets".to_owned()
        ]
    );
    assert_eq!(
        asked[1].json(),
        json!({
            "apiVersion": "export.kubevirt.io/v1beta1",
            "kind": "VirtualMachineExport",
            "metadata": { "name": "e1", "labels": { "a": "b" }, "annotations": { "c": "d", "e": "f" } },
            "spec": {
                "source": { "apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "vm1" },
                "tokenSecretRef": "secret-e1",
                "ttlDuration": "5m",
            },
        })
    );
    let secret = asked[2].json();
    assert_eq!(secret["metadata"]["name"], "secret-e1");
    assert_eq!(secret["metadata"]["ownerReferences"][0]["uid"], "U");
    assert_eq!(secret["data"]["token"].as_str().unwrap().len(), 28);

    let there = Server::start(|asked| api(asked, true)).await;
    let error = object::create(&there.cluster(), &name, &export)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "VirtualMachineExport 'ns/e1' already exists"
    );
    let gone = object::delete(&there.cluster(), "e1").await.unwrap();
    assert_eq!(gone, "VirtualMachineExport 'ns/e1' deleted successfully");
    let none = object::delete(&server.cluster(), "e1").await.unwrap();
    assert_eq!(none, "VirtualMachineExport 'ns/e1' does not exist");
}

#[tokio::test]
async fn a_volume_is_downloaded_as_it_comes_or_unpacked() {
    let (data, asked) = downloaded("download e1 --output FILE", true).await;
    assert_eq!(data.unwrap(), packed());
    assert_eq!(
        lines(&asked),
        [
            format!("GET {EXPORTS}/e1").as_str(),
            "GET /api/v1/namespaces/ns/secrets/secret-e1",
            "GET /disk.img.gz"
        ]
    );
    let (data, asked) =
        downloaded("download e1 --output FILE --format raw --delete-vme", true).await;
    assert_eq!(data.unwrap(), b"the disk");
    assert_eq!(asked.last().unwrap().line(), format!("DELETE {EXPORTS}/e1"));
    let (data, _) = downloaded("download e1 --output FILE --service-url HOST", true).await;
    assert_eq!(data.unwrap(), packed());
}

#[tokio::test]
async fn manifests_come_in_the_form_that_is_asked_for() {
    let line =
        "download e1 --manifest --include-secret --manifest-output-format json --output FILE";
    let (data, _) = downloaded(line, true).await;
    assert_eq!(data.unwrap(), b"all application/json\nsecret\n");
    let (data, _) = downloaded("download e1 --manifest --output FILE", true).await;
    assert_eq!(data.unwrap(), b"all application/yaml\n");
}

#[tokio::test]
async fn an_export_that_never_gets_ready_is_told_and_what_was_made_is_deleted() {
    let (result, asked) = downloaded(
        "download e1 --vm vm1 --output FILE --readiness-timeout 1ms",
        false,
    )
    .await;
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("was not ready within") && error.contains("--readiness-timeout"),
        "{error}"
    );
    let asked = lines(&asked);
    assert_eq!(asked[1], format!("POST {EXPORTS}"));
    assert_eq!(asked.last().unwrap(), &format!("DELETE {EXPORTS}/e1"));
    let (_, asked) = downloaded("download e1 --vm vm1 --output FILE --keep-vme", false).await;
    assert!(!lines(&asked).iter().any(|line| line.starts_with("DELETE")));
    let (result, _) = downloaded("download e1 --pvc p --output FILE", true).await;
    result.unwrap();
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (line, word) in [
        ("create e1", "need to specify export kind"),
        ("create e1 --vm a --pvc b", "cannot be used with"),
        (
            "create e1 --vm a --output x",
            "the '--output' flag is incompatible with 'create'",
        ),
        ("delete e1 --vm a", "should not specify export kind"),
        ("delete e1 --keep-vme", "incompatible with 'delete'"),
        ("download e1", "--output"),
        ("download e1 --output x --ttl 5m", "incompatible with"),
        (
            "download e1 --manifest --volume v",
            "the '--volume' flag is incompatible with '--manifest'",
        ),
        (
            "download e1 --output x --include-secret",
            "needs '--manifest'",
        ),
        (
            "download e1 --output x --keep-vme --delete-vme",
            "cannot be used with",
        ),
        ("download e1 --output x --format zip", "zip"),
        (
            "download e1 --output x --local-port 5",
            "needs '--port-forward'",
        ),
        (
            "download e1 --output x --readiness-timeout x",
            "--readiness-timeout",
        ),
        ("upload e1", "upload"),
    ] {
        let error = work(line).unwrap_err().to_string();
        assert!(error.contains(word), "{line}: {error}");
    }
    for kind in ["vm", "snapshot", "pvc", "vmtemplate"] {
        work(&format!("create e1 --{kind} a")).unwrap();
    }
}
