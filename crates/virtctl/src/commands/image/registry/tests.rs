//! Pushing to a registry in the test's process.

use http_body_util::Full;
use std::io::Write;

use super::*;
use crate::testing::{Asked, Server, json};

fn answer(asked: &Asked) -> Response<Full<hyper::body::Bytes>> {
    let status = |status: u16, location: Option<&str>| {
        let mut response = json(status, serde_json::json!({}));
        if let Some(location) = location {
            response
                .headers_mut()
                .insert("location", location.parse().unwrap());
        }
        response
    };
    if asked.path.starts_with("/token") {
        assert_eq!(
            asked.path,
            "/token?scope=repository%3Ame%2Fdisk%3Apull%2Cpush&service=r"
        );
        return json(200, serde_json::json!({ "token": "T" }));
    }
    if asked.header("authorization") != "Bearer T" {
        let mut response = status(401, None);
        let host = asked.header("host");
        let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"r\"");
        response
            .headers_mut()
            .insert("www-authenticate", challenge.parse().unwrap());
        return response;
    }
    match (asked.method.as_str(), asked.path.as_str()) {
        ("HEAD", _) => status(404, None),
        ("POST", "/v2/me/disk/blobs/uploads/") => {
            status(202, Some("/v2/me/disk/blobs/uploads/1?state=a"))
        }
        ("PATCH", "/v2/me/disk/blobs/uploads/1?state=a") => {
            status(202, Some("/v2/me/disk/blobs/uploads/1?state=b"))
        }
        ("PUT", _) => status(201, None),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_push_follows_the_specification() {
    let server = Server::start(answer).await;
    let reference: Reference = format!("{}/me/disk:1", server.address).parse().unwrap();
    let access = Access {
        insecure: false,
        plain: true,
    };
    let mut registry = Registry::connect(&reference, access).await.unwrap();
    let location = registry.begin_upload().await.unwrap();
    let (mut writer, body, pulse) = Outgoing::channel();
    let data: Vec<u8> = (0..3_000_000_u32).map(|number| number as u8).collect();
    let sent = data.clone();
    let thread = tokio::task::spawn_blocking(move || {
        writer.write_all(&sent).unwrap();
        writer.finish().unwrap();
    });
    let location = registry.stream(&location, body, &pulse).await.unwrap();
    thread.await.unwrap();
    registry.end_upload(&location, "sha256:1").await.unwrap();
    registry.put_blob("sha256:2", b"config").await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /v2/",
            "POST /v2/me/disk/blobs/uploads/",
            "GET /token?scope=repository%3Ame%2Fdisk%3Apull%2Cpush&service=r",
            "POST /v2/me/disk/blobs/uploads/",
            "PATCH /v2/me/disk/blobs/uploads/1?state=a",
            "PUT /v2/me/disk/blobs/uploads/1?state=b&digest=sha256:1",
            "HEAD /v2/me/disk/blobs/sha256:2",
            "POST /v2/me/disk/blobs/uploads/",
            "PUT /v2/me/disk/blobs/uploads/1?state=a&digest=sha256:2",
        ]
    );
    assert!(server.asked()[4].body == data);
    assert_eq!(server.asked()[8].body, b"config");
}

#[tokio::test]
async fn a_refusal_tells_how_to_log_in() {
    let server = Server::start(|_| {
        let mut response = json(
            401,
            serde_json::json!({"errors": [{"code": "UNAUTHORIZED", "message": "who?"}]}),
        );
        response
            .headers_mut()
            .insert("www-authenticate", "Basic realm=x".parse().unwrap());
        response
    })
    .await;
    let reference: Reference = format!("{}/me/disk:1", server.address).parse().unwrap();
    let access = Access {
        insecure: true,
        plain: true,
    };
    let mut registry = Registry::connect(&reference, access).await.unwrap();
    let error = registry.begin_upload().await.unwrap_err();
    assert!(error.is::<Denied>());
    assert!(error.to_string().contains("docker login"), "{error}");
}

#[test]
fn errors_are_told_in_the_registrys_words() {
    assert_eq!(
        words(br#"{"errors":[{"code":"DENIED","message":"no"}]}"#),
        "DENIED no"
    );
    assert_eq!(words(b" plain text\n"), "plain text");
}
