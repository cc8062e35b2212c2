//! migrate, migrate-cancel, evacuate-cancel.

use serde_json::json;

use super::*;

const MIGRATIONS: &str = "/apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstancemigrations";

#[tokio::test]
async fn migrating() {
    check(
        World::empty,
        vec![
            one(
                "migrate vm1",
                format!("PUT {VM}/vm1/migrate"),
                json!({}),
                "VM vm1 was scheduled to migrate\n",
            ),
            one(
                "migrate vm1 --addedNodeSelector zone=a,disk=ssd --dry-run",
                format!("PUT {VM}/vm1/migrate"),
                json!({ "addedNodeSelector": { "zone": "a", "disk": "ssd" }, "dryRun": ["All"] }),
                "Dry Run execution\nVM vm1 was scheduled to migrate\n",
            ),
        ],
    )
    .await;
}

fn migrations(phases: &[(&str, Option<&str>)]) -> World {
    let items: Vec<_> = phases
        .iter()
        .map(|(name, phase)| {
            json!({
                "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration",
                "metadata": { "name": name, "namespace": "ns" }, "status": { "phase": phase },
            })
        })
        .collect();
    let list = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigrationList",
        "metadata": {}, "items": items,
    });
    World::empty().with(format!("GET {MIGRATIONS}"), list)
}

#[tokio::test]
async fn the_migration_that_goes_on_is_canceled() {
    let list = || {
        ask(
            format!("GET {MIGRATIONS}?labelSelector=kubevirt.io%2Fvmi-name%3D%3Dvm1"),
            NONE,
        )
    };
    check(
        || {
            migrations(&[
                ("old", Some("Failed")),
                ("done", Some("Succeeded")),
                ("now", Some("Running")),
                ("next", None),
            ])
        },
        vec![
            Case {
                line: "migrate-cancel vm1",
                asks: vec![list(), ask(format!("DELETE {MIGRATIONS}/now"), json!({}))],
                says: "VM vm1 was scheduled to migrate-cancel\n",
            },
            Case {
                line: "migrate-cancel vm1 --dry-run",
                asks: vec![
                    list(),
                    ask(
                        format!("DELETE {MIGRATIONS}/now"),
                        json!({ "dryRun": ["All"] }),
                    ),
                ],
                says: "Dry Run execution\nVM vm1 was scheduled to migrate-cancel\n",
            },
        ],
    )
    .await;
    // One that no controller has looked at yet goes on, too.
    let new = migrations(&[("new", None)]).run("migrate-cancel vm1").await;
    assert_eq!(new.asked[1].0, format!("DELETE {MIGRATIONS}/new"));
}

#[tokio::test]
async fn without_a_migration_nothing_is_deleted() {
    for phases in [
        &[][..],
        &[("old", Some("Failed")), ("done", Some("Succeeded"))][..],
    ] {
        let outcome = migrations(phases).run("migrate-cancel vm1").await;
        let error = outcome.error.unwrap_or_default();
        assert!(error.contains("no migration to cancel for vm1"), "{error}");
        assert_eq!(outcome.asked.len(), 1);
        assert_eq!(outcome.said, "");
    }
}

fn on_node(node: &str) -> World {
    let instance = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": { "name": "vm1" },
        "status": { "nodeName": node },
    });
    World::empty().with(format!("GET {VMIS}/vm1"), instance)
}

#[tokio::test]
async fn an_evacuation_is_canceled_where_the_guest_is() {
    let get = || ask(format!("GET {VMIS}/vm1"), NONE);
    let node = json!({ "evacuationNodeName": "node1" });
    check(
        || on_node("node1"),
        vec![
            Case {
                line: "evacuate-cancel vm vm1",
                asks: vec![
                    get(),
                    ask(format!("PUT {VM}/vm1/evacuate/cancel"), node.clone()),
                ],
                says: "VM ns/vm1 was canceled evacuation\n",
            },
            Case {
                line: "evacuate-cancel virtualmachineinstances vm1",
                asks: vec![get(), ask(format!("PUT {VMI}/vm1/evacuate/cancel"), node)],
                says: "VMI ns/vm1 was canceled evacuation\n",
            },
            Case {
                line: "evacuate-cancel vmi vm1 --dry-run",
                asks: vec![
                    get(),
                    ask(
                        format!("PUT {VMI}/vm1/evacuate/cancel"),
                        json!({ "dryRun": ["All"], "evacuationNodeName": "node1" }),
                    ),
                ],
                says: "Dry Run execution\nVMI ns/vm1 was canceled evacuation\n",
            },
        ],
    )
    .await;
    let nowhere = on_node("").run("evacuate-cancel vm vm1").await;
    assert!(
        nowhere
            .error
            .unwrap_or_default()
            .contains("is on no node yet")
    );
    assert_eq!(nowhere.asked.len(), 1);
}
