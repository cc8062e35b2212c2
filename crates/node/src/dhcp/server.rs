use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket as StdUdpSocket};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::DhcpConfig;
use super::answer::answer;
use crate::network::{NetworkError, PodNetwork};

/// Longer packets are cut; no client sends them.
const PACKET: usize = 1500;
/// A guest that asks more often waits: no load for the node.
const PAUSE: Duration = Duration::from_millis(5);
const SETUP_LIMIT: Duration = Duration::from_secs(5);
/// That many receive errors in a row end the server: the socket is of no use any more.
const MOST_ERRORS: u32 = 100;

/// Why there is no DHCP server for a guest.
#[derive(Debug, thiserror::Error)]
pub enum DhcpError {
    /// The namespace could not be entered.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The socket could not be made.
    #[error("cannot serve DHCP on {bridge}: {source}")]
    Socket {
        /// The bridge.
        bridge: String,
        /// Why.
        source: io::Error,
    },
}

/// A running DHCP server. Dropping it stops it.
#[derive(Debug)]
pub struct DhcpHandle {
    task: JoinHandle<()>,
}

impl DhcpHandle {
    /// False when the server has ended by itself, because its network is gone.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}

impl Drop for DhcpHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the DHCP server of an interface. The socket belongs to the pod's namespace, the task runs on this runtime.
pub async fn serve(network: &PodNetwork, config: DhcpConfig) -> Result<DhcpHandle, DhcpError> {
    let bridge = config.bridge.clone();
    let made = network
        .run(SETUP_LIMIT, async move || Ok(make_socket(&bridge)))
        .await?;
    let socket = made
        .and_then(UdpSocket::from_std)
        .map_err(|source| DhcpError::Socket {
            bridge: config.bridge.clone(),
            source,
        })?;
    let task = tokio::spawn(answer_all(socket, config));
    Ok(DhcpHandle { task })
}

fn make_socket(bridge: &str) -> io::Result<StdUdpSocket> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
    // Several bridges of one pod have a server each, and the one of a virt-handler that is just ending may still be there.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_broadcast(&socket, true)?;
    crate::sys::bind_to_device(&socket, bridge)?;
    crate::sys::send_without_checksum(&socket)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 67))?;
    Ok(StdUdpSocket::from(socket))
}

async fn answer_all(socket: UdpSocket, config: DhcpConfig) {
    let mut buffer = [0; PACKET];
    let mut errors = 0;
    // The guest's side is always the local network: every answer is a broadcast, which also a client without address takes.
    let client = SocketAddrV4::new(Ipv4Addr::BROADCAST, 68);
    while errors < MOST_ERRORS {
        let length = match socket.recv_from(&mut buffer).await {
            Ok((length, _)) => length,
            Err(error) => {
                // ENETDOWN while the bridge is switched on, for one.
                tracing::debug!(bridge = %config.bridge, %error, "DHCP receive");
                errors += 1;
                tokio::time::sleep(PAUSE * 10).await;
                continue;
            }
        };
        errors = 0;
        let packet = buffer.get(..length).unwrap_or_default();
        let Some(answer) = answer(&config, packet) else {
            continue;
        };
        if let Err(error) = socket.send_to(&answer, client).await {
            tracing::warn!(bridge = %config.bridge, %error, "cannot answer a guest's DHCP request");
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::info!(bridge = %config.bridge, "the DHCP server ends, its network is gone");
}
