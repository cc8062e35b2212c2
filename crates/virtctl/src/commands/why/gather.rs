//! Reading the facts: a bounded number of requests, as many at once as do not depend on each other.

use std::time::Duration;

use http::Request;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use serde_json::Value;

use super::facts::{Facts, is_final};
use super::look::{condition_is, list, name, text};
use crate::subresource;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(15);
/// The most objects of one kind that are read.
const MOST: usize = 500;
/// The most claims and pods whose events are read.
const MOST_EVENTS: usize = 6;

/// What kind of machine the user has named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A VirtualMachine, or else a VirtualMachineInstance.
    Either,
    /// A VirtualMachine.
    Machine,
    /// A VirtualMachineInstance, whatever its VirtualMachine says.
    Instance,
}

/// The answer to one request.
enum Answer {
    Found(Value),
    /// There is no such object, or no such kind: the server's words.
    Missing(String),
    /// It could not be read: the server's words.
    Hidden(String),
}

/// Reads everything that the rules look at.
///
/// # Errors
/// When neither the machine nor the list of machines can be read.
pub(crate) async fn gather(
    client: &Client,
    namespace: &str,
    name: &str,
    kind: Kind,
) -> anyhow::Result<Facts> {
    let mut facts = Facts {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        now: Timestamp::now(),
        ..Facts::default()
    };
    let base = format!("/apis/kubevirt.io/v1/namespaces/{namespace}");
    let (vm, vmi) = futures::join!(
        async {
            match kind {
                Kind::Instance => Answer::Missing(String::new()),
                _ => get(client, format!("{base}/virtualmachines/{name}")).await,
            }
        },
        get(client, format!("{base}/virtualmachineinstances/{name}")),
    );
    for (answer, slot) in [(vm, &mut facts.vm), (vmi, &mut facts.vmi)] {
        match answer {
            Answer::Found(object) => *slot = Some(object),
            // Of an object that does not exist the server tells the name, of a kind that does not exist it cannot.
            Answer::Missing(words) => {
                facts.not_installed |= !words.is_empty() && !words.contains(name);
            }
            Answer::Hidden(words) => anyhow::bail!("{words}"),
        }
    }
    if facts.vm.is_none() && kind == Kind::Machine {
        facts.vmi = None;
    }
    if facts.vm.is_none() && facts.vmi.is_none() {
        if !facts.not_installed {
            neighbours(client, &base, kind, &mut facts).await;
        }
        return Ok(facts);
    }
    around(client, &mut facts).await;
    details(client, &mut facts).await;
    facts.sort();
    facts.now = Timestamp::now();
    Ok(facts)
}

/// The names that there are.
async fn neighbours(client: &Client, base: &str, kind: Kind, facts: &mut Facts) {
    for (resource, wanted) in [
        ("virtualmachines", kind != Kind::Instance),
        ("virtualmachineinstances", kind != Kind::Machine),
    ] {
        if wanted
            && let Answer::Found(found) =
                get(client, format!("{base}/{resource}?limit={MOST}")).await
        {
            facts.neighbours.extend(
                list(&found, "/items")
                    .iter()
                    .map(|object| name(object).to_owned()),
            );
        }
    }
}

