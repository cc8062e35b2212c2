//! One connection to a guest's serial port, shared.

use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Bytes;

/// What the hub reads from the guest at once, in bytes.
const CHUNK: usize = 4096;
/// Chunks that wait for one viewer; one that falls further behind is dropped. At most 256 KiB.
const VIEWER_QUEUE: usize = 64;
/// Chunks of input that wait for the guest.
const INPUT_QUEUE: usize = 16;
/// The most viewers of one console.
const MAX_VIEWERS: usize = 32;
/// How long the connection is kept after the last viewer left.
const LINGER: Duration = Duration::from_secs(5);

/// Why a viewer's stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The guest's end closed: QEMU is gone.
    GuestGone,
    /// The viewer read too slowly.
    TooSlow,
    /// There are too many viewers.
    TooMany,
    /// The viewer came at the very moment when the hub closed.
    Closing,
}

impl Ended {
    /// The words for the WebSocket's close frame.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::GuestGone => "the virtual machine has stopped",
            Self::TooSlow => "output came faster than it was read, connect again",
            Self::TooMany => "too many viewers of this console, close one and connect again",
            Self::Closing => "the console was just closing, connect again",
        }
    }
}

/// What a viewer gets when it is attached.
pub(crate) struct Attached {
    /// The guest's output. When it ends, `ended` says why.
    pub(crate) output: mpsc::Receiver<Bytes>,
    /// Input for the guest; waits when the guest does not read.
    pub(crate) input: mpsc::Sender<Bytes>,
    /// Why the output ended.
    pub(crate) ended: oneshot::Receiver<Ended>,
}

/// A viewer as the hub sees it.
struct Viewer {
    output: mpsc::Sender<Bytes>,
    ended: oneshot::Sender<Ended>,
}

/// A running hub.
#[derive(Clone)]
struct Handle {
    join: mpsc::Sender<Viewer>,
    input: mpsc::Sender<Bytes>,
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
        let (output, output_receiver) = mpsc::channel(VIEWER_QUEUE);
        let (ended, ended_receiver) = oneshot::channel();
        let attached = |handle: &Handle| Attached {
            output: output_receiver,
            input: handle.input.clone(),
            ended: ended_receiver,
        };
        let mut viewer = Viewer { output, ended };

