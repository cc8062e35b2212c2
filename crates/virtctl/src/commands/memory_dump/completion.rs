//! Waiting for the dump.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure};

use super::{claim_of, machine};
use crate::client::Cluster;
use crate::objects::text;

const STEP: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(600);

/// Waits until the machine's dump is complete; the claim with it.
pub(super) async fn wait(cluster: &Cluster, name: &str) -> anyhow::Result<String> {
    let end = Instant::now() + LIMIT;
    loop {
        let machine = machine(cluster, name).await?;
        let claim = claim_of(&machine);
        ensure!(
            !claim.is_empty(),
            "VirtualMachine {name} has no memory dump: make one with virtctl memory-dump get {name} --claim-name PVC"
        );
        let phase = text(&machine, "/status/memoryDumpRequest/phase");
        match phase {
            "Completed" => return Ok(claim.to_owned()),
            "Failed" => bail!(
                "the memory dump failed: {}",
                text(&machine, "/status/memoryDumpRequest/message")
            ),
            "Dissociating" => bail!("the memory dump of {name} is being removed"),
            _ => println!("Waiting for memorydump {claim} to complete, current phase: {phase}..."),
        }
        ensure!(
            Instant::now() < end,
            "the memory dump is not complete after {}s, its phase is {phase}: kubectl describe vm {name} tells more",
            LIMIT.as_secs()
        );
        tokio::time::sleep(STEP).await;
    }
}
