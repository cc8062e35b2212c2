//! Streams of a pod: a terminal attached to a container, and forwarded ports.
//!
//! They are WebSockets of Kubernetes' channel protocols: the first byte of each binary message is the channel, the rest is
//! data. Versions 4 and 5 differ only in how one channel is closed, which is not used here.

mod attach;
mod forward;

pub(crate) use attach::attach;
pub(crate) use forward::{forward, port_forward_path};

use kube::Client;

use crate::websocket::{Attempt, Stream, attempt_with};

const PROTOCOLS: &str = "v5.channel.k8s.io, v4.channel.k8s.io";

async fn connect(client: &Client, path: &str, protocols: &str) -> anyhow::Result<Stream> {
    match attempt_with(client, path, protocols).await? {
        Attempt::Connected(stream) => Ok(*stream),
        Attempt::Refused(refusal) => Err(anyhow::anyhow!("{}", refusal.message)),
    }
}
