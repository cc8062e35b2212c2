//! Connecting again and again: to a machine that does not run yet, and to one whose stream broke.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use http::{Request, StatusCode};

use super::{Attempt, Refusal, Stream, attempt};
use crate::client::Cluster;
use crate::subresource;

/// The pause after a refusal, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What became of a stream that broke.
pub(crate) enum Again {
    /// It is open again.
    Connected(Box<Stream>),
    /// The machine has stopped.
    Stopped(String),
}

/// Connects, again and again while the virtual machine exists and is not running yet, at most until `limit`.
///
/// # Errors
/// When it will not run by itself, when the server refuses for another reason, and at the `limit`.
pub(crate) async fn first(
    cluster: &Cluster,
    name: &str,
    path: &str,
    limit: Instant,
) -> anyhow::Result<Stream> {
    loop {
        let refusal = match attempt(&cluster.client, path).await? {
            Attempt::Connected(stream) => return Ok(*stream),
            Attempt::Refused(refusal) => refusal,
        };
        let passing = match refusal.status {
            StatusCode::BAD_REQUEST | StatusCode::SERVICE_UNAVAILABLE => !permanent(&refusal),
            // Between a start and the VirtualMachineInstance's creation there is a moment without one.
            StatusCode::NOT_FOUND => {
                exists(cluster, "virtualmachines", name).await? == Existence::Alive
            }
            _ => false,
        };
        if !passing {
            bail!("{}", refusal.message);
        }
        if Instant::now() >= limit {
            bail!(
                "{name} did not run in time: {}; `kubectl describe vmi {name}` tells what it waits for",
                refusal.message
            );
        }
        // Short, so that little of what the guest says at first is missed.
        tokio::time::sleep(FIRST_PAUSE).await;
    }
}

/// Connects again after a stream broke, while the instance lives, at most until `limit`. Servers may be away meanwhile.
///
/// # Errors
/// When the server refuses for good, and at the `limit`.
pub(crate) async fn again(
    cluster: &Cluster,
    name: &str,
    path: &str,
    limit: Instant,
) -> anyhow::Result<Again> {
    let mut pause = FIRST_PAUSE;
    loop {
        let last = match attempt(&cluster.client, path).await {
            Ok(Attempt::Connected(stream)) => return Ok(Again::Connected(stream)),
            Ok(Attempt::Refused(refusal)) => {
                let for_good = matches!(
                    refusal.status,
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_IMPLEMENTED
                );
                if for_good || permanent(&refusal) {
                    bail!("{}", refusal.message);
                }
                match exists(cluster, "virtualmachineinstances", name).await {
                    Ok(Existence::Gone) => {
                        return Ok(Again::Stopped("the virtual machine has stopped".to_owned()));
                    }
                    Ok(Existence::Ended(phase)) => {
                        return Ok(Again::Stopped(format!(
                            "the virtual machine has stopped (phase {phase})"
                        )));
                    }
                    // The API server may be away for a moment, too.
                    Ok(Existence::Alive | Existence::Unknown) | Err(_) => {}
                }
                refusal.message
            }
            Err(error) => format!("{error:#}"),
        };
        if Instant::now() >= limit {
            bail!("cannot connect again: {last}; run the command again");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether waiting cannot help: the machine was made without the device.
fn permanent(refusal: &Refusal) -> bool {
    refusal.message.contains("autoattach")
}

/// What is known of an object.
#[derive(Debug, PartialEq, Eq)]
enum Existence {
    Alive,
    /// It is in a final phase.
    Ended(String),
    Gone,
    /// The user may open the stream, but not read the object.
    Unknown,
}

async fn exists(cluster: &Cluster, resource: &str, name: &str) -> anyhow::Result<Existence> {
    let path = format!(
        "/apis/kubevirt.io/v1/namespaces/{}/{resource}/{name}",
        cluster.namespace
    );
    let request = Request::get(path).body(Vec::new())?;
    let answer = tokio::time::timeout(
        subresource::CALL_TIMEOUT,
        cluster.client.request_text(request),
    )
    .await
    .context("no answer from the cluster")?;
    match answer {
        Ok(text) => {
            let object: serde_json::Value =
                serde_json::from_str(&text).context("the server's answer is no JSON")?;
            let phase = object
                .pointer("/status/phase")
                .and_then(|phase| phase.as_str());
            Ok(match phase {
                Some(phase @ ("Succeeded" | "Failed")) => Existence::Ended(phase.to_owned()),
                _ => Existence::Alive,
            })
        }
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(Existence::Gone),
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(Existence::Unknown),
        Err(error) => Err(subresource::plain(error)),
    }
}
