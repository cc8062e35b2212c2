//! Ports of guests: virt-api connects to the guest's first address itself and is the WebSocket's server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use hyper_util::rt::TokioIo;
use kubevirt_api::VirtualMachineInstance;
use kubevirt_streams::{Bytes, Ending, Sink, Source, drain, duplex, serve};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{Open, checks, switching};
use crate::aggregated::route::{Forward, Protocol, Target};
use crate::status::Refusal;

/// How long the guest may take to accept a connection. kube-apiserver waits 10 s for our answer at least.
const CONNECT: Duration = Duration::from_secs(8);
/// How long the guest may go on after we have ended.
const LATE: Duration = Duration::from_secs(2);
/// The largest datagram.
const DATAGRAM: usize = 64 * 1024;

/// An open way to the port.
enum Way {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Open<'_> {
    /// Connects to the port of `target`.
    pub(super) async fn forward(
        self,
        target: &Target,
        instance: &VirtualMachineInstance,
    ) -> Result<Response, Refusal> {
        let Self {
            sessions,
            place,
            handshake,
            mut request,
        } = self;
        let Some(forward) = target.forward else {
            return Err(Refusal::bad_request("the path names no port"));
        };
        let address = SocketAddr::new(checks::address(instance)?, forward.port);
        let way = connect(address, forward).await?;
        let client = hyper::upgrade::on(&mut request);
        let shutdown = sessions.shutdown().clone();
        let about = format!("{}/{} port {address}", target.namespace, target.name);
        sessions.spawn(place, async move {
            let client = match client.await {
                Ok(client) => TokioIo::new(client),
                Err(error) => return tracing::debug!(%error, about, "stream not upgraded"),
            };
            tracing::info!(about, "stream opened");
            let ending = match way {
                Way::Tcp(stream) => {
                    let (read, write) = stream.into_split();
                    let (mut input, mut output) = duplex(read, write, Ending::FINISHED);
                    let ending = serve(client, &mut input, &mut output, &shutdown).await;
                    drain(&mut input, LATE).await;
                    ending
                }
                Way::Udp(socket) => {
                    let socket = Arc::new(socket);
                    let mut source = Datagrams(socket.clone());
                    serve(client, &mut source, &mut Datagrams(socket), &shutdown).await
                }
            };
            let reason = ending.map_or("the client has left", |ending| ending.reason);
            tracing::info!(about, reason, "stream closed");
        });
        Ok(switching(handshake.answer()))
    }
}

async fn connect(address: SocketAddr, forward: Forward) -> Result<Way, Refusal> {
    let failed = |what: String| {
        Refusal::internal(format!(
            "cannot connect to the guest's port {}: {what}; is something listening there",
            address.port()
        ))
    };
    let connecting = async {
        Ok::<_, std::io::Error>(match forward.protocol {
            Protocol::Tcp => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                kubevirt_runtime::serve::keep_alive::set(&stream);
                Way::Tcp(stream)
            }
            Protocol::Udp => {
                let any: IpAddr = match address {
                    SocketAddr::V4(_) => [0; 4].into(),
                    SocketAddr::V6(_) => [0; 16].into(),
                };
                let socket = UdpSocket::bind((any, 0)).await?;
                socket.connect(address).await?;
                Way::Udp(socket)
            }
        })
    };
    match timeout(CONNECT, connecting).await {
        Ok(Ok(way)) => Ok(way),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed(format!("no answer within {} s", CONNECT.as_secs()))),
    }
}

/// A UDP port: a message is a datagram, both ways.
struct Datagrams(Arc<UdpSocket>);

impl Source for Datagrams {
    async fn next(&mut self) -> Result<Bytes, Ending> {
        loop {
            // Only then is there something to read into a buffer.
            if self.0.readable().await.is_err() {
                return Err(Ending::BROKEN);
            }
            let mut datagram = vec![0; DATAGRAM];
            match self.0.try_recv(&mut datagram) {
                Ok(length) => {
                    return Ok(Bytes::copy_from_slice(
                        datagram.get(..length).unwrap_or_default(),
                    ));
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                // Nobody listens there, as far as the guest tells; somebody may later.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    tracing::debug!(%error, "a guest's UDP port");
                    return Err(Ending::BROKEN);
                }
            }
        }
    }
}

impl Sink for Datagrams {
    async fn put(&mut self, bytes: Bytes) -> Result<(), Ending> {
        // What is too large, or refused, is lost as datagrams are.
        if let Err(error) = self.0.send(&bytes).await {
            tracing::debug!(%error, length = bytes.len(), "datagram lost");
        }
        Ok(())
    }
}
