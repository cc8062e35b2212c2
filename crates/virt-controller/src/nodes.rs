//! Nodes: what they offer, and whether their virt-handler still reports (contract 9).

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node as NodeObject, ObjectReference};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::{Patch, PatchParams};
use kube::{Api, Resource};
use kubevirt_api::names::{annotation, label, reason, resource};
use kubevirt_core::vmi::{Cluster, NodeState, Notice};
use serde_json::json;

use crate::context::Context;
use crate::key::Key;

/// How old a heartbeat may be.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How often heartbeats are looked at.
const PERIOD: Duration = Duration::from_secs(60);

/// What is needed of a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Label `kubevirt.io/schedulable`.
    pub(crate) schedulable: bool,
    /// It offers `devices.kubevirt.io/kvm`.
    pub(crate) kvm: bool,
    /// When virt-handler last reported.
    pub(crate) heartbeat: Option<Timestamp>,
    version: String,
    reference: ObjectReference,
}

impl Node {
    pub(crate) fn new(node: &NodeObject) -> Self {
        let labels = node.metadata.labels.as_ref();
        let heartbeat = node
            .metadata
            .annotations
            .as_ref()
            .and_then(|all| all.get(annotation::HEARTBEAT));
        let offered = node
            .status
            .as_ref()
            .and_then(|status| status.allocatable.as_ref());
        Self {
            schedulable: labels
                .and_then(|all| all.get(label::SCHEDULABLE))
                .map(String::as_str)
                == Some("true"),
            kvm: offered
                .and_then(|all| all.get(resource::KVM))
                .is_some_and(|amount| amount.0 != "0"),
            heartbeat: heartbeat.and_then(|text| text.trim_matches('"').parse().ok()),
            version: node.metadata.resource_version.clone().unwrap_or_default(),
            // Events of nodes bear the name where the UID would be, as kubelet's do: kubectl describe looks for that.
            reference: ObjectReference {
                uid: node.metadata.name.clone(),
                ..node.object_ref(&())
            },
        }
    }

    fn is_silent(&self, now: Timestamp) -> bool {
        self.heartbeat
            .is_some_and(|heartbeat| now.duration_since(heartbeat) > PATIENCE)
    }
}

/// Cache key of a node.
pub(crate) fn key(name: &str) -> Key {
    Key::new("", name)
}

/// What the nodes offer together.
pub(crate) fn cluster(context: &Context) -> Cluster {
    let offers = context
        .nodes
        .collect(|_, node| node.schedulable.then_some(node.kvm));
    Cluster {
        schedulable_nodes: offers.len(),
        kvm_nodes: offers.into_iter().filter(|kvm| *kvm).count(),
    }
}

/// Whether the virt-handler of a node reports.
pub(crate) fn state(context: &Context, name: Option<&str>, now: Timestamp) -> NodeState {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return NodeState::Responsive;
    };
    match context.nodes.get(&key(name)) {
        Some(node) if !node.is_silent(now) => NodeState::Responsive,
        _ => NodeState::Unresponsive,
    }
}

/// The instances on a node are to be looked at.
pub(crate) fn look_again(context: &Context, name: &str) {
    let there = context
        .instances
        .collect(|key, instance| (instance.node.as_deref() == Some(name)).then(|| key.clone()));
    there
        .into_iter()
        .for_each(|key| context.instance_queue.add(key));
}

/// Looks at the heartbeats from time to time, for ever.
pub(crate) async fn watch_heartbeats(context: Arc<Context>) {
    loop {
        let now = Timestamp::now();
        let silent = context.nodes.collect(|key, node| {
            (node.schedulable && node.is_silent(now)).then(|| (key.name().to_owned(), node.clone()))
        });
        for (name, node) in silent {
            if let Err(error) = take_out(&context, &name, &node).await {
                tracing::warn!(node = %name, %error, "a node that does not report cannot be marked");
            }
            look_again(&context, &name);
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Keeps new guests away from a node whose virt-handler does not report.
async fn take_out(context: &Context, name: &str, node: &Node) -> Result<(), kube::Error> {
    let nodes: Api<NodeObject> = Api::all(context.client.clone());
    let patch = json!({
        "metadata": { "resourceVersion": node.version, "labels": { label::SCHEDULABLE: "false" } }
    });
    context.figures.writes.inc();
    nodes
        .patch(name, &PatchParams::default(), &Patch::Merge(patch))
        .await?;
    context.tell(
        &node.reference,
        &Notice {
            warning: true,
            reason: reason::NODE_UNRESPONSIVE,
            message: format!(
                "virt-handler on node {name} has not reported for more than 5 minutes: no new virtual machines are placed there"
            ),
        },
    );
    Ok(())
}
