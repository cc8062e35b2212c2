//! The node's sign of life: one patch every 60 to 132 s, which also carries labels that have changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Node;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use kubevirt_core::config::ClusterConfig;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::capabilities::Capabilities;
use super::ksm;
use super::labels::{self, Labels, SKIP_ANNOTATION};

/// The shortest time between two heartbeats; virt-controller gives a node up after 5 minutes without one.
const INTERVAL: Duration = Duration::from_secs(60);
/// The longest is this many times the shortest, so that many nodes do not write at the same moment.
const JITTER: f64 = 2.2;
/// The first pause after a write that failed; doubled up to [`INTERVAL`].
const RETRY: Duration = Duration::from_secs(1);

/// Annotation: virt-handler switched the merging of equal pages on.
const MERGING_MANAGED: &str = "kubevirt.io/ksm-handler-managed";

/// What the heartbeat is made of.
pub(crate) struct Heartbeat {
    pub(crate) client: Client,
    pub(crate) node: String,
    /// Where the init container left what libvirt knows.
    pub(crate) node_info: PathBuf,
    /// kubelet's root directory.
    pub(crate) kubelet_root: PathBuf,
    pub(crate) kvm: bool,
    pub(crate) config: watch::Receiver<Arc<ClusterConfig>>,
}

/// What is known of the node object.
struct Known {
    labels: Labels,
    /// The administrator labels this node.
    skipped: bool,
    /// virt-handler had switched the merging of equal pages on.
    merging_managed: bool,
}

impl Known {
    fn new(metadata: ObjectMeta) -> Self {
        let annotations = metadata.annotations.unwrap_or_default();
        Self {
            labels: metadata.labels.unwrap_or_default(),
            skipped: annotations.contains_key(SKIP_ANNOTATION),
            merging_managed: annotations
                .get(MERGING_MANAGED)
                .is_some_and(|value| value == "true"),
        }
    }
}

/// Beats for ever. The first beat makes the node schedulable for launcher pods.
pub(crate) async fn run(mut heartbeat: Heartbeat, beaten: watch::Sender<bool>) {
    let api: Api<Node> = Api::all(heartbeat.client.clone());
    let mut known: Option<Known> = None;
    let mut retry = RETRY;
    loop {
        if known.is_none() {
            match api.get_metadata(&heartbeat.node).await {
                Ok(node) => known = Some(Known::new(node.metadata)),
                Err(error) => tracing::warn!(%error, node = heartbeat.node, "cannot read the node"),
            }
        }
        let pause = match &known {
            Some(current) => {
                let patch = heartbeat.patch(current);
                match api
                    .patch_metadata(
                        &heartbeat.node,
                        &PatchParams::default(),
                        &Patch::Merge(&patch),
                    )
                    .await
                {
                    Ok(node) => {
                        beaten.send_replace(true);
                        retry = RETRY;
                        known = Some(Known::new(node.metadata));
                        INTERVAL.mul_f64(1.0 + (JITTER - 1.0) * random())
                    }
                    Err(error) => {
                        tracing::warn!(%error, node = heartbeat.node, "cannot write the heartbeat");
                        // What is known may be what was refused.
                        known = None;
                        doubled(&mut retry)
                    }
                }
            }
            None => doubled(&mut retry),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // The settings' word on labels and memory takes effect at once.
            () = settings_changed(&mut heartbeat.config) => {}
        }
    }
}

/// The pause to make now, and twice as long the next time.
fn doubled(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(INTERVAL);
    now
}

/// Takes the node out of scheduling: virt-handler stops, and new virtual machines would wait for the next one.
pub(crate) async fn withdraw(client: Client, node: &str) {
    let api: Api<Node> = Api::all(client);
    let patch = json!({ "metadata": { "labels": { "kubevirt.io/schedulable": "false" } } });
    if let Err(error) = api
        .patch_metadata(node, &PatchParams::default(), &Patch::Merge(&patch))
        .await
    {
        tracing::warn!(%error, node, "cannot take the node out of scheduling");
    }
}

