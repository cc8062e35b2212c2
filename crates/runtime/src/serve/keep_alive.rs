//! Noticing dead peers on long connections.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// A peer that vanished without a word (its node lost power) is noticed after about 60 s, whether the connection is
/// silent (probes after 30 s, 3 of them 10 s apart) or data waits for an acknowledgement.
pub fn set(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10))
        .with_retries(3);
    let outcome = socket
        .set_tcp_keepalive(&probes)
        .and_then(|()| socket.set_tcp_user_timeout(Some(Duration::from_secs(60))));
    if let Err(error) = outcome {
        tracing::debug!(%error, "cannot set TCP keep-alive");
    }
}
