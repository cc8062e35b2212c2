//! Waiting for the export server.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde_json::Value;

use super::object;
use super::output::Messages;
use crate::client::Cluster;
use crate::objects::text;

const STEP: Duration = Duration::from_secs(2);

/// The export, once it is ready.
pub(super) async fn wait(
    cluster: &Cluster,
    name: &str,
    limit: Duration,
    messages: &Messages,
) -> anyhow::Result<Value> {
    let end = Instant::now() + limit;
    loop {
        let export = object::get(cluster, name).await?;
        let state = match &export {
            None => {
                messages.tell(&format!(
                    "couldn't get VM Export {name}, waiting for it to be created..."
                ));
                "there is none of that name: give --vm, --snapshot or --pvc to create it".to_owned()
            }
            Some(export) => match text(export, "/status/phase") {
                "Ready" => return Ok(export.clone()),
                phase @ ("Terminated" | "Skipped") => {
                    bail!("VM Export {name} is {phase}{}", reason(export))
                }
                "" => {
                    messages.tell(&format!(
                        "waiting for VM Export {name} status to be ready..."
                    ));
                    "no controller has taken it up: it has no status".to_owned()
                }
                phase => {
                    messages.tell(&format!(
                        "waiting for VM Export {name} status to be ready..."
                    ));
                    format!("its phase is {phase}{}", reason(export))
                }
            },
        };
        let left = end.saturating_duration_since(Instant::now());
        ensure!(
            !left.is_zero(),
            "VM Export {name} was not ready within {}s: {state}; `kubectl describe vmexport {name}` tells more, --readiness-timeout waits longer",
            limit.as_secs()
        );
        tokio::time::sleep(STEP.min(left)).await;
    }
}

/// What the conditions say against it.
fn reason(export: &Value) -> String {
    let conditions = export
        .pointer("/status/conditions")
        .and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .filter(|condition| text(condition, "/status") == "False")
        .map(|condition| {
            format!(
                ", {}: {} {}",
                text(condition, "/type"),
                text(condition, "/reason"),
                text(condition, "/message")
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}
