//! The words before those of the server when it refuses.

use serde_json::json;

use super::*;

#[tokio::test]
async fn refusals_are_told_in_upstreams_words() {
    for (line, error) in [
        ("start vm1", "Error starting VirtualMachine no"),
        ("stop vm1", "error stopping VirtualMachine no"),
        (
            "stop vm1 --force --grace-period 1",
            "error force stopping VirtualMachine: no",
        ),
        ("restart vm1", "error restarting VirtualMachine: no"),
        (
            "restart vm1 --force --grace-period 0",
            "error force restarting VirtualMachine: no",
        ),
        ("migrate vm1", "Error migrating VirtualMachine no"),
        (
            "pause vmi vm1",
            "Error pausing VirtualMachineInstance vm1: no",
        ),
        (
            "unpause vmi vm1",
            "Error unpausing VirtualMachineInstance vm1: no",
        ),
        (
            "soft-reboot vm1",
            "Error soft rebooting VirtualMachineInstance vm1: no",
        ),
        (
            "reset vm1",
            "Error resetting VirtualMachineInstance vm1: no",
        ),
        (
            "removevolume vm1 --volume-name v",
            "error removing volume, no",
        ),
        (
            "guestosinfo vm1",
            "Error getting guestosinfo of VirtualMachineInstance vm1: no",
        ),
        (
            "userlist vm1",
            "Error getting userlist of VirtualMachineInstance vm1: no",
        ),
        (
            "fslist vm1",
            "Error getting the file systems of VirtualMachineInstance vm1: no",
        ),
        (
            "expand --vm vm1",
            "error expanding VirtualMachine - vm1 in namespace - ns: no",
        ),
        (
            "objectgraph vm1",
            "error getting the object graph of VirtualMachine vm1: no",
        ),
        (
            "permitted-devices",
            "error looking for the KubeVirt object: no",
        ),
        (
            "adm log-verbosity --all",
            "error looking for the KubeVirt object: no",
        ),
        (
            "migrate-cancel vm1",
            "error looking for migrations of VirtualMachine vm1: no",
        ),
        ("pause vm vm1", "Error getting VirtualMachine vm1: no"),
        (
            "evacuate-cancel vm vm1",
            "Error getting VirtualMachineInstance vm1: no",
        ),
    ] {
        let outcome = World::empty()
            .refusing("PUT ", 409, "no")
            .refusing("GET ", 409, "no")
            .run(line)
            .await;
        assert_eq!(outcome.error.as_deref(), Some(error), "{line}");
        assert_eq!(outcome.said, "", "{line}");
        assert_eq!(outcome.asked.len(), 1, "{line}");
    }
}

#[tokio::test]
async fn a_guest_that_is_not_there_is_explained_whatever_the_code_is() {
    let list = |items: Value| {
        json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {},
            "items": items,
        })
    };
    let message = "virtualmachineinstance.kubevirt.io \"vm2\" not found";
    for (code, hint) in [(500, "; did you mean vm1?"), (409, "")] {
        let near = json!([{
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
            "metadata": { "name": "vm1", "namespace": "ns" },
        }]);
        let outcome = World::empty()
            .refusing(format!("GET {VMI}/vm2/userlist"), code, message)
            .with(format!("GET {VMIS}?&limit"), list(near))
            .with("GET ", list(json!([])))
            .run("userlist vm2")
            .await;
        assert_eq!(
            outcome.error.unwrap_or_default(),
            format!("Error getting userlist of VirtualMachineInstance vm2: {message}{hint}")
        );
    }
}

#[tokio::test]
async fn a_halted_machine_is_neither_paused_nor_unpaused() {
    for spec in [
        json!({ "runStrategy": "Halted" }),
        json!({ "running": false }),
    ] {
        let machine = json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "vm1" },
            "spec": spec,
        });
        for line in ["pause vm vm1", "unpause vm vm1"] {
            let world = World::empty().with(format!("GET {VMS}/vm1"), machine.clone());
            let outcome = world.run(line).await;
            let error = outcome.error.unwrap_or_default();
            assert!(
                error.contains("it is halted") && error.contains("start vm1 -n ns"),
                "{error}"
            );
            assert_eq!(outcome.asked.len(), 1, "{line}");
        }
    }
}

#[tokio::test]
async fn names_that_are_none_are_not_asked_for() {
    for line in [
        "start ../x",
        "pause vm a/b",
        "pause vmi A",
        "reset a?b",
        "migrate-cancel a,b",
        "evacuate-cancel vm ..",
        "expand --vm a%2fb",
        "guestosinfo a#b",
        "objectgraph a/../b",
    ] {
        let outcome = World::empty().run(line).await;
        let error = outcome.error.unwrap_or_default();
        assert!(
            error.contains("is not a Kubernetes name"),
            "{line}: {error}"
        );
        assert_eq!(outcome.asked, [], "{line}");
    }
}
