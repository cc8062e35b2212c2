//! One connection to a guest's serial port, shared.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubevirt_streams::{Bytes, CloseCode, Ending, Sink};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::feed::{Feed, Feeder, feed};

/// What the hub reads from the guest at once, in bytes.
const CHUNK: usize = 16 * 1024;
/// Messages of input that wait for the guest.
const INPUT_QUEUE: usize = 4;
/// The most viewers of one console.
const MAX_VIEWERS: usize = 64;
/// How long the connection is kept after the last viewer left.
const LINGER: Duration = Duration::from_secs(5);
/// How long a viewer may hold up the guest, and with it the other viewers, by reading nothing. A guest that cannot print may
/// stand still altogether.
const PATIENCE: Duration = Duration::from_secs(1);

/// The guest's end closed.
pub(super) const GUEST_GONE: Ending = Ending::STOPPED;
/// The viewer read nothing for long.
const TOO_SLOW: Ending = Ending {
    code: CloseCode::Again,
    reason: "output came faster than it was read, connect again",
};
/// There are too many viewers.
const TOO_MANY: Ending = Ending {
    code: CloseCode::Again,
    reason: "too many viewers of this console, close one and connect again",
};
/// The viewer came at the very moment when the hub closed.
const CLOSING: Ending = Ending {
    code: CloseCode::Restart,
    reason: "the console was just closing, connect again",
};

/// The input of a console as a stream's sink.
pub(crate) struct Keys(mpsc::Sender<Bytes>);

impl Sink for Keys {
    async fn put(&mut self, bytes: Bytes) -> Result<(), Ending> {
        self.0.send(bytes).await.map_err(|_| GUEST_GONE)
    }
}

/// What a viewer gets when it is attached: the guest's output, and its input.
pub(crate) type Attached = (Feed, Keys);

/// A running hub.
#[derive(Clone)]
struct Handle {
    join: mpsc::Sender<Feeder>,
    input: mpsc::Sender<Bytes>,
    stirred: Arc<Notify>,
}

/// The console of one virtual machine; starts a hub when it is needed.
#[derive(Default)]
pub(crate) struct Console {
    hub: Mutex<Option<Handle>>,
    /// Only one viewer dials at a time, the others then find its hub.
    dialling: tokio::sync::Mutex<()>,
}

impl Console {
    /// Attaches a viewer to the running hub, or to a new one on what `dial` connects to.
    ///
    /// # Errors
    /// What `dial` says; it is called only when no hub runs.
    pub(crate) async fn attach<E>(
        &self,
        dial: impl AsyncFnOnce() -> Result<UnixStream, E>,
    ) -> Result<Attached, E> {
        let _turn = self.dialling.lock().await;
        let running = self.lock().clone();
        if let Some(handle) = running {
            let (feeder, output) = feed(handle.stirred.clone());
            // It fails when the hub has just ended.
            if handle.join.send(feeder).await.is_ok() {
                return Ok((output, Keys(handle.input)));
            }
        }
        let stream = dial().await?;
        let (join, joining) = mpsc::channel(1);
        let (input, inputs) = mpsc::channel(INPUT_QUEUE);
        let stirred = Arc::<Notify>::default();
        let (feeder, output) = feed(stirred.clone());
        *self.lock() = Some(Handle {
            join,
            input: input.clone(),
            stirred: stirred.clone(),
        });
        tokio::spawn(serve(stream, feeder, joining, inputs, stirred));
        Ok((output, Keys(input)))
    }

    /// The hub's place. A poisoned lock only means that a holder panicked between two assignments of a handle.
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Handle>> {
        self.hub
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A viewer as the hub sees it.
struct Viewer {
    feeder: Feeder,
    /// Since when it holds up the others.
    full_since: Option<Instant>,
}

/// Carries bytes until the guest's end closes or nobody has looked for [`LINGER`].
async fn serve(
    mut stream: UnixStream,
    first: Feeder,
    mut joining: mpsc::Receiver<Feeder>,
    mut inputs: mpsc::Receiver<Bytes>,
    stirred: Arc<Notify>,
) {
    let (mut from_guest, mut to_guest) = stream.split();
    let mut viewers = vec![Viewer {
        feeder: first,
        full_since: None,
    }];
    let mut chunk = vec![0u8; CHUNK];
    let mut pending = Bytes::new();
    let mut alone_since: Option<Instant> = None;
    loop {
        let held_until = look(&mut viewers);
        if viewers.is_empty() {
            alone_since.get_or_insert_with(Instant::now);
        } else {
            alone_since = None;
        }
        let leave_at = alone_since.map(|since| since + LINGER);
        let wake_at = held_until.or(leave_at);
        tokio::select! {
            read = from_guest.read(&mut chunk), if held_until.is_none() => match read {
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    let bytes = chunk.get(..length).unwrap_or_default();
                    viewers.iter().for_each(|viewer| viewer.feeder.push(bytes));
                }
            },
            written = to_guest.write(&pending), if !pending.is_empty() => match written {
                Ok(0) | Err(_) => break,
                Ok(length) => pending = pending.slice(length..),
            },
            // None cannot come: the console keeps a sender.
            Some(input) = inputs.recv(), if pending.is_empty() => pending = input,
            Some(feeder) = joining.recv() => admit(&mut viewers, feeder),
            // Somebody left or has read: look at the list again.
            () = stirred.notified() => {}
            () = tokio::time::sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                if leave_at.is_some_and(|at| at <= Instant::now()) {
                    joining.close();
                    while let Ok(feeder) = joining.try_recv() {
                        feeder.end(CLOSING);
                    }
                    return;
                }
            }
        }
    }
    for viewer in viewers {
        viewer.feeder.end(GUEST_GONE);
    }
}

