//! Freezing a guest's file systems, and thawing them: on demand, or when their time is over.
//!
//! When that is stands in the domain's metadata before the file systems are frozen, so that a virt-handler that was started
//! anew thaws them as well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kubevirt_api::FsFreezeStatus;
use kubevirt_domain::{THAW_METADATA, thaw_note};
use kubevirt_libvirt::{Domain, Error as LibvirtError};
use tokio::task::AbortHandle;

use super::{AgentError, Shared, answers, ask, words};

/// How often a thaw that is due is tried, and the longest pause between two attempts: for about an hour.
const ATTEMPTS: u32 = 64;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// When frozen file systems are thawed.
#[derive(Default)]
pub(crate) struct Thaw(Mutex<Option<AbortHandle>>);

impl Thaw {
    /// Has them thawed at `at`, in seconds since 1970, instead of at any other time.
    pub(crate) fn arm(&self, shared: &Arc<Shared>, domain: &Domain, at: u64) {
        let (shared, domain) = (Arc::downgrade(shared), domain.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(at.saturating_sub(now()))).await;
            let mut pause = Duration::from_secs(1);
            for _ in 0..ATTEMPTS {
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                match thaw_alone(&shared, &domain).await {
                    Ok(()) => {
                        tracing::info!(
                            domain = domain.name(),
                            "the file systems' time is over, thawed"
                        );
                        return;
                    }
                    // The guest is off, or the connection is another one by now: its supervisor arms anew.
                    Err(AgentError::Libvirt(
                        LibvirtError::NotFound(_)
                        | LibvirtError::OperationInvalid(_)
                        | LibvirtError::Disconnected { .. },
                    )) => return,
                    Err(error) => {
                        tracing::warn!(domain = domain.name(), error = words::message(&error), retry_in = ?pause, "cannot thaw the guest's file systems");
                    }
                }
                drop(shared);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        });
        if let Some(old) = self.lock().replace(task.abort_handle()) {
            old.abort();
        }
    }

    /// As [`Thaw::arm`], unless there is a time already.
    pub(crate) fn arm_if_idle(&self, shared: &Arc<Shared>, domain: &Domain, at: u64) {
        let armed = self.lock().as_ref().is_some_and(|task| !task.is_finished());
        if !armed {
            self.arm(shared, domain, at);
        }
    }

    /// Has nothing thawed.
    pub(crate) fn disarm(&self) {
        if let Some(task) = self.lock().take() {
            task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Thaw {
    fn drop(&mut self) {
        self.disarm();
    }
}

/// Freezes the file systems, until they are thawed or `limit` is over. The caller has the agent's turn. When they are frozen
/// already they stay so, with the new limit.
///
/// # Errors
/// When that does not work; nothing stays frozen then, as far as the agent still listens.
pub(crate) async fn freeze(
    shared: &Arc<Shared>,
    domain: &Domain,
    limit: Option<Duration>,
) -> Result<(), AgentError> {
    let status = ask(domain, "guest-fsfreeze-status").await?;
    let frozen = answers::freeze_status(&status) == Some(FsFreezeStatus::Frozen);
    // Part of a second counts as a whole one: no thaw comes early.
    let at = limit.map(|limit| now().saturating_add(limit.as_secs()).saturating_add(1));
    note(domain, at).await?;
    if !frozen && let Err(error) = ask(domain, "guest-fsfreeze-freeze").await {
        // What came of it is open when no answer came: whatever is frozen is not to stay so.
        match undo(domain).await {
            Ok(()) => shared.thaw.disarm(),
            Err(_) => shared.thaw.arm(shared, domain, now()),
        }
        return Err(error);
    }
    match at {
        Some(at) => shared.thaw.arm(shared, domain, at),
        None => shared.thaw.disarm(),
    }
    Ok(())
}

/// Thaws the file systems. The caller has the agent's turn.
///
/// # Errors
/// When that does not work; a time that was set stays.
pub(crate) async fn thaw(shared: &Shared, domain: &Domain) -> Result<(), AgentError> {
    undo(domain).await?;
    shared.thaw.disarm();
    Ok(())
}

/// As [`thaw`], for the task that [`Thaw`] would end.
async fn thaw_alone(shared: &Shared, domain: &Domain) -> Result<(), AgentError> {
    let turn = shared.agent.turn().await?;
    let done = undo(domain).await;
    drop(turn);
    done
}

async fn undo(domain: &Domain) -> Result<(), AgentError> {
    ask(domain, "guest-fsfreeze-thaw").await?;
    note(domain, None).await
}

/// Writes down when the file systems are to be thawed, or that nothing is frozen.
async fn note(domain: &Domain, at: Option<u64>) -> Result<(), AgentError> {
    let (prefix, namespace) = THAW_METADATA;
    match domain
        .set_metadata_in(prefix, namespace, at.map(thaw_note))
        .await
    {
        Err(LibvirtError::NotFound(_)) if at.is_none() => Ok(()),
        other => Ok(other?),
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|since| since.as_secs())
        .unwrap_or_default()
}
