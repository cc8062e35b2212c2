use http::StatusCode;
use k8s_openapi::api::core::v1::Pod;
use rstest::rstest;
use serde_json::json;

use super::{find, refused};

#[test]
fn a_ready_handler_that_stays_is_preferred() {
    let pod = |address: &str, ready: &str, leaving: bool| -> Pod {
        let mut pod = json!({
            "metadata": { "name": address },
            "status": { "podIP": address, "conditions": [{ "type": "Ready", "status": ready }] },
        });
        if leaving {
            pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        serde_json::from_value(pod).unwrap()
    };
    let pods = [
        pod("10.0.0.1", "True", true),
        pod("10.0.0.3", "False", false),
        pod("10.0.0.2", "True", false),
    ];
    assert_eq!(find::pick(&pods), Some([10, 0, 0, 2].into()));
    assert_eq!(find::pick(&pods[..2]), Some([10, 0, 0, 3].into()));
    assert_eq!(find::pick(&[pod("", "True", false)]), None);
}

#[rstest]
#[case(400, 400)]
#[case(404, 404)]
#[case(409, 409)]
#[case(422, 422)]
#[case(503, 503)]
#[case(401, 500)]
#[case(403, 500)]
#[case(500, 500)]
#[case(502, 500)]
#[case(302, 500)]
fn refusals_meant_for_who_asked_keep_their_code(#[case] code: u16, #[case] expected: u16) {
    let code = StatusCode::from_u16(code).unwrap();
    let status = json!({ "kind": "Status", "message": "the guest is away" }).to_string();
    for (text, message) in [
        (status.as_str(), "the guest is away"),
        ("plain words\n", "plain words"),
        ("", "node \"one\" answered"),
    ] {
        let refusal = refused::refused(code, text, "one");
        assert_eq!(refusal.code.as_u16(), expected);
        assert!(refusal.message.contains(message), "{refusal}");
    }
}

#[test]
fn long_words_are_cut() {
    let refusal = refused::refused(StatusCode::CONFLICT, &"\u{e4}".repeat(100_000), "one");
    assert!(refusal.message.len() < 4200, "{}", refusal.message.len());
}