        let running = self.lock().clone();
        if let Some(handle) = running {
            match handle.join.send(viewer).await {
                Ok(()) => return Ok(attached(&handle)),
                // The hub has just ended.
                Err(mpsc::error::SendError(returned)) => viewer = returned,
            }
        }
        let stream = dial().await?;
        let (join, joining) = mpsc::channel(1);
        let (input, inputs) = mpsc::channel(INPUT_QUEUE);
        let handle = Handle { join, input };
        let attached = attached(&handle);
        *self.lock() = Some(handle);
        tokio::spawn(serve(stream, viewer, joining, inputs));
        Ok(attached)
    }

    /// The hub's place. A poisoned lock only means that a holder panicked between two assignments of a handle.
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Handle>> {
        self.hub
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Carries bytes until the guest's end closes or nobody has looked for [`LINGER`].
async fn serve(
    mut stream: UnixStream,
    first: Viewer,
    mut joining: mpsc::Receiver<Viewer>,
    mut inputs: mpsc::Receiver<Bytes>,
) {
    let (mut from_guest, mut to_guest) = stream.split();
    let mut viewers = vec![first];
    let mut chunk = vec![0u8; CHUNK];
    let mut pending = Bytes::new();
    let mut alone_since: Option<tokio::time::Instant> = None;
    loop {
        viewers.retain(|viewer| !viewer.output.is_closed());
        if viewers.is_empty() {
            alone_since.get_or_insert_with(tokio::time::Instant::now);
        } else {
            alone_since = None;
        }
        let leave_at = alone_since.map(|since| since + LINGER);
        tokio::select! {
            read = from_guest.read(&mut chunk) => match read {
                Ok(0) | Err(_) => break,
                Ok(length) => spread(&mut viewers, chunk.get(..length).unwrap_or_default()),
            },
            written = to_guest.write(&pending), if !pending.is_empty() => match written {
                Ok(0) | Err(_) => break,
                Ok(length) => pending = pending.slice(length..),
            },
            // None cannot come: the console keeps a sender.
            Some(input) = inputs.recv(), if pending.is_empty() => pending = input,
            Some(viewer) = joining.recv() => admit(&mut viewers, viewer),
            // Somebody left: look at the list again.
            () = anyone_left(&viewers), if !viewers.is_empty() => {}
            () = tokio::time::sleep_until(leave_at.unwrap_or_else(tokio::time::Instant::now)), if leave_at.is_some() => {
                joining.close();
                while let Ok(viewer) = joining.try_recv() {
                    let _ = viewer.ended.send(Ended::Closing);
                }
                return;
            }
        }
    }
    for viewer in viewers {
        // A viewer that is gone needs no reason.
        let _ = viewer.ended.send(Ended::GuestGone);
    }
}

/// Takes a viewer in, or turns it away when there are too many.
fn admit(viewers: &mut Vec<Viewer>, viewer: Viewer) {
    if viewers.len() < MAX_VIEWERS {
        viewers.push(viewer);
    } else {
        let _ = viewer.ended.send(Ended::TooMany);
    }
}

/// Gives a chunk to every viewer and drops those whose queue is full.
fn spread(viewers: &mut Vec<Viewer>, chunk: &[u8]) {
    let chunk = Bytes::copy_from_slice(chunk);
    let mut index = 0;
    while let Some(viewer) = viewers.get(index) {
        match viewer.output.try_send(chunk.clone()) {
            Ok(()) => index += 1,
            Err(error) => {
                let viewer = viewers.swap_remove(index);
                if matches!(error, mpsc::error::TrySendError::Full(_)) {
                    let _ = viewer.ended.send(Ended::TooSlow);
                }
            }
        }
    }
}

/// Waits until one of the viewers has gone.
async fn anyone_left(viewers: &[Viewer]) {
    let closed = viewers
        .iter()
        .map(|viewer| Box::pin(viewer.output.closed()));
    futures::future::select_all(closed).await;
}

#[cfg(test)]
mod tests {
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

    async fn output(attached: &mut Attached) -> Bytes {
        tokio::time::timeout(WAIT, attached.output.recv())
            .await
            .unwrap()
            .unwrap()
    }

    #[tokio::test]
    async fn all_see_and_all_type() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut first = attach(&console, ours).await;
        let mut second = attach_running(&console).await;
        // The second has joined once its input comes through.
        second.input.send(Bytes::from_static(b"b")).await.unwrap();
        first.input.send(Bytes::from_static(b"a")).await.unwrap();
        let mut typed = [0; 2];
        tokio::time::timeout(WAIT, guest.read_exact(&mut typed))
            .await
            .unwrap()
            .unwrap();
        typed.sort_unstable();
        assert_eq!(&typed, b"ab");
        tokio::time::sleep(Duration::from_millis(20)).await;
        guest.write_all(b"login:").await.unwrap();
        assert_eq!(output(&mut first).await, "login:");
        assert_eq!(output(&mut second).await, "login:");
    }

    #[tokio::test]
    async fn the_end_of_the_guest_is_told() {
        let (ours, guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let mut viewer = attach(&console, ours).await;
        drop(guest);
        assert_eq!(
            tokio::time::timeout(WAIT, viewer.output.recv())
                .await
                .unwrap(),
            None
        );
        assert_eq!(viewer.ended.await, Ok(Ended::GuestGone));
        let failed = console
            .attach(async || Err::<UnixStream, _>("dialled again"))
            .await;
        assert_eq!(failed.err(), Some("dialled again"));
    }

    #[tokio::test]
    async fn a_slow_viewer_does_not_stall_the_others() {
        let (ours, mut guest) = UnixStream::pair().unwrap();
        let console = Console::default();
        let slow = attach(&console, ours).await;
        let mut quick = attach_running(&console).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        const TOTAL: usize = 4 * VIEWER_QUEUE * CHUNK;
        let writer = tokio::spawn(async move {
            guest.write_all(&vec![b'x'; TOTAL]).await.unwrap();
            guest
        });
        let mut seen = 0;
        while seen < TOTAL {
            seen += output(&mut quick).await.len();
        }
        assert_eq!(
            tokio::time::timeout(WAIT, slow.ended).await.unwrap(),
            Ok(Ended::TooSlow)
        );
        writer.await.unwrap();
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
