//! Leader election by a Lease, so that of several replicas one acts.
//!
//! # What is guaranteed
//! The holder's token is cancelled at the latest [`Election::renew_deadline`] after it *began* its last confirmed
//! renewal. Another candidate takes over only after it has seen no change of the Lease for [`Election::duration`], counted
//! from when it saw the last one, which is later. So between the two lie at least `duration - renew_deadline` (5 s), and no
//! clocks are compared: each side measures intervals on its own monotonic clock.
//!
//! A request that the old holder had sent before the end may still arrive afterwards. Hence: leave the process when the
//! token is cancelled, and make writes that must not happen twice conflict-checked or named deterministically.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::watching::{self, Observed};

/// Who wants to lead what, and how fast it goes.
#[derive(Clone, Debug)]
pub struct Election {
    /// Namespace of the Lease.
    pub namespace: String,
    /// Name of the Lease, for example `virt-controller`.
    pub name: String,
    /// This candidate; unlike every other one (the pod's name and UID).
    pub identity: String,
    /// How long others wait after the last sign of life. Whole seconds.
    pub duration: Duration,
    /// How long the holder goes on without a confirmed renewal. Less than `duration`.
    pub renew_deadline: Duration,
    /// How often the holder renews.
    pub renew_period: Duration,
}

impl Election {
    /// The usual times: 15 s, 10 s and 5 s.
    #[must_use]
    pub fn new(namespace: &str, name: &str, identity: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            identity: identity.to_owned(),
            duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            renew_period: Duration::from_secs(5),
        }
    }

    fn spec(&self, old: Option<&LeaseSpec>, now: Timestamp) -> LeaseSpec {
        let held =
            old.is_some_and(|old| old.holder_identity.as_deref() == Some(self.identity.as_str()));
        let transitions = old.and_then(|old| old.lease_transitions).unwrap_or(0);
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: Some(
                i32::try_from(self.duration.as_secs()).unwrap_or(i32::MAX),
            ),
            acquire_time: old
                .filter(|_| held)
                .and_then(|old| old.acquire_time.clone())
                .or(Some(MicroTime(now))),
            renew_time: Some(MicroTime(now)),
            lease_transitions: Some(if held || old.is_none() {
                transitions
            } else {
                transitions.saturating_add(1)
            }),
            ..LeaseSpec::default()
        }
    }
}

/// The office, held until [`Leadership::lost`] is cancelled or [`Leadership::release`] is called.
#[derive(Debug)]
pub struct Leadership {
    lost: CancellationToken,
    stop: CancellationToken,
    renewal: tokio::task::JoinHandle<()>,
}

impl Leadership {
    /// Cancelled when the office is lost (or was released). Stop acting then; best leave the process.
    #[must_use]
    pub fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }

    /// Gives the office up so that another candidate takes it at once. Call it only after everything that acts has
    /// stopped. Waits at most 5 s.
    pub async fn release(self) {
        self.stop.cancel();
        if timeout(Duration::from_secs(5), self.renewal).await.is_err() {
            tracing::warn!(
                "the lease could not be released in time, another candidate takes over when it runs out"
            );
        }
        self.lost.cancel();
    }
}

