//! Joins two upgraded connections byte by byte.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::life::STALLED;
use crate::pump::{Pump, Stall};

/// How long the server may go on after the client has ended: longer than it takes it to say goodbye.
const GOODBYE: Duration = Duration::from_secs(6);
/// How often it is looked whether a direction is stuck.
const LOOK: Duration = Duration::from_secs(60);

/// Who ended a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The client.
    Client,
    /// The server.
    Server,
    /// One side took nothing for minutes while the other had something for it.
    Stuck,
    /// We did.
    Shutdown,
}

/// Joins a client and the server that it speaks with until either ends or `shutdown`; then both are cut off. What one does not
/// read, the other may not send: a direction holds at most what one read brought. Silence is no reason to end: the server
/// pings, and ends when the client does not answer.
pub async fn relay<C, S>(client: C, server: S, shutdown: &CancellationToken) -> Joined
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    let (up, down) = (Stall::default(), Stall::default());
    let upward = Pump::new(from_client, to_server, &up).run();
    let downward = Pump::new(from_server, to_client, &down).run();
    tokio::pin!(upward, downward);
    let both = [&up, &down];
    tokio::select! {
        ended = &mut upward => {
            match ended {
                // The server answers the client's Close before it ends itself.
                Ok(()) => drop(timeout(GOODBYE, downward).await),
                Err(error) => tracing::debug!(%error, "a stream was interrupted"),
            }
            Joined::Client
        }
        ended = &mut downward => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a stream was interrupted");
            }
            // Nobody is left who would take what the client says.
            Joined::Server
        }
        () = stuck(&both) => Joined::Stuck,
        () = shutdown.cancelled() => Joined::Shutdown,
    }
}

/// Resolves when a direction has moved nothing for [`STALLED`] though something waits.
async fn stuck(directions: &[&Stall; 2]) {
    let mut seen = [(None, Duration::ZERO); 2];
    loop {
        tokio::time::sleep(LOOK).await;
        for (direction, (last, since)) in directions.iter().zip(&mut seen) {
            let now = direction.waiting();
            *since = match now.is_some() && now == *last {
                true => *since + LOOK,
                false => Duration::ZERO,
            };
            *last = now;
            if *since >= STALLED {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
