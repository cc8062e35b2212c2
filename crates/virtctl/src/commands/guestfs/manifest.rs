//! The pod with libguestfs' tools.

use serde_json::{Map, Value, json};

use super::{Guestfs, PullPolicy};
use crate::objects::text;

/// The one container.
pub(super) const CONTAINER: &str = "libguestfs";
const DEVICE: &str = "/dev/vda";
const FOLDER: &str = "/disk";

/// Where the volume is in the container.
pub(super) fn place(claim: &Value) -> &'static str {
    if is_block(claim) { DEVICE } else { FOLDER }
}

fn is_block(claim: &Value) -> bool {
    text(claim, "/spec/volumeMode") == "Block"
}

/// The pod for a claim; of the machine come the constraints of scheduling.
pub(super) fn pod(
    arguments: &Guestfs,
    image: &str,
    claim: &Value,
    machine: Option<&Value>,
) -> Value {
    let mut container = json!({
        "name": CONTAINER,
        "image": image,
        "imagePullPolicy": match arguments.pull_policy {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        },
        "command": ["/entrypoint.sh"],
        "env": [
            { "name": "LIBGUESTFS_BACKEND", "value": "direct" },
            { "name": "LIBGUESTFS_PATH", "value": "/usr/local/lib/guestfs/appliance" },
            { "name": "LIBGUESTFS_TMPDIR", "value": "/tmp/guestfs" },
            { "name": "HOME", "value": "/home/guestfs" },
        ],
        "stdin": true,
        "tty": true,
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
        },
    });
    let mut mounts = vec![
        json!({ "name": "libguestfs-tmp-dir", "mountPath": "/tmp/guestfs" }),
        json!({ "name": "guestfs", "mountPath": "/home/guestfs" }),
    ];
    if is_block(claim) {
        container["volumeDevices"] = json!([{ "name": "volume", "devicePath": DEVICE }]);
    } else {
        mounts.push(json!({ "name": "volume", "mountPath": FOLDER }));
        container["workingDir"] = FOLDER.into();
    }
    container["volumeMounts"] = mounts.into();
    if arguments.kvm {
        container["resources"] = json!({ "limits": { "devices.kubevirt.io/kvm": "1" } });
    }
    let mut spec = json!({
        "restartPolicy": "Never",
        "containers": [container],
        "securityContext": security(arguments),
        "volumes": [
            { "name": "volume", "persistentVolumeClaim": { "claimName": arguments.claim } },
            { "name": "libguestfs-tmp-dir", "emptyDir": {} },
            { "name": "guestfs", "emptyDir": {} },
        ],
    });
    for key in ["nodeSelector", "affinity", "tolerations"] {
        let value =
            machine.and_then(|machine| machine.pointer(&format!("/spec/template/spec/{key}")));
        if let Some(value) = value {
            spec[key] = value.clone();
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": format!("libguestfs-tools-{}", arguments.claim) },
        "spec": spec,
    })
}

fn security(arguments: &Guestfs) -> Value {
    let mut context = Map::new();
    context.insert("runAsNonRoot".into(), (!arguments.root).into());
    context.insert("seccompProfile".into(), json!({ "type": "RuntimeDefault" }));
    let user = if arguments.root {
        Some(0)
    } else {
        arguments.uid
    };
    for (key, value) in [
        ("runAsUser", user),
        ("runAsGroup", arguments.gid),
        ("fsGroup", arguments.fs_group),
    ] {
        if let Some(value) = value {
            context.insert(key.into(), value.into());
        }
    }
    context.into()
}
