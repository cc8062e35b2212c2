//! A connection to a node's virt-handler, for one request.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::find;
use crate::aggregated::Aggregated;
use crate::status::Refusal;

/// Connecting and TLS.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection over which one request can be sent.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    node: String,
    address: SocketAddr,
}

impl Connection {
    /// 500 with where and what.
    pub(super) fn failed(&self, what: impl std::fmt::Display) -> Refusal {
        failed(&self.node, self.address, what)
    }
}

fn failed(node: &str, address: SocketAddr, what: impl std::fmt::Display) -> Refusal {
    Refusal::internal(format!("virt-handler of node {node:?} ({address}): {what}"))
}

/// Connects to the virt-handler of `node`.
pub(super) async fn connect(context: &Aggregated, node: &str) -> Result<Connection, Refusal> {
    let handlers = &context.handlers;
    let address = find::address(&context.client, &handlers.namespace, node).await?;
    let address = SocketAddr::new(address, handlers.port);
    let Some(tls) = handlers.tls.get() else {
        let message = "virt-api has no client certificate yet, try again";
        return Err(failed(node, address, message));
    };
    let connecting = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        kubevirt_runtime::serve::keep_alive::set(&stream);
        let name = ServerName::IpAddress(address.ip().into());
        tokio_rustls::TlsConnector::from(tls)
            .connect(name, stream)
            .await
    };
    let stream = match timeout(CONNECT, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(failed(node, address, format!("cannot connect: {error}"))),
        Err(_) => {
            let message = format!("no connection within {} s", CONNECT.as_secs());
            return Err(failed(node, address, message));
        }
    };
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(node, address, error))?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "connection to virt-handler ended");
        }
    });
    Ok(Connection {
        sender,
        node: node.to_owned(),
        address,
    })
}
