//! A local UDP port: one stream per address that sends to it, one datagram per message.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures::{SinkExt, StreamExt};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::Machine;
use super::ports::Port;
use crate::websocket::{self, Closing};

/// A stream is closed when its address was silent, and nothing came for it, for so long.
const IDLE: Duration = Duration::from_secs(120);
/// How often the server is pinged meanwhile.
const PING: Duration = Duration::from_secs(30);
/// Datagrams that wait for one stream; what comes on top is lost, as datagrams are.
const QUEUE: usize = 64;
/// The most addresses at once; datagrams of others are lost until one is idle.
const ADDRESSES: usize = 256;
/// The largest datagram, in bytes.
const LARGEST: usize = 65536;

pub(super) async fn listen(
    address: IpAddr,
    port: Port,
    machine: &Machine,
) -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind((address, port.local))
        .await
        .with_context(|| format!("cannot listen on UDP port {} of {address}", port.local))?;
    eprintln!(
        "forwarding udp {} to {}",
        socket.local_addr()?,
        machine.shown(port)
    );
    Ok(socket)
}

pub(super) async fn serve(socket: UdpSocket, port: Port, machine: Machine) -> anyhow::Result<()> {
    let socket = Arc::new(socket);
    let mut peers: HashMap<SocketAddr, mpsc::Sender<Bytes>> = HashMap::new();
    let mut buffer = vec![0_u8; LARGEST];
    loop {
        let (count, from) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            // An earlier answer went to a port that is closed meanwhile; that is no matter of the others.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(error).context("cannot receive datagrams"),
        };
        let datagram = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
        if peers.get(&from).is_none_or(mpsc::Sender::is_closed) {
            peers.retain(|_, queue| !queue.is_closed());
            if peers.len() >= ADDRESSES {
                continue;
            }
            let (queue, datagrams) = mpsc::channel(QUEUE);
            let (socket, machine) = (Arc::clone(&socket), machine.clone());
            tokio::spawn(async move {
                if let Err(error) = forward(&socket, from, datagrams, port, &machine).await {
                    eprintln!("{from} to {}: {error:#}", machine.shown(port));
                }
            });
            peers.insert(from, queue);
        }
        if let Some(queue) = peers.get(&from) {
            // Full: the datagram is lost.
            let _ = queue.try_send(datagram);
        }
    }
}

async fn forward(
    socket: &UdpSocket,
    peer: SocketAddr,
    mut datagrams: mpsc::Receiver<Bytes>,
    port: Port,
    machine: &Machine,
) -> anyhow::Result<()> {
    let mut stream = websocket::connect(&machine.client, &machine.path(port)?).await?;
    let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
    let mut used = Instant::now();
    let ended = loop {
        let message = tokio::select! {
            datagram = datagrams.recv() => match datagram {
                Some(datagram) => Message::Binary(datagram),
                None => break None,
            },
            message = stream.next() => {
                match message {
                    Some(Ok(Message::Binary(datagram))) => {
                        used = Instant::now();
                        // The peer may be gone; then it does not miss it.
                        let _ = socket.send_to(&datagram, peer).await;
                    }
                    Some(Ok(Message::Close(frame))) => break Some(Closing::told(frame)),
                    // The library answers pings by itself; text is no part of the protocol.
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break Some(Closing::broken(error.to_string())),
                    None => break Some(Closing::broken("the server hung up without a word")),
                }
                continue;
            }
            _ = ping.tick() => Message::Ping(Bytes::new()),
            () = tokio::time::sleep_until(used + IDLE) => break None,
        };
        if message.is_binary() {
            used = Instant::now();
        }
        if let Err(error) = stream.send(message).await {
            break Some(Closing::broken(error.to_string()));
        }
    };
    websocket::close(&mut stream).await;
    match ended {
        Some(closing) if !closing.regular() => anyhow::bail!("{}", closing.reason),
        _ => Ok(()),
    }
}
