//! A local TCP port: one stream per connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::Machine;
use super::ports::Port;
use crate::websocket::{self, AfterEnd, Ended};

/// How long a connection stays that the local side has closed in its direction, while nothing comes from the guest.
pub(super) const HALF_CLOSED: Duration = Duration::from_secs(30);
/// How long a local program may go on after the guest has closed the connection.
const DRAIN: Duration = Duration::from_secs(1);
/// The most connections of one port at once; more wait to be accepted.
const CONNECTIONS: usize = 512;
/// The pause after a failed accept: the process may have too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn listen(
    address: IpAddr,
    port: Port,
    machine: &Machine,
) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind((address, port.local))
        .await
        .with_context(|| format!("cannot listen on TCP port {} of {address}", port.local))?;
    eprintln!(
        "forwarding tcp {} to {}",
        listener.local_addr()?,
        machine.shown(port)
    );
    Ok(listener)
}

pub(super) async fn serve(
    listener: TcpListener,
    port: Port,
    machine: Machine,
) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await?;
        match listener.accept().await {
            Ok((local, from)) => {
                let machine = machine.clone();
                tokio::spawn(async move {
                    let _place = place;
                    if let Err(error) = forward(local, port, &machine).await {
                        eprintln!("{from} to {}: {error:#}", machine.shown(port));
                    }
                });
            }
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn forward(mut local: TcpStream, port: Port, machine: &Machine) -> anyhow::Result<()> {
    // Interactive protocols suffer from waiting for more.
    let _ = local.set_nodelay(true);
    let mut stream = websocket::connect(&machine.client, &machine.path(port)?).await?;
    let (mut from, mut to) = local.split();
    let after = AfterEnd::Linger(HALF_CLOSED);
    let closing = match websocket::relay(&mut stream, &mut from, &mut to, after).await {
        Ok(Ended::Remote(closing)) => closing,
        // A local program that resets its connection has its own reasons.
        Ok(Ended::Local) | Err(_) => return Ok(()),
    };
    // A connection that is dropped with unread input is reset, and the local program might lose what the guest said last.
    let _ = to.shutdown().await;
    let mut nowhere = tokio::io::sink();
    let _ = tokio::time::timeout(DRAIN, tokio::io::copy(&mut from, &mut nowhere)).await;
    if !closing.regular() {
        anyhow::bail!("{}", closing.reason);
    }
    Ok(())
}
