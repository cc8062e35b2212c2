//! What waits for one viewer of a console: bytes, joined as they come, and at last why no more come.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kubevirt_streams::{Bytes, Ending, Source};
use tokio::sync::Notify;

/// What may wait for a viewer, in bytes, before the guest has to.
pub(super) const LIMIT: usize = 64 * 1024;

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: Option<Ending>,
    gone: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    more: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hub's end.
pub(super) struct Feeder(Arc<Shared>);

/// The viewer's end.
pub(crate) struct Feed {
    shared: Arc<Shared>,
    /// Tells the hub that there is room again, or that the viewer has left.
    stirred: Arc<Notify>,
}

/// A new pair; `stirred` wakes the hub.
pub(super) fn feed(stirred: Arc<Notify>) -> (Feeder, Feed) {
    let shared = Arc::<Shared>::default();
    (Feeder(shared.clone()), Feed { shared, stirred })
}

impl Feeder {
    /// Adds bytes, also beyond the limit.
    pub(super) fn push(&self, bytes: &[u8]) {
        self.0.lock().bytes.extend_from_slice(bytes);
        self.0.more.notify_one();
    }

    pub(super) fn full(&self) -> bool {
        self.0.lock().bytes.len() >= LIMIT
    }

    /// The viewer has left.
    pub(super) fn gone(&self) -> bool {
        self.0.lock().gone
    }

    /// Nothing more comes, and why.
    pub(super) fn end(&self, ending: Ending) {
        self.0.lock().ended = Some(ending);
        self.0.more.notify_one();
    }
}

impl Source for Feed {
    async fn next(&mut self) -> Result<Bytes, Ending> {
        loop {
            {
                let mut state = self.shared.lock();
                if !state.bytes.is_empty() {
                    let bytes = std::mem::take(&mut state.bytes);
                    drop(state);
                    self.stirred.notify_one();
                    return Ok(Bytes::from(bytes));
                }
                if let Some(ending) = &state.ended {
                    return Err(ending.clone());
                }
            }
            self.shared.more.notified().await;
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.lock().gone = true;
        self.stirred.notify_one();
    }
}
