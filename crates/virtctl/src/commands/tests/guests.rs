//! guestosinfo, userlist, fslist, expand, objectgraph.

use serde_json::json;

use super::*;

#[tokio::test]
async fn what_the_agent_says_is_printed_as_it_came() {
    let world = || World::empty().with("GET ", json!({ "b": [1], "a": "x" }));
    let said = "{\n  \"a\": \"x\",\n  \"b\": [\n    1\n  ]\n}\n";
    check(
        world,
        vec![
            one(
                "guestosinfo vm1",
                format!("GET {VMI}/vm1/guestosinfo"),
                NONE,
                said,
            ),
            one(
                "userlist vm1",
                format!("GET {VMI}/vm1/userlist"),
                NONE,
                said,
            ),
            one(
                "fslist vm1",
                format!("GET {VMI}/vm1/filesystemlist"),
                NONE,
                said,
            ),
        ],
    )
    .await;
    let yaml = world().run("fslist vm1 -o yaml").await;
    let value: Value = serde_saphyr::from_str(&yaml.said).unwrap();
    assert_eq!(value, json!({ "b": [1], "a": "x" }), "{}", yaml.said);
}

#[tokio::test]
async fn a_machine_is_expanded() {
    let expanded = json!({ "kind": "VirtualMachine" });
    let world = || {
        World::empty()
            .with(format!("GET {VM}/vm1/expand-spec"), expanded.clone())
            .with(
                "PUT /apis/subresources.kubevirt.io/v1/namespaces/ns/expand-vm-spec",
                expanded.clone(),
            )
    };
    const FILE: &str = concat!(
        "expand --output json --file ",
        env!("CARGO_MANIFEST_DIR"),
        "/src/commands/tests/machine.yaml"
    );
    let posted = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "vm1" },
        "spec": { "instancetype": { "name": "u1.small" } },
    });
    check(
        world,
        vec![
            one(
                "expand --vm vm1",
                format!("GET {VM}/vm1/expand-spec"),
                NONE,
                "kind: VirtualMachine\n",
            ),
            one(
                FILE,
                "PUT /apis/subresources.kubevirt.io/v1/namespaces/ns/expand-vm-spec",
                posted,
                "{\n  \"kind\": \"VirtualMachine\"\n}\n",
            ),
        ],
    )
    .await;
    let other = World::empty()
        .run(concat!(
            "expand -f ",
            env!("CARGO_MANIFEST_DIR"),
            "/src/commands/tests/kubeconfig.yaml"
        ))
        .await;
    assert!(
        other
            .error
            .unwrap_or_default()
            .ends_with("has a Config, not a VirtualMachine")
    );
    assert_eq!(other.asked, []);
}

#[tokio::test]
async fn the_graph_is_asked_for_with_options() {
    check(
        || World::empty().with("GET ", json!({ "children": [] })),
        vec![
            one(
                "objectgraph vm1",
                format!("GET {VM}/vm1/objectgraph"),
                json!({ "includeOptionalNodes": true }),
                "{\n  \"children\": []\n}\n",
            ),
            one(
                "objectgraph vm1 --vmi --exclude-optional --selector kubevirt.io/dependency-type=storage,a=b -o yaml",
                format!("GET {VMI}/vm1/objectgraph"),
                json!({
                    "includeOptionalNodes": false,
                    "labelSelector": { "matchLabels": { "kubevirt.io/dependency-type": "storage", "a": "b" } },
                }),
                "children: []\n",
            ),
        ],
    )
    .await;
}
