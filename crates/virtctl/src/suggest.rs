//! What to try when an object is not found: a near name, another namespace, or the next command.

use std::time::Duration;

use kube::api::ListParams;

use crate::cli::program;
use crate::client::Cluster;
use crate::target::Kind;
use crate::{machines, subresource};

/// Looking for something to suggest takes at most this long.
const LIMIT: Duration = Duration::from_secs(5);
/// Names that are looked at.
const NAMES: u32 = 500;
/// Names that are suggested.
const SUGGESTED: usize = 3;
/// How alike names must be; 1 is the same.
const ALIKE: f64 = 0.6;

/// Ends `error` with a hint when it says that there is no `kind` of that name in the cluster's namespace. All other errors
/// stay as they are.
pub(crate) async fn explain(
    cluster: &Cluster,
    kind: Kind,
    name: &str,
    error: anyhow::Error,
) -> anyhow::Error {
    if !is_missing(&error, name) {
        return error;
    }
    match tokio::time::timeout(LIMIT, hint(cluster, kind, name)).await {
        Ok(Some(hint)) => anyhow::anyhow!("{error:#}; {hint}"),
        _ => error,
    }
}

/// Whether the server says that there is no such object. What is asked of a guest's agent fails with 500 whatever the reason is,
/// so that there the words count.
fn is_missing(error: &anyhow::Error, name: &str) -> bool {
    match subresource::code(error) {
        Some(404) => true,
        Some(500) => error
            .to_string()
            .ends_with(&format!("\"{name}\" not found")),
        _ => false,
    }
}

/// What to try instead; nothing when the object is there, as then something else is missing.
async fn hint(cluster: &Cluster, kind: Kind, name: &str) -> Option<String> {
    let namespace = &cluster.namespace;
    let names = names(cluster, kind, Some(namespace), None).await;
    if names.iter().any(|(_, other)| other == name) {
        return None;
    }
    if kind == Kind::VirtualMachineInstance
        && !self::names(cluster, Kind::VirtualMachine, Some(namespace), Some(name))
            .await
            .is_empty()
    {
        return Some(format!(
            "VirtualMachine {name} does not run: start it with `{} start {name} -n {namespace}`",
            program()
        ));
    }
    let elsewhere = self::names(cluster, kind, None, Some(name)).await;
    let namespaces: Vec<&str> = elsewhere
        .iter()
        .map(|(namespace, _)| namespace.as_str())
        .take(SUGGESTED)
        .collect();
    if !namespaces.is_empty() {
        return Some(format!(
            "there is one in namespace {}: use -n {}",
            namespaces.join(" and in namespace "),
            namespaces.first().copied().unwrap_or_default()
        ));
    }
    let near = near(name, names.iter().map(|(_, name)| name.as_str()));
    Some(if near.is_empty() {
        format!("see `kubectl get {} -n {namespace}`", kind.short())
    } else {
        format!("did you mean {}?", either(&near))
    })
}

/// Namespaces and names of what there is, as far as the user may list it.
async fn names(
    cluster: &Cluster,
    kind: Kind,
    namespace: Option<&str>,
    name: Option<&str>,
) -> Vec<(String, String)> {
    let api = machines::api(cluster, kind, namespace);
    let mut parameters = ListParams::default().limit(NAMES);
    if let Some(name) = name {
        parameters = parameters.fields(&format!("metadata.name={name}"));
    }
    let list = match api.list_metadata(&parameters).await {
        Ok(list) => list.items,
        Err(_) => return Vec::new(),
    };
    list.into_iter()
        .filter_map(|object| {
            Some((
                object.metadata.namespace.unwrap_or_default(),
                object.metadata.name?,
            ))
        })
        .filter(|(_, other)| name.is_none_or(|name| name == other))
        .collect()
}

/// The nearest of `names`, the best first.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut rated: Vec<(f64, &str)> = names
        .map(|other| {
            let begins = name.len() >= 2 && (other.starts_with(name) || name.starts_with(other));
            let alike = strsim::normalized_damerau_levenshtein(name, other);
            (if begins { alike.max(ALIKE) } else { alike }, other)
        })
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    rated
        .into_iter()
        .map(|(_, name)| name)
        .take(SUGGESTED)
        .collect()
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Asked, Server, json as answer, missing};
    use serde_json::json;

    #[test]
    fn near_names_come_best_first() {
        let names = ["web", "web-1", "database", "wbe-2"];
        assert_eq!(near("web-2", names.into_iter()), ["wbe-2", "web-1", "web"]);
        assert_eq!(near("databse", names.into_iter()), ["database"]);
        assert!(near("x", names.into_iter()).is_empty());
        assert_eq!(near("da", names.into_iter()), ["database"]);
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }

    fn list(objects: &[(&str, &str)]) -> serde_json::Value {
        let items: Vec<_> = objects
            .iter()
            .map(|(namespace, name)| {
                json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
                       "metadata": {"namespace": namespace, "name": name}})
            })
            .collect();
        json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {}, "items": items})
    }

    async fn told(kind: Kind, name: &str, there: &'static [(&str, &str, &str)]) -> String {
        let server = Server::start(move |asked: &Asked| {
            let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
            let found: Vec<(&str, &str)> = there
                .iter()
                .filter(|(resource, namespace, name)| {
                    path.ends_with(&format!("/{resource}"))
                        && (!path.contains("/namespaces/")
                            || path.contains(&format!("/namespaces/{namespace}/")))
                        && (!query.contains("fieldSelector")
                            || query.contains(&format!("metadata.name%3D{name}")))
                })
                .map(|(_, namespace, name)| (*namespace, *name))
                .collect();
            if path.contains("subresources") {
                missing("it")
            } else {
                answer(200, list(&found))
            }
        })
        .await;
        let cluster = server.cluster();
        let path = subresource::path("ns", kind.resource(), name, "pause").unwrap();
        let error = subresource::put_nothing(&cluster.client, &path)
            .await
            .unwrap_err();
        explain(&cluster, kind, name, error).await.to_string()
    }

    #[tokio::test]
    async fn what_is_missing_is_explained() {
        let machine = Kind::VirtualMachine;
        let instance = Kind::VirtualMachineInstance;
        for (kind, name, there, hint) in [
            (
                machine,
                "vm2",
                &[("virtualmachines", "ns", "vm1")][..],
                "it not found; did you mean vm1?",
            ),
            (
                machine,
                "vm2",
                &[("virtualmachines", "ns", "vm2")][..],
                "it not found",
            ),
            (
                machine,
                "vm2",
                &[
                    ("virtualmachines", "ns", "vm1"),
                    ("virtualmachines", "b", "vm2"),
                ][..],
                "it not found; there is one in namespace b: use -n b",
            ),
            (
                machine,
                "vm2",
                &[][..],
                "it not found; see `kubectl get vm -n ns`",
            ),
            (
                instance,
                "vm2",
                &[("virtualmachineinstances", "ns", "vm1")][..],
                "it not found; did you mean vm1?",
            ),
        ] {
            assert_eq!(told(kind, name, there).await, hint, "{name} {there:?}");
        }
        let stopped = told(instance, "vm2", &[("virtualmachines", "ns", "vm2")]).await;
        assert!(
            stopped.contains("VirtualMachine vm2 does not run: start it with"),
            "{stopped}"
        );
    }
}
