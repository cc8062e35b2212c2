//! Copies bytes between the two ends of a console.

use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use kubevirt_runtime::CancellationToken;
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;

/// How long both ends may take to complete their upgrade after the 101 was sent.
const UPGRADE: Duration = Duration::from_secs(10);
/// How long one direction may go on after the other has ended: a WebSocket has nothing to say after its Close.
const HALF_CLOSED: Duration = Duration::from_secs(10);

type Io = TokioIo<Upgraded>;

/// Joins the two until either ends or `shutdown`. What one end does not read, the other may not send: each direction holds
/// one buffer of 8 KiB. Silence is no reason to end: virt-handler pings, and TCP notices peers that are gone.
pub(super) async fn join(
    client: OnUpgrade,
    handler: OnUpgrade,
    shutdown: CancellationToken,
    about: &str,
) {
    let both = timeout(UPGRADE, async { tokio::try_join!(client, handler) }).await;
    let (client, handler) = match both {
        Ok(Ok((client, handler))) => (TokioIo::new(client), TokioIo::new(handler)),
        Ok(Err(error)) => return tracing::debug!(%error, vmi = about, "console not upgraded"),
        Err(_) => return tracing::debug!(vmi = about, "console not upgraded in time"),
    };
    tracing::info!(vmi = about, "console opened");
    let (client_read, client_write) = tokio::io::split(client);
    let (handler_read, handler_write) = tokio::io::split(handler);
    let copying = async {
        let to_handler = copy(client_read, handler_write);
        let to_client = copy(handler_read, client_write);
        tokio::pin!(to_handler, to_client);
        tokio::select! {
            () = &mut to_handler => drop(timeout(HALF_CLOSED, to_client).await),
            () = &mut to_client => drop(timeout(HALF_CLOSED, to_handler).await),
        }
    };
    tokio::select! {
        () = copying => {}
        () = shutdown.cancelled() => {}
    }
    tracing::info!(vmi = about, "console closed");
}

async fn copy(mut from: ReadHalf<Io>, mut to: WriteHalf<Io>) {
    if let Err(error) = tokio::io::copy(&mut from, &mut to).await {
        tracing::debug!(%error, "console interrupted");
    }
    // The other end has to learn that nothing more comes; it may be gone itself.
    drop(timeout(HALF_CLOSED, to.shutdown()).await);
}
