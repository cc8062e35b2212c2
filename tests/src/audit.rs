//! Counting API requests from the apiservers' audit logs.

use std::fs;

use serde_json::Value;

use crate::kubectl::state;

/// One request that changed something.
#[derive(Clone, Debug)]
pub struct Write {
    /// Who wrote: a service account's full name.
    pub user: String,
    /// create, update, patch or delete.
    pub verb: String,
    /// The resource's plural name.
    pub resource: String,
    /// `status` and the like, or empty.
    pub subresource: String,
    /// The object's name, empty for a creation by generateName.
    pub name: String,
    /// The HTTP status that it was answered with.
    pub code: u64,
}

/// All writes in a namespace by KubeVirt's own service accounts, from both masters' logs.
pub fn writes_by_components(namespace: &str) -> anyhow::Result<Vec<Write>> {
    let mut writes = Vec::new();
    for entry in fs::read_dir(state().join("log"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with("audit-") && name.ends_with(".log") {
            for line in fs::read_to_string(&path)?
                .lines()
                .filter(|line| line.contains(namespace))
            {
                writes.extend(
                    serde_json::from_str(line)
                        .ok()
                        .and_then(|event| write(&event, namespace)),
                );
            }
        }
    }
    Ok(writes)
}

fn write(event: &Value, namespace: &str) -> Option<Write> {
    let text = |pointer: &str| {
        event
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let user = text("/user/username");
    let verb = text("/verb");
    let ours = user.starts_with("system:serviceaccount:kubevirt:");
    let changes = ["create", "update", "patch", "delete"].contains(&verb.as_str());
    (ours
        && changes
        && text("/stage") == "ResponseComplete"
        && text("/objectRef/namespace") == namespace)
        .then(|| Write {
            user,
            verb,
            resource: text("/objectRef/resource"),
            subresource: text("/objectRef/subresource"),
            name: text("/objectRef/name"),
            code: event
                .pointer("/responseStatus/code")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
        })
}
