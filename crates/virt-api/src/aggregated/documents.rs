//! What clients read to find out what there is: discovery, versions and OpenAPI.

use serde_json::{Map, Value, json};

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

/// OpenAPI 2, for kube-apiserver to merge into its own.
pub(crate) fn open_api_v2() -> Value {
    let mut paths = Map::new();
    for version in VERSIONS {
        for subresource in Subresource::ALL.iter().copied() {
            let mut operation = operation(version, subresource);
            operation["consumes"] = json!(["*/*"]);
            operation["produces"] = json!(["application/json"]);
            operation["schemes"] = json!(["https"]);
            operation["responses"] = responses(subresource);
            let parameters = ["name", "namespace"].map(|name| {
                json!({ "name": name, "in": "path", "required": true, "type": "string", "uniqueItems": true })
            });
            let mut item = json!({ "parameters": parameters });
            item[subresource.row().method.as_str().to_ascii_lowercase()] = operation;
            paths.insert(path(version, subresource), item);
        }
    }
    json!({ "swagger": "2.0", "info": info(), "paths": paths, "definitions": {} })
}

/// The index of OpenAPI 3. The hash lets clients cache: it changes with our version, as the documents do.
pub(crate) fn open_api_v3_index() -> Value {
    let entries = VERSIONS.iter().map(|version| {
        let path = format!("apis/{GROUP}/{version}");
        let url = format!("/openapi/v3/{path}?hash={}", env!("CARGO_PKG_VERSION"));
        (path, json!({ "serverRelativeURL": url }))
    });
    json!({ "paths": entries.collect::<Map<_, _>>() })
}

/// OpenAPI 3 of one version.
pub(crate) fn open_api_v3(version: &str) -> Value {
    let paths = Subresource::ALL.iter().copied().map(|subresource| {
        let mut operation = operation(version, subresource);
        operation["responses"] = responses(subresource);
        let parameters = ["name", "namespace"].map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        });
        let mut item = json!({ "parameters": parameters });
        item[subresource.row().method.as_str().to_ascii_lowercase()] = operation;
        (path(version, subresource), item)
    });
    json!({ "openapi": "3.0.0", "info": info(), "paths": paths.collect::<Map<_, _>>() })
}

fn info() -> Value {
    json!({ "title": "KubeVirt subresources", "version": concat!("v", env!("CARGO_PKG_VERSION")) })
}

fn path(version: &str, subresource: Subresource) -> String {
    let (resource, name) = subresource.names();
    let beneath = format!("/apis/{GROUP}/{version}/namespaces/{{namespace}}/{resource}");
    match name {
        "" => beneath,
        _ if subresource.has_port() => format!("{beneath}/{{name}}/{name}/{{port}}"),
        _ => format!("{beneath}/{{name}}/{name}"),
    }
}

fn operation(version: &str, subresource: Subresource) -> Value {
    json!({ "operationId": format!("{version}{subresource:?}"), "description": subresource.row().summary })
}

fn responses(subresource: Subresource) -> Value {
    let description = match subresource.row().success {
        101 => "Switching Protocols",
        202 => "Accepted",
        _ => "OK",
    };
    json!({
        subresource.row().success.to_string(): { "description": description },
        "401": { "description": "Unauthorized" },
        "404": { "description": "Not Found" },
        "409": { "description": "Conflict" },
        "500": { "description": "Internal Server Error" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_lists_what_exists() {
        let resources = resources("v1");
        assert_eq!(resources["groupVersion"], "subresources.kubevirt.io/v1");
        let names: Vec<_> = resources["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| &entry["name"])
            .collect();
        assert_eq!(
            names,
            [
                "virtualmachineinstances/console",
                "virtualmachines/start",
                "virtualmachines/stop",
                "virtualmachines/restart"
            ]
        );
        assert_eq!(group()["preferredVersion"]["version"], "v1");
    }

    #[test]
    fn operations_have_unique_names() {
        let document = open_api_v2();
        let mut names: Vec<String> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned))
            .collect();
        assert_eq!(names.len(), 8);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 8);
    }
}