/// What does not depend on anything but the machine.
async fn around(client: &Client, facts: &mut Facts) {
    let namespace = facts.namespace.clone();
    let core = format!("/api/v1/namespaces/{namespace}");
    let living = facts.living().is_some();
    let running = living && facts.phase() == "Running";
    let uid = facts
        .vmi
        .as_ref()
        .map(|vmi| text(vmi, "/metadata/uid").to_owned());
    let on_node = facts
        .vmi
        .as_ref()
        .filter(|vmi| !is_final(vmi))
        .map(|vmi| text(vmi, "/status/nodeName").to_owned())
        .filter(|node| !node.is_empty());
    let uses = |pointer: &str| {
        facts.spec().is_some_and(|spec| {
            list(spec, "/volumes")
                .iter()
                .any(|volume| !text(volume, pointer).is_empty())
        })
    };
    let imports = uses("/dataVolume/name");
    let claims = imports
        || uses("/persistentVolumeClaim/claimName")
        || uses("/ephemeral/persistentVolumeClaim/claimName");
    let wants_claims = claims && !running && facts.is_to_run();
    let wants_imports = imports && wants_claims;
    let moving = facts.is_to_run() && !running;
    let name = facts.name.clone();

    let only = |wanted: bool, path: String| async move {
        if wanted {
            Some(get(client, path).await)
        } else {
            None
        }
    };
    let (pods, events, found_claims, imported, classes, node, migrations, kubevirts, handlers) = futures::join!(
        only(
            uid.is_some(),
            format!(
                "{core}/pods?limit=50&labelSelector=kubevirt.io%2Fcreated-by%3D{}",
                uid.clone().unwrap_or_default()
            )
        ),
        only(
            true,
            format!("{core}/events?limit={MOST}&fieldSelector=involvedObject.name%3D{name}")
        ),
        only(
            wants_claims,
            format!("{core}/persistentvolumeclaims?limit={MOST}")
        ),
        only(
            wants_imports,
            format!(
                "/apis/cdi.kubevirt.io/v1beta1/namespaces/{namespace}/datavolumes?limit={MOST}"
            )
        ),
        only(
            wants_claims,
            "/apis/storage.k8s.io/v1/storageclasses?limit=500".to_owned()
        ),
        only(
            on_node.is_some(),
            format!("/api/v1/nodes/{}", on_node.clone().unwrap_or_default())
        ),
        only(
            running,
            format!(
                "/apis/kubevirt.io/v1/namespaces/{namespace}/virtualmachineinstancemigrations?limit={MOST}"
            )
        ),
        only(moving, "/apis/kubevirt.io/v1/kubevirts?limit=10".to_owned()),
        only(
            on_node.is_some(),
            format!(
                "/api/v1/pods?limit=50&labelSelector=kubevirt.io%3Dvirt-handler&fieldSelector=spec.nodeName%3D{}",
                on_node.clone().unwrap_or_default()
            )
        ),
    );
    let mut hidden = Vec::new();
    facts.pods = items(pods, "the machine's pods", &mut hidden).unwrap_or_default();
    facts.events = items(events, "its events", &mut hidden).unwrap_or_default();
    facts.claims = items(found_claims, "PersistentVolumeClaims", &mut hidden);
    facts.no_importer = matches!(imported, Some(Answer::Missing(_)));
    facts.data_volumes = items(imported, "DataVolumes", &mut hidden);
    facts.storage_classes = items(classes, "storage classes", &mut hidden);
    facts.migrations = items(migrations, "migrations", &mut hidden).unwrap_or_default();
    facts
        .migrations
        .retain(|migration| text(migration, "/spec/vmiName") == name);
    facts.kubevirts = items(kubevirts, "the KubeVirt object", &mut hidden).unwrap_or_default();
    facts.handlers = items(handlers, "the virt-handler pod of its node", &mut hidden);
    match node {
        Some(Answer::Found(node)) => facts.nodes.push(node),
        Some(Answer::Missing(_)) => facts.node_is_missing = true,
        Some(Answer::Hidden(words)) => hidden.push(format!("its node: {words}")),
        None => {}
    }
    facts.hidden.extend(hidden);
}

