//! Waiting for the volume: until it takes the upload, and until CDI has put the data into it.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde_json::Value;

use super::arguments::{Plan, Target};
use super::claim::{self, POD_PHASE};
use crate::client::Cluster;
use crate::objects::{annotation, text};

const READY: &str = "cdi.kubevirt.io/storage.pod.ready";
const MESSAGE: &str = "cdi.kubevirt.io/storage.condition.running.message";
const STEP: Duration = Duration::from_secs(2);
/// Converting a large disk takes long.
const PROCESSING: Duration = Duration::from_secs(24 * 3600);

/// Waits until CDI's pod for the upload is there.
pub(super) async fn until_ready(
    cluster: &Cluster,
    plan: &Plan,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let end = Instant::now() + plan.wait;
    let mut waited = false;
    loop {
        let state = state(cluster, plan).await?;
        if state.is_none() {
            if waited {
                writeln!(out, "Pod now ready")?;
            }
            return Ok(());
        }
        if !waited {
            waited = true;
            writeln!(
                out,
                "Waiting for PVC {} upload pod to be ready...",
                plan.name
            )?;
        }
        ensure!(
            Instant::now() < end,
            "PVC {} did not take the upload within {}s: {}; --wait-secs waits longer",
            plan.name,
            plan.wait.as_secs(),
            state.unwrap_or_default()
        );
        tokio::time::sleep(STEP).await;
    }
}

/// What is waited for; `None` when the upload can begin.
async fn state(cluster: &Cluster, plan: &Plan) -> anyhow::Result<Option<String>> {
    if plan.target == Target::DataVolume {
        let Some(volume) = claim::get_data_volume(cluster, plan).await? else {
            return Ok(Some("there is no DataVolume".to_owned()));
        };
        let phase = text(&volume, "/status/phase");
        return match phase {
            "UploadReady" => Ok(None),
            "WaitForFirstConsumer" | "PendingPopulation" if !plan.force_bind => bail!(
                "cannot upload to DataVolume in {phase} state, make sure the PVC is Bound, or use force-bind flag"
            ),
            "Failed" => bail!(
                "DataVolume {} failed: kubectl describe dv {} tells why",
                plan.name,
                plan.name
            ),
            other => Ok(Some(format!("the DataVolume's phase is {other:?}"))),
        };
    }
    let Some(claim) = claim::get(cluster, plan).await? else {
        return Ok(Some("there is no PVC".to_owned()));
    };
    if annotation(&claim, READY) == Some("true") {
        return Ok(None);
    }
    let pod = annotation(&claim, POD_PHASE).unwrap_or("not there");
    Ok(Some(format!(
        "the PVC is {}, its upload pod {pod}",
        text(&claim, "/status/phase")
    )))
}

/// Waits until the data is in the volume.
pub(super) async fn until_processed(cluster: &Cluster, plan: &Plan) -> anyhow::Result<()> {
    let end = Instant::now() + PROCESSING;
    loop {
        if let Some(claim) = claim::get(cluster, plan).await? {
            match annotation(&claim, POD_PHASE) {
                Some("Succeeded") => return Ok(()),
                Some("Failed") => bail!("processing the data failed: {}", reason(&claim)),
                _ => {}
            }
        }
        ensure!(
            Instant::now() < end,
            "the data is not processed after {} hours: kubectl describe pvc {} tells more",
            PROCESSING.as_secs() / 3600,
            plan.name
        );
        tokio::time::sleep(STEP).await;
    }
}

fn reason(claim: &Value) -> &str {
    annotation(claim, MESSAGE)
        .unwrap_or("kubectl describe the PVC and its upload pod for the reason")
}