impl Heartbeat {
    /// The beat of the moment. Also switches the merging of equal pages.
    fn patch(&self, current: &Known) -> Value {
        let wanted = ksm::chosen(self.config.borrow().nodes.ksm.as_ref(), &current.labels);
        let merging = ksm::apply(Path::new(ksm::SWITCH), wanted, current.merging_managed);
        let wanted = self.wanted(current, merging.enabled);
        let changes = labels::difference(&current.labels, &wanted);
        body(&changes, &now(), merging.managed)
    }

    /// The labels the node should have, of those that are ours.
    fn wanted(&self, current: &Known, merging: bool) -> Labels {
        let mut wanted = if current.skipped {
            // The administrator labels this node: what is there is right.
            labels::own(&current.labels)
        } else {
            match Capabilities::read(&self.node_info, self.kvm) {
                Ok(found) => labels::wanted(
                    &found,
                    &labels::obsolete(self.config.borrow().obsolete_cpu_models()),
                    self.kvm,
                ),
                Err(error) => {
                    tracing::warn!(%error, "the node's labels stay as they are");
                    labels::own(&current.labels)
                }
            }
        };
        let pinning = cpu_manager(&self.kubelet_root).to_string();
        wanted.insert("kubevirt.io/cpumanager".to_owned(), pinning.clone());
        wanted.insert("cpumanager".to_owned(), pinning);
        wanted.insert("kubevirt.io/ksm-enabled".to_owned(), merging.to_string());
        wanted.insert("kubevirt.io/schedulable".to_owned(), "true".to_owned());
        wanted
    }
}

/// Resolves when the settings change in what a beat carries or does.
async fn settings_changed(config: &mut watch::Receiver<Arc<ClusterConfig>>) {
    let before = config.borrow_and_update().clone();
    loop {
        if config.changed().await.is_err() {
            // No more news: the heartbeat goes on by time alone.
            std::future::pending::<()>().await;
        }
        let now = config.borrow_and_update();
        if now.obsolete_cpu_models() != before.obsolete_cpu_models()
            || now.nodes.ksm != before.nodes.ksm
        {
            return;
        }
    }
}

/// The heartbeat's patch.
fn body(changes: &BTreeMap<String, Option<String>>, now: &str, merging_managed: bool) -> Value {
    let annotations =
        json!({ "kubevirt.io/heartbeat": now, MERGING_MANAGED: merging_managed.to_string() });
    let mut metadata = json!({ "annotations": annotations });
    if !changes.is_empty() {
        metadata["labels"] = json!(changes);
    }
    json!({ "metadata": metadata })
}

/// Now, in RFC 3339 with whole seconds.
fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .to_string()
}

/// Whether kubelet gives whole processors to containers that ask for them, by its state file.
fn cpu_manager(kubelet_root: &Path) -> bool {
    let Ok(text) = std::fs::read(kubelet_root.join("cpu_manager_state")) else {
        return false;
    };
    let state: Value = serde_json::from_slice(&text).unwrap_or_default();
    state["policyName"] == "static"
}

/// A number from 0 to 1 that differs between nodes and beats; nothing depends on its quality.
fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let number = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    f64::from(u32::try_from(number >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_without_changes_writes_the_annotations_alone() {
        let patch = body(&BTreeMap::new(), "2026-01-01T00:00:00Z", false);
        assert_eq!(
            patch["metadata"]["annotations"]["kubevirt.io/heartbeat"],
            "2026-01-01T00:00:00Z"
        );
        assert!(patch["metadata"].get("labels").is_none());
    }

    #[test]
    fn removed_labels_are_null() {
        let changes = BTreeMap::from([
            ("a".to_owned(), None),
            ("b".to_owned(), Some("true".to_owned())),
        ]);
        let patch = body(&changes, "now", true);
        assert_eq!(
            patch["metadata"]["labels"],
            json!({ "a": null, "b": "true" })
        );
        assert_eq!(patch["metadata"]["annotations"][MERGING_MANAGED], "true");
    }

    #[test]
    fn kubelets_policy_is_read() {
        let root = tempfile::tempdir().unwrap();
        assert!(!cpu_manager(root.path()));
        std::fs::write(
            root.path().join("cpu_manager_state"),
            r#"{"policyName":"static","defaultCpuSet":"0-1"}"#,
        )
        .unwrap();
        assert!(cpu_manager(root.path()));
    }

    #[test]
    fn the_time_has_whole_seconds() {
        assert!(now().ends_with('Z') && !now().contains('.'), "{}", now());
    }
}
