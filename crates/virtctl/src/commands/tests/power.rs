//! start, stop, restart, pause, unpause, soft-reboot, reset.

use serde_json::json;

use super::*;

#[tokio::test]
async fn starting_and_stopping() {
    let dry = json!({ "dryRun": ["All"] });
    check(
        World::empty,
        vec![
            one(
                "start vm1",
                format!("PUT {VM}/vm1/start"),
                json!({}),
                "VM vm1 was scheduled to start\n",
            ),
            one(
                "start vm1 --paused",
                format!("PUT {VM}/vm1/start"),
                json!({ "paused": true }),
                "VM vm1 was scheduled to start\n",
            ),
            one(
                "start --dry-run vm1",
                format!("PUT {VM}/vm1/start"),
                dry.clone(),
                "Dry Run execution\nVM vm1 was scheduled to start\n",
            ),
            one(
                "stop vm1",
                format!("PUT {VM}/vm1/stop"),
                json!({}),
                "VM vm1 was scheduled to stop\n",
            ),
            one(
                "stop vm1 --force --grace-period 0",
                format!("PUT {VM}/vm1/stop"),
                json!({ "gracePeriod": 0 }),
                "VM vm1 was scheduled to stop\n",
            ),
            one(
                "stop vm1 --dry-run",
                format!("PUT {VM}/vm1/stop"),
                dry.clone(),
                "Dry Run execution\nVM vm1 was scheduled to stop\n",
            ),
            one(
                "restart vm1",
                format!("PUT {VM}/vm1/restart"),
                json!({}),
                "VM vm1 was scheduled to restart\n",
            ),
            one(
                "restart vm1 --force --grace-period=0",
                format!("PUT {VM}/vm1/restart"),
                json!({ "gracePeriodSeconds": 0 }),
                "VM vm1 was scheduled to restart\n",
            ),
            one(
                "restart vm1 --dry-run",
                format!("PUT {VM}/vm1/restart"),
                dry,
                "Dry Run execution\nVM vm1 was scheduled to restart\n",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn pausing() {
    let get = || ask(format!("GET {VMS}/vm1"), NONE);
    let dry = json!({ "dryRun": ["All"] });
    let machine = || {
        let machine = json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "vm1" },
            "spec": { "runStrategy": "Always" },
        });
        World::empty().with(format!("GET {VMS}/vm1"), machine)
    };
    check(
        machine,
        vec![
            Case {
                line: "pause vm vm1",
                asks: vec![get(), ask(format!("PUT {VMI}/vm1/pause"), json!({}))],
                says: "VMI vm1 was scheduled to pause\n",
            },
            Case {
                line: "pause virtualmachines vm1 --dry-run",
                asks: vec![get(), ask(format!("PUT {VMI}/vm1/pause"), dry.clone())],
                says: "Dry Run execution\nVMI vm1 was scheduled to pause\n",
            },
            one(
                "pause vmi vm1",
                format!("PUT {VMI}/vm1/pause"),
                json!({}),
                "VMI vm1 was scheduled to pause\n",
            ),
            Case {
                line: "unpause vm vm1",
                asks: vec![get(), ask(format!("PUT {VMI}/vm1/unpause"), json!({}))],
                says: "VMI vm1 was scheduled to unpause\n",
            },
            one(
                "unpause vmi vm1 --dry-run",
                format!("PUT {VMI}/vm1/unpause"),
                dry,
                "Dry Run execution\nVMI vm1 was scheduled to unpause\n",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn beginning_anew() {
    check(
        World::empty,
        vec![
            one(
                "soft-reboot vm1",
                format!("PUT {VMI}/vm1/softreboot"),
                NONE,
                "VMI vm1 was scheduled to soft-reboot\n",
            ),
            one(
                "reset vm1",
                format!("PUT {VMI}/vm1/reset"),
                NONE,
                "VMI vm1 was scheduled to reset\n",
            ),
        ],
    )
    .await;
}
