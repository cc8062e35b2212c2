//! The streams that one server has open.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Open streams: at most so many, and all end at shutdown. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    places: Arc<Semaphore>,
    limit: usize,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

/// The place of one stream.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held until the stream ends")] OwnedSemaphorePermit);

impl Sessions {
    /// At most `limit` streams, until `shutdown`.
    #[must_use]
    pub fn new(limit: usize, shutdown: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limit)),
            limit,
            tasks: TaskTracker::new(),
            shutdown,
        }
    }

    /// A place for one more stream.
    ///
    /// # Errors
    /// The limit, when all places are taken.
    pub fn place(&self) -> Result<Place, usize> {
        let place = self.places.clone().try_acquire_owned();
        place.map(Place).map_err(|_| self.limit)
    }

    /// How many streams are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.limit.saturating_sub(self.places.available_permits())
    }

    /// Runs a stream in its place. It has to end by itself at [`Self::shutdown`].
    pub fn spawn(&self, place: Place, stream: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            stream.await;
            drop(place);
        });
    }

    /// When the server ends.
    #[must_use]
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Waits after shutdown until all streams have ended, at most `limit`.
    pub async fn ended(&self, limit: Duration) {
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                streams = self.tasks.len(),
                "streams still open at shutdown, cutting them off"
            );
        }
    }
}