/// Forgets viewers that have left, and those that have read nothing for long. Returns until when the guest has to wait for one
/// that does not read.
fn look(viewers: &mut Vec<Viewer>) -> Option<Instant> {
    let now = Instant::now();
    viewers.retain_mut(|viewer| {
        if viewer.feeder.gone() {
            return false;
        }
        if !viewer.feeder.full() {
            viewer.full_since = None;
            return true;
        }
        let since = *viewer.full_since.get_or_insert(now);
        if since + PATIENCE <= now {
            viewer.feeder.end(TOO_SLOW);
            return false;
        }
        true
    });
    let held = viewers.iter().filter_map(|viewer| viewer.full_since);
    held.min().map(|since| since + PATIENCE)
}

/// Takes a viewer in, or turns it away when there are too many.
fn admit(viewers: &mut Vec<Viewer>, feeder: Feeder) {
    if viewers.len() < MAX_VIEWERS {
        viewers.push(Viewer {
            feeder,
            full_since: None,
        });
    } else {
        feeder.end(TOO_MANY);
    }
}

#[cfg(test)]
mod tests {
    use kubevirt_streams::Source;

    use super::super::feed::LIMIT;
    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    async fn attach(console: &Console, stream: UnixStream) -> Attached {
        console.attach(async || Ok::<_, ()>(stream)).await.unwrap()
    }

    async fn attach_running(console: &Console) -> Attached {
        console
            .attach(async || Err::<UnixStream, _>("dialled again"))
            .await
            .unwrap()
    }

    async fn next(attached: &mut Attached) -> Result<Bytes, Ending> {
        tokio::time::timeout(WAIT, attached.0.next()).await.unwrap()
    }

    #[tokio::test]
    async fn all_see_and_all_type() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut first = attach(&console, ours).await;
        let mut second = attach_running(&console).await;
        // The second has joined once its input comes through.
        second.1.put(Bytes::from_static(b"b")).await.unwrap();
        first.1.put(Bytes::from_static(b"a")).await.unwrap();
        let mut typed = [0; 2];
        tokio::time::timeout(WAIT, guest.read_exact(&mut typed))
            .await
            .unwrap()
            .unwrap();
        typed.sort_unstable();
        assert_eq!(&typed, b"ab");
        tokio::time::sleep(Duration::from_millis(20)).await;
        guest.write_all(b"login:").await.unwrap();
        assert_eq!(next(&mut first).await.unwrap(), "login:");
        assert_eq!(next(&mut second).await.unwrap(), "login:");
    }

    #[tokio::test]
    async fn the_end_of_the_guest_is_told_after_its_last_words() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut viewer = attach(&console, ours).await;
        guest.write_all(b"Power down").await.unwrap();
        drop(guest);
        assert_eq!(next(&mut viewer).await.unwrap(), "Power down");
        assert_eq!(next(&mut viewer).await.unwrap_err(), GUEST_GONE);
        let failed = console
            .attach(async || Err::<UnixStream, _>("dialled again"))
            .await;
        assert_eq!(failed.err(), Some("dialled again"));
    }

    #[tokio::test]
    async fn one_that_does_not_read_holds_up_the_others_for_a_second_only() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut slow = attach(&console, ours).await;
        let mut quick = attach_running(&console).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        const TOTAL: usize = 64 * LIMIT;
        let writer = tokio::spawn(async move {
            guest.write_all(&vec![b'x'; TOTAL]).await.unwrap();
            guest
        });
        let mut seen = 0;
        while seen < TOTAL {
            seen += next(&mut quick).await.unwrap().len();
        }
        let _guest = writer.await.unwrap();
        let kept = next(&mut slow).await.unwrap().len();
        assert!(kept <= LIMIT + CHUNK, "{kept} bytes waited for one viewer");
        assert_eq!(next(&mut slow).await.unwrap_err(), TOO_SLOW);
    }

    #[tokio::test]
    async fn the_guest_waits_for_one_that_reads_slowly() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut viewer = attach(&console, ours).await;
        const TOTAL: usize = 40 * LIMIT;
        let writer = tokio::spawn(async move {
            guest.write_all(&vec![b'x'; TOTAL]).await.unwrap();
            guest
        });
        let mut seen = 0;
        while seen < TOTAL {
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen += next(&mut viewer).await.unwrap().len();
        }
        drop(writer.await.unwrap());
        assert_eq!(next(&mut viewer).await.unwrap_err(), GUEST_GONE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_closes_when_nobody_looks() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let viewer = attach(&console, ours).await;
        drop(viewer);
        let mut rest = Vec::new();
        assert_eq!(guest.read_to_end(&mut rest).await.unwrap(), 0);
    }
}
