//! What users cannot take out of an object, and what the manifest registers.

use std::collections::{BTreeMap, BTreeSet};

use super::server::{ask_as, quiet, text};
use super::*;

#[rstest]
#[case(USER, &[], true)]
#[case(USER, &["system:authenticated"], true)]
#[case("admin", &["system:masters"], false)]
#[case(CONTROLLER, &[], false)]
#[tokio::test]
async fn users_leave_finalizers_where_they_are(
    #[case] user: &str,
    #[case] groups: &[&str],
    #[case] kept: bool,
) {
    for (path, finalizer, object) in [
        (
            "/virtualmachineinstances-mutate",
            "kubevirt.io/foregroundDeleteVirtualMachine",
            instance(),
        ),
        (
            "/virtualmachines-mutate",
            "kubevirt.io/virtualMachineControllerFinalize",
            machine(),
        ),
    ] {
        for going in [false, true] {
            let mut old = object.clone();
            if going {
                old["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            }
            let mut new = old.clone();
            old["metadata"]["finalizers"] = json!(["example.org/a", finalizer]);
            new["metadata"]["finalizers"] = json!(["example.org/b"]);
            let response = ask_as(user, groups, quiet(), path, "UPDATE", &new, &old).await;
            let left = patched(&new, &response)["metadata"]["finalizers"].clone();
            let expected = match kept {
                true => json!([finalizer, "example.org/b"]),
                false => json!(["example.org/b"]),
            };
            assert_eq!(left, expected, "{path} {going}");
        }
    }
}

/// The webhooks that the manifest registers are those that are served, and each is bounded and not optional.
#[test]
fn the_manifest_registers_what_is_served() {
    let manifest = include_str!("../../../../../manifests/webhooks.yaml");
    let mut registered = BTreeMap::new();
    for document in manifest.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(document).unwrap();
        for webhook in object["webhooks"].as_array().into_iter().flatten() {
            let name = text(&webhook["name"]);
            let path = text(&webhook["clientConfig"]["service"]["path"]);
            assert_eq!(webhook["timeoutSeconds"], 10, "{name}");
            assert!(
                matches!(webhook["failurePolicy"], Value::Null)
                    || webhook["failurePolicy"] == "Fail",
                "{name}"
            );
            assert_eq!(webhook["sideEffects"], "None", "{name}");
            assert_eq!(
                object["kind"] == "MutatingWebhookConfiguration",
                path.contains("-mutate"),
                "{name}"
            );
            assert_eq!(
                registered.insert(path.to_owned(), name.to_owned()),
                None,
                "{path}"
            );
        }
    }
    let served: BTreeSet<_> = WEBHOOKS
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    let registered: BTreeSet<_> = registered.into_keys().collect();
    let unserved: Vec<_> = registered.difference(&served).collect();
    assert!(unserved.is_empty(), "{unserved:?}");
    let unregistered: Vec<_> = served.difference(&registered).collect();
    assert!(unregistered.is_empty(), "{unregistered:?}");
}
