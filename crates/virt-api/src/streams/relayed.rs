//! Streams that virt-handler serves. The handshake's key goes through to it, so that it speaks with the client directly, and
//! bytes are copied as they are.

use std::time::Duration;

use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use kubevirt_api::VirtualMachineInstance;
use kubevirt_runtime::CancellationToken;
use kubevirt_streams::relay;
use tokio::time::timeout;

use super::{Open, checks, switching};
use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::handler;
use crate::status::Refusal;

/// How long both ends may take to complete their upgrade after the 101 was sent.
const UPGRADE: Duration = Duration::from_secs(10);

impl Open<'_> {
    /// Opens the stream at the virt-handler of the instance's node.
    pub(super) async fn relayed(
        self,
        context: &Aggregated,
        target: &Target,
        instance: &VirtualMachineInstance,
    ) -> Result<Response, Refusal> {
        let Self {
            sessions,
            place,
            handshake,
            mut request,
        } = self;
        let node = checks::node(instance)?;
        let (_, name) = target.subresource.names();
        let mut path = handler::path(&target.namespace, &target.name, name);
        if target.subresource == Subresource::Vnc
            && checks::preserve_session(request.uri().query())?
        {
            path.push_str("?preserveSession=true");
        }
        let answer = handler::dial(context, node, &path, handshake.onward()).await?;
        let client = hyper::upgrade::on(&mut request);
        let shutdown = sessions.shutdown().clone();
        let about = format!("{}/{} {name}", target.namespace, target.name);
        sessions.spawn(place, async move {
            join(client, answer.upgrade, &shutdown, &about).await;
        });
        Ok(switching(answer.headers))
    }
}

/// Copies until one of them ends. At shutdown, and when virt-handler is cut off, the client gets no Close: it is to see that
/// the guest goes on, and connect again.
async fn join(client: OnUpgrade, handler: OnUpgrade, shutdown: &CancellationToken, about: &str) {
    let both = timeout(UPGRADE, async { tokio::try_join!(client, handler) }).await;
    let (client, handler) = match both {
        Ok(Ok((client, handler))) => (TokioIo::new(client), TokioIo::new(handler)),
        Ok(Err(error)) => return tracing::debug!(%error, about, "stream not upgraded"),
        Err(_) => return tracing::debug!(about, "stream not upgraded in time"),
    };
    tracing::info!(about, "stream opened");
    let by = relay(client, handler, shutdown).await;
    tracing::info!(about, ?by, "stream closed");
}