/// What follows from what was found.
async fn details(client: &Client, facts: &mut Facts) {
    let namespace = facts.namespace.clone();
    let core = format!("/api/v1/namespaces/{namespace}");
    let mut about: Vec<String> = facts
        .pods
        .iter()
        .map(|pod| name(pod).to_owned())
        .take(MOST_EVENTS)
        .collect();
    let unbound = facts
        .claims
        .iter()
        .flatten()
        .filter(|claim| text(claim, "/status/phase") == "Pending");
    about.extend(
        unbound
            .map(|claim| name(claim).to_owned())
            .take(MOST_EVENTS),
    );
    let events = futures::future::join_all(about.iter().map(|name| {
        let path = format!("{core}/events?limit={MOST}&fieldSelector=involvedObject.name%3D{name}");
        async move { get(client, path).await }
    }));
    let homeless = facts
        .pods
        .iter()
        .any(|pod| condition_is(pod, "PodScheduled", "False").is_some());
    let nodes = async {
        if homeless {
            Some(get(client, format!("/api/v1/nodes?limit={MOST}")).await)
        } else {
            None
        }
    };
    let moving = facts.is_to_run() && facts.phase() != "Running";
    let own = facts
        .kubevirts
        .first()
        .map_or("kubevirt", |kubevirt| text(kubevirt, "/metadata/namespace"))
        .to_owned();
    let components = async {
        if !moving {
            return Vec::new();
        }
        let base = format!("/apis/apps/v1/namespaces/{own}");
        let (deployments, daemons) = futures::join!(
            get(client, format!("{base}/deployments?limit=50")),
            get(client, format!("{base}/daemonsets?limit=50")),
        );
        vec![deployments, daemons]
    };
    let offers = offers(client, facts);
    let (events, nodes, components, offers) = futures::join!(events, nodes, components, offers);
    let mut hidden = Vec::new();
    for answer in events {
        facts
            .events
            .extend(items(Some(answer), "its pods' events", &mut hidden).unwrap_or_default());
    }
    if let Some(nodes) = items(nodes, "the nodes", &mut hidden) {
        facts.nodes = nodes;
    }
    for answer in components {
        facts.components.extend(
            items(Some(answer), "KubeVirt's own components", &mut hidden).unwrap_or_default(),
        );
    }
    facts.offers = offers;
    hidden.dedup();
    facts.hidden.extend(hidden);
}

/// The instancetypes or preferences that there are, when the machine's own cannot be had.
async fn offers(client: &Client, facts: &Facts) -> Vec<String> {
    let Some(failure) = facts
        .vm
        .as_ref()
        .and_then(|vm| condition_is(vm, "Failure", "True"))
    else {
        return Vec::new();
    };
    let plural = match text(failure, "/reason") {
        "FailedFindInstancetype" => "instancetypes",
        "FailedFindPreference" => "preferences",
        _ => return Vec::new(),
    };
    let base = "/apis/instancetype.kubevirt.io/v1beta1";
    let (cluster, own) = (
        format!("{base}/virtualmachinecluster{plural}?limit={MOST}"),
        format!(
            "{base}/namespaces/{}/virtualmachine{plural}?limit={MOST}",
            facts.namespace
        ),
    );
    let (cluster, own) = futures::join!(get(client, cluster), get(client, own));
    [cluster, own]
        .into_iter()
        .filter_map(|answer| items(Some(answer), "", &mut Vec::new()))
        .flatten()
        .map(|object| name(&object).to_owned())
        .collect()
}

/// The objects of a list. What cannot be read is told; what does not exist is not.
fn items(answer: Option<Answer>, what: &str, hidden: &mut Vec<String>) -> Option<Vec<Value>> {
    match answer? {
        Answer::Found(found) => Some(list(&found, "/items").to_vec()),
        Answer::Missing(_) => None,
        Answer::Hidden(words) => {
            hidden.push(format!("{what}: {words}"));
            None
        }
    }
}

/// One object or list.
async fn get(client: &Client, path: String) -> Answer {
    let request = match Request::get(path).body(Vec::new()) {
        Ok(request) => request,
        Err(error) => return Answer::Hidden(error.to_string()),
    };
    match tokio::time::timeout(LIMIT, client.request::<Value>(request)).await {
        Ok(Ok(value)) => Answer::Found(value),
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => {
            Answer::Missing(status.message.clone())
        }
        Ok(Err(error)) => Answer::Hidden(format!("{:#}", subresource::plain(error))),
        Err(_) => Answer::Hidden(format!("no answer within {}s", LIMIT.as_secs())),
    }
}
