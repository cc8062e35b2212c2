//! Serving HTTPS: hyper over rustls, bounded in connections and time, with upgrades.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::peer::{PeerAddress, PeerCertificate, PeerIdentity};
use crate::tls::ServerTls;

mod counted;
pub mod keep_alive;

/// The bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections at once, upgraded ones included; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Longest TLS handshake.
    pub handshake: Duration,
    /// Longest wait for a request's head, idle time between requests included. Longer than the 90 s after which Go's
    /// clients drop an idle connection, so that they never send into one that is being closed.
    pub head: Duration,
    /// How long connections may finish what they do after shutdown began.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(100),
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves `router` on `listener` until `shutdown`, then lets requests finish for [`Limits::drain`].
///
/// Each request carries the extensions [`PeerCertificate`] and [`PeerAddress`]. Connections that come before `tls` has a
/// certificate are closed at once. Upgraded connections (WebSockets) count against [`Limits::connections`] as long as
/// they live; whoever upgraded them ends them at shutdown.
pub async fn serve(
    listener: TcpListener,
    tls: ServerTls,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let (stream, address, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or the peer left while queued: neither is better for being retried in a hot loop.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(config) = tls.get() else { continue };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tasks.spawn(async move {
            let stream = counted::Counted::new(stream, permit);
            connection(
                stream,
                address,
                TlsAcceptor::from(config),
                router,
                limits,
                shutdown,
            )
            .await;
        });
    }
    tasks.close();
    if tokio::time::timeout(limits.drain, tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = tasks.len(),
            "connections still busy at shutdown, closing them"
        );
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = permits
        .clone()
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    stream.set_nodelay(true)?;
    keep_alive::set(&stream);
    Ok((stream, address, permit))
}

async fn connection(
    stream: counted::Counted,
    address: SocketAddr,
    acceptor: TlsAcceptor,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let stream = match tokio::time::timeout(limits.handshake, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, %address, "TLS handshake failed");
            return;
        }
        Err(_) => {
            tracing::debug!(%address, "TLS handshake timed out");
            return;
        }
    };
    let Ok(certificate) = peer(&stream) else {
        tracing::warn!(%address, "connection refused: the client's certificate cannot be read");
        return;
    };
    let service = router.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(certificate.clone());
        request.extensions_mut().insert(PeerAddress(address));
        request.map(axum::body::Body::new)
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = shutdown.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, %address, "connection ended");
    }
}

fn peer<IO>(
    stream: &tokio_rustls::server::TlsStream<IO>,
) -> Result<PeerCertificate, crate::peer::PeerError> {
    let leaf = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(|chain| chain.first());
    let identity = leaf.map(PeerIdentity::from_der).transpose()?;
    Ok(PeerCertificate(identity.map(Arc::new)))
}

#[cfg(test)]
mod tests;
