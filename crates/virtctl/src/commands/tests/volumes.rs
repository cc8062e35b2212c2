//! addvolume, removevolume.

use serde_json::json;

use super::*;

const DATA_VOLUME: &str = "/apis/cdi.kubevirt.io/v1beta1/namespaces/ns/datavolumes/v";
const CLAIM: &str = "/api/v1/namespaces/ns/persistentvolumeclaims/v";
const ADDED: &str = "Successfully submitted add volume request to VM vm1 for volume v\n";
const REMOVED: &str = "Successfully submitted remove volume request to VM vm1 for volume v\n";

fn object(version: &str, kind: &str) -> Value {
    json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "v" } })
}

fn with_data_volume() -> World {
    World::empty().with(
        format!("GET {DATA_VOLUME}"),
        object("cdi.kubevirt.io/v1beta1", "DataVolume"),
    )
}

fn with_claim() -> World {
    World::empty()
        .refusing(format!("GET {DATA_VOLUME}"), 404, "datavolume v")
        .with(
            format!("GET {CLAIM}"),
            object("v1", "PersistentVolumeClaim"),
        )
}

#[tokio::test]
async fn a_data_volume_is_added() {
    let source = json!({ "dataVolume": { "name": "v", "hotpluggable": true } });
    let case = |line, disk, dry: bool| {
        let mut body = json!({ "name": "v", "disk": disk, "volumeSource": source });
        if dry {
            body["dryRun"] = json!(["All"]);
        }
        Case {
            line,
            asks: vec![
                ask(format!("GET {DATA_VOLUME}"), NONE),
                ask(format!("PUT {VM}/vm1/addvolume"), body),
            ],
            says: ADDED,
        }
    };
    let mut dry = case(
        "addvolume vm1 --volume-name v --dry-run --bus virtio --cache none",
        json!({ "name": "", "disk": { "bus": "virtio" }, "serial": "v", "cache": "none" }),
        true,
    );
    dry.says =
        "Dry Run execution\nSuccessfully submitted add volume request to VM vm1 for volume v\n";
    check(
        with_data_volume,
        vec![
            case(
                "addvolume vm1 --volume-name=v",
                json!({ "name": "", "disk": { "bus": "scsi" }, "serial": "v" }),
                false,
            ),
            case(
                "addvolume vm1 --volume-name v --disk-name d --persist",
                json!({ "name": "d", "disk": { "bus": "scsi" }, "serial": "d" }),
                false,
            ),
            case(
                "addvolume vm1 --volume-name v --disk-name d --serial s --disk-type lun",
                json!({ "name": "d", "lun": { "bus": "scsi" }, "serial": "s" }),
                false,
            ),
            dry,
        ],
    )
    .await;
}

#[tokio::test]
async fn a_claim_is_added_to_an_instance_without_a_machine() {
    let body = json!({
        "name": "v",
        "disk": { "name": "", "disk": { "bus": "scsi" }, "serial": "v" },
        "volumeSource": { "persistentVolumeClaim": { "claimName": "v", "hotpluggable": true } },
    });
    check(
        || with_claim().refusing(format!("PUT {VM}/vm1/addvolume"), 404, "vm1"),
        vec![Case {
            line: "addvolume vm1 --volume-name v",
            asks: vec![
                ask(format!("GET {DATA_VOLUME}"), NONE),
                ask(format!("GET {CLAIM}"), NONE),
                ask(format!("PUT {VM}/vm1/addvolume"), body.clone()),
                ask(format!("PUT {VMI}/vm1/addvolume"), body),
            ],
            says: ADDED,
        }],
    )
    .await;
}

#[tokio::test]
async fn a_volume_is_removed() {
    let name = json!({ "name": "v" });
    let machine = || ask(format!("PUT {VM}/vm1/removevolume"), name.clone());
    check(
        World::empty,
        vec![
            Case {
                line: "removevolume vm1 --volume-name v --persist",
                asks: vec![machine()],
                says: REMOVED,
            },
            one(
                "removevolume vm1 --volume-name v --dry-run",
                format!("PUT {VM}/vm1/removevolume"),
                json!({ "name": "v", "dryRun": ["All"] }),
                "Dry Run execution\nSuccessfully submitted remove volume request to VM vm1 for volume v\n",
            ),
        ],
    )
    .await;
    check(
        || World::empty().refusing(format!("PUT {VM}/vm1/removevolume"), 404, "vm1"),
        vec![Case {
            line: "removevolume vm1 --volume-name v",
            asks: vec![
                machine(),
                ask(format!("PUT {VMI}/vm1/removevolume"), name.clone()),
            ],
            says: REMOVED,
        }],
    )
    .await;
}

#[tokio::test]
async fn only_what_was_changed_meanwhile_is_tried_again() {
    let place = format!("PUT {VM}/vm1/removevolume");
    for (message, times) in [
        ("jsonpatch test operation does not apply: testing value", 15),
        ("Unable to remove volume [v] because it does not exist", 1),
    ] {
        let world = World::empty().refusing(&place, 409, message);
        let outcome = world.run("removevolume vm1 --volume-name v").await;
        let error = outcome.error.unwrap_or_default();
        assert_eq!(error, format!("error removing volume, {message}"));
        assert_eq!(outcome.asked.len(), times, "{message}");
        assert_eq!(outcome.said, "");
    }
}

#[tokio::test]
async fn what_cannot_be_is_not_asked() {
    let long = "v".repeat(64);
    for (line, words) in [
        (format!("addvolume vm1 --volume-name {long}"), "at most 63"),
        (
            format!("addvolume vm1 --volume-name v --disk-name {long}"),
            "at most 63",
        ),
        (
            format!("removevolume vm1 --volume-name {long}"),
            "at most 63",
        ),
        (
            "addvolume vm1 --volume-name v --disk-type lun --bus virtio".to_owned(),
            "Invalid bus type 'virtio' for LUN disk",
        ),
    ] {
        let outcome = World::empty().run(&line).await;
        let error = outcome.error.unwrap_or_default();
        assert!(error.contains(words), "{line}: {error}");
        assert_eq!(outcome.asked, [], "{line}");
    }
    let neither = with_claim();
    let neither =
        World(neither.0.into_iter().take(1).collect()).refusing(format!("GET {CLAIM}"), 404, "v");
    let error = neither.run("addvolume vm1 --volume-name v").await.error;
    let error = error.unwrap_or_default();
    assert!(
        error.starts_with(
            "error adding volume, Volume v is not a DataVolume or PersistentVolumeClaim"
        ),
        "{error}"
    );
}