/// Waits until this candidate leads, as long as that takes; `None` when `shutdown` comes first. While another one holds
/// the Lease this costs one watch of one object. Needs `get`, `list`, `watch`, `create`, `update` on `leases`.
pub async fn acquire(
    client: Client,
    election: Election,
    shutdown: CancellationToken,
) -> Option<Leadership> {
    let api: Api<Lease> = Api::namespaced(client.clone(), &election.namespace);
    let mut leases = watching::follow(api.clone(), &election.name, shutdown.clone());
    let mut version = None;
    let mut seen = Instant::now();
    loop {
        let observed = leases.borrow_and_update().clone();
        if let Observed::Present(lease) = &observed
            && version != lease.metadata.resource_version
        {
            version.clone_from(&lease.metadata.resource_version);
            seen = Instant::now();
        }
        let free = match &observed {
            Observed::Unknown => None,
            Observed::Absent => Some(Instant::now()),
            Observed::Present(lease) if is_free(lease, &election.identity) => Some(Instant::now()),
            Observed::Present(lease) => Some(seen + duration_of(lease, election.duration)),
        };
        tokio::select! {
            () = shutdown.cancelled() => return None,
            changed = leases.changed() => {
                if changed.is_err() {
                    return None;
                }
                continue;
            }
            () = until(free) => {}
        }
        match take(&api, &election, version.as_deref()).await {
            Ok(Taken::Held { lease, began }) => return Some(hold(api, election, *lease, began)),
            Ok(Taken::Changed(newer)) => {
                // The watch lags behind; what was read just now is the last sign of life.
                version = newer;
                seen = Instant::now();
            }
            Err(error) => {
                tracing::warn!(%error, lease = %election.name, "cannot take the lease, trying again")
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return None,
            () = sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn holder(lease: &Lease) -> Option<&str> {
    lease
        .spec
        .as_ref()?
        .holder_identity
        .as_deref()
        .filter(|holder| !holder.is_empty())
}

/// Nobody holds it, or it is this candidate's own from before a restart under the same identity.
fn is_free(lease: &Lease, identity: &str) -> bool {
    holder(lease).is_none_or(|holder| holder == identity)
}

/// What the holder promised, else our own duration; within a minute, whatever it says.
fn duration_of(lease: &Lease, fallback: Duration) -> Duration {
    let seconds = lease
        .spec
        .as_ref()
        .and_then(|spec| spec.lease_duration_seconds);
    let promised = seconds
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(Duration::from_secs);
    promised
        .unwrap_or(fallback)
        .clamp(Duration::from_secs(1), Duration::from_secs(60))
        .max(fallback)
}

enum Taken {
    Held { lease: Box<Lease>, began: Instant },
    Changed(Option<String>),
}

/// Writes this candidate into the Lease, provided that it is still at `version` (`None`: that there is none).
async fn take(
    api: &Api<Lease>,
    election: &Election,
    version: Option<&str>,
) -> Result<Taken, kube::Error> {
    let began = Instant::now();
    let current = api.get_opt(&election.name).await?;
    let parameters = PostParams::default();
    let written = match current {
        None => {
            let lease = Lease {
                metadata: ObjectMeta {
                    name: Some(election.name.clone()),
                    ..ObjectMeta::default()
                },
                spec: Some(election.spec(None, Timestamp::now())),
            };
            api.create(&parameters, &lease).await
        }
        Some(lease)
            if lease.metadata.resource_version.as_deref() != version
                && !is_free(&lease, &election.identity) =>
        {
            return Ok(Taken::Changed(lease.metadata.resource_version));
        }
        Some(mut lease) => {
            lease.spec = Some(election.spec(lease.spec.as_ref(), Timestamp::now()));
            api.replace(&election.name, &parameters, &lease).await
        }
    };
    match written {
        Ok(lease) => Ok(Taken::Held {
            lease: Box::new(lease),
            began,
        }),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(Taken::Changed(None)),
        Err(error) => Err(error),
    }
}

fn hold(api: Api<Lease>, election: Election, lease: Lease, began: Instant) -> Leadership {
    tracing::info!(lease = %election.name, identity = %election.identity, "leading");
    let (lost, stop) = (CancellationToken::new(), CancellationToken::new());
    let renewal = tokio::spawn(renew(
        api,
        election,
        lease,
        began,
        lost.clone(),
        stop.clone(),
    ));
    Leadership {
        lost,
        stop,
        renewal,
    }
}

async fn renew(
    api: Api<Lease>,
    election: Election,
    mut lease: Lease,
    mut confirmed: Instant,
    lost: CancellationToken,
    stop: CancellationToken,
) {
    // Also when this task panics: whoever acts must not go on without a renewal.
    let _guard = lost.clone().drop_guard();
    let mut next = confirmed + election.renew_period;
    loop {
        let deadline = confirmed + election.renew_deadline;
        tokio::select! {
            () = stop.cancelled() => return release(&api, &election, lease).await,
            () = sleep_until(next.min(deadline)) => {}
        }
        let began = Instant::now();
        if began >= deadline {
            tracing::error!(lease = %election.name, "not renewed in time, the office is lost");
            return;
        }
        lease.spec = Some(election.spec(lease.spec.as_ref(), Timestamp::now()));
        match timeout_at(
            deadline,
            api.replace(&election.name, &PostParams::default(), &lease),
        )
        .await
        {
            Ok(Ok(renewed)) => {
                lease = renewed;
                confirmed = began;
                next = began + election.renew_period;
                continue;
            }
            Ok(Err(kube::Error::Api(status))) if status.code == 409 || status.code == 404 => {
                // Somebody wrote it, or our own write was carried out though its answer was lost.
                match timeout_at(deadline, api.get_opt(&election.name)).await {
                    Ok(Ok(Some(current)))
                        if holder(&current) == Some(election.identity.as_str()) =>
                    {
                        lease = current
                    }
                    Ok(Ok(_)) => {
                        tracing::error!(lease = %election.name, "taken by another or deleted, the office is lost");
                        return;
                    }
                    Ok(Err(_)) | Err(_) => {}
                }
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, lease = %election.name, "cannot renew the lease, trying again")
            }
            Err(_) => {}
        }
        next = Instant::now() + Duration::from_secs(1);
    }
}

async fn release(api: &Api<Lease>, election: &Election, mut lease: Lease) {
    if let Some(spec) = &mut lease.spec {
        spec.holder_identity = Some(String::new());
        spec.renew_time = Some(MicroTime(Timestamp::now()));
    }
    match timeout(
        Duration::from_secs(4),
        api.replace(&election.name, &PostParams::default(), &lease),
    )
    .await
    {
        Ok(Ok(_)) => tracing::info!(lease = %election.name, "released"),
        Ok(Err(error)) => {
            tracing::warn!(%error, lease = %election.name, "cannot release the lease")
        }
        Err(_) => tracing::warn!(lease = %election.name, "no answer while releasing the lease"),
    }
}

#[cfg(test)]
mod tests;
