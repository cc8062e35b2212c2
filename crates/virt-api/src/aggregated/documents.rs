//! What clients read to find out what there is: discovery and the version. OpenAPI is in [`super::openapi`].

use serde_json::{Value, json};

use super::route::{GROUP, Subresource, VERSIONS};

/// The API's root.
pub(crate) fn root_paths() -> Value {
    let mut paths = vec![
        "/apis".to_owned(),
        "/openapi/v2".to_owned(),
        format!("/apis/{GROUP}"),
    ];
    paths.extend(
        VERSIONS
            .iter()
            .map(|version| format!("/apis/{GROUP}/{version}")),
    );
    json!({ "paths": paths })
}

/// The groups: one.
pub(crate) fn groups() -> Value {
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [group_entry()] })
}

/// The group.
pub(crate) fn group() -> Value {
    let mut group = group_entry();
    group["kind"] = json!("APIGroup");
    group["apiVersion"] = json!("v1");
    group
}

/// The name within the object is in the singular, unlike the group's: clients of the original have never known it otherwise.
fn group_entry() -> Value {
    let version =
        |version: &str| json!({ "groupVersion": format!("{GROUP}/{version}"), "version": version });
    json!({
        "name": "subresource.kubevirt.io",
        "versions": VERSIONS.map(version),
        "preferredVersion": version(VERSIONS[0]),
        "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": "" }],
    })
}

/// The subresources.
pub(crate) fn resources(version: &str) -> Value {
    let listed = Subresource::ALL.iter().filter(|one| one.row().listed);
    let entry = |subresource: &Subresource| {
        let name = match subresource.names() {
            (resource, "") => resource.to_owned(),
            (resource, name) => format!("{resource}/{name}"),
        };
        json!({
            "name": name,
            "singularName": "",
            "namespaced": true,
            "kind": "",
            "verbs": null,
        })
    };
    json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": format!("{GROUP}/{version}"),
        "resources": listed.map(entry).collect::<Vec<_>>(),
    })
}

/// The version of this program, with the keys that `virtctl version` prints.
pub(crate) fn version() -> Value {
    json!({
        "gitVersion": concat!("v", env!("CARGO_PKG_VERSION")),
        "gitCommit": option_env!("KUBEVIRT_GIT_COMMIT").unwrap_or("unknown"),
        "gitTreeState": option_env!("KUBEVIRT_GIT_TREE_STATE").unwrap_or("unknown"),
        "buildDate": option_env!("KUBEVIRT_BUILD_DATE").unwrap_or("unknown"),
        "goVersion": "none",
        "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, architecture()),
    })
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as the original's discovery has them, in its order.
    const LISTED: [&str; 31] = [
        "expand-vm-spec",
        "virtualmachineinstances/vnc",
        "virtualmachineinstances/vnc/screenshot",
        "virtualmachineinstances/console",
        "virtualmachineinstances/portforward",
        "virtualmachineinstances/backup",
        "virtualmachineinstances/redefine-checkpoint",
        "virtualmachineinstances/pause",
        "virtualmachineinstances/unpause",
        "virtualmachineinstances/freeze",
        "virtualmachineinstances/unfreeze",
        "virtualmachineinstances/reset",
        "virtualmachineinstances/softreboot",
        "virtualmachines/start",
        "virtualmachines/stop",
        "virtualmachines/restart",
        "virtualmachines/migrate",
        "virtualmachines/expand-spec",
        "virtualmachines/objectgraph",
        "virtualmachines/evacuate/cancel",
        "virtualmachineinstances/guestosinfo",
        "virtualmachineinstances/userlist",
        "virtualmachineinstances/filesystemlist",
        "virtualmachineinstances/addvolume",
        "virtualmachineinstances/removevolume",
        "virtualmachineinstances/objectgraph",
        "virtualmachineinstances/sev/fetchcertchain",
        "virtualmachineinstances/sev/querylaunchmeasurement",
        "virtualmachineinstances/sev/setupsession",
        "virtualmachineinstances/sev/injectlaunchsecret",
        "virtualmachineinstances/evacuate/cancel",
    ];

    #[test]
    fn discovery_lists_what_the_original_lists() {
        for version in VERSIONS {
            let resources = resources(version);
            assert_eq!(
                resources["groupVersion"],
                format!("subresources.kubevirt.io/{version}")
            );
            let entries = resources["resources"].as_array().unwrap();
            let names: Vec<_> = entries
                .iter()
                .map(|entry| entry["name"].as_str().unwrap())
                .collect();
            assert_eq!(names, LISTED);
            for entry in entries {
                assert_eq!(entry["namespaced"], true);
                assert_eq!(entry["kind"], "");
                assert_eq!(entry["singularName"], "");
                assert!(entry["verbs"].is_null());
            }
        }
        assert_eq!(group()["preferredVersion"]["version"], "v1");
        assert_eq!(group()["name"], "subresource.kubevirt.io");
    }
}
