//! Waiting for the pod.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde_json::Value;

use crate::client::Cluster;
use crate::objects::{self, text};

/// Pulling the image takes minutes.
const LIMIT: Duration = Duration::from_secs(500);
const STEP: Duration = Duration::from_secs(1);
/// A pull that fails may be tried again for so long.
const PULL: Duration = Duration::from_secs(60);

/// Waits until the container runs.
pub(super) async fn wait(cluster: &Cluster, name: &str) -> anyhow::Result<()> {
    let path = objects::path("/api/v1", &cluster.namespace, "pods", Some(name))?;
    let begin = Instant::now();
    let mut told = String::new();
    loop {
        let Some(pod) = objects::get(&cluster.client, &path).await? else {
            bail!("the pod {name} was deleted");
        };
        let phase = text(&pod, "/status/phase");
        if matches!(phase, "Succeeded" | "Failed") {
            bail!(
                "the pod {name} ended at once ({phase}){}: is this an image with libguestfs' tools?",
                ended(&pod)
            );
        }
        let state = state(&pod);
        if phase == "Running" && state.is_empty() {
            return Ok(());
        }
        let pull = state.starts_with("ErrImage")
            || state.starts_with("ImagePull")
            || state.starts_with("InvalidImage");
        let limit = if pull { PULL } else { LIMIT };
        ensure!(
            begin.elapsed() < limit,
            "the pod {name} does not run after {}s: {state}{}",
            limit.as_secs(),
            if pull { ": give another --image" } else { "" }
        );
        if state != told {
            eprintln!("Waiting for the pod {name}: {state}");
            told = state;
        }
        tokio::time::sleep(STEP).await;
    }
}

/// How the container ended. The pod is removed, so that nobody can look it up afterwards.
fn ended(pod: &Value) -> String {
    let Some(end) = pod.pointer("/status/containerStatuses/0/state/terminated") else {
        return String::new();
    };
    let words = format!("{} {}", text(end, "/reason"), text(end, "/message"));
    format!(": {}", words.trim())
}

/// What the pod waits for; empty when its container runs.
fn state(pod: &Value) -> String {
    let waiting = pod.pointer("/status/containerStatuses/0/state/waiting");
    if let Some(waiting) = waiting {
        return format!("{} {}", text(waiting, "/reason"), text(waiting, "/message"))
            .trim()
            .to_owned();
    }
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let unscheduled = conditions.into_iter().flatten().find(|condition| {
        text(condition, "/type") == "PodScheduled" && text(condition, "/status") == "False"
    });
    match unscheduled {
        Some(condition) => format!("no node takes it: {}", text(condition, "/message")),
        None if text(pod, "/status/phase") == "Running" => String::new(),
        None => "it is being started".to_owned(),
    }
}
