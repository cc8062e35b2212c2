//! `port-forward`: local ports, or standard input and output, that lead to a port of the guest.
//!
//! Each local TCP connection gets a stream of its own, and so does each local address that sends UDP. One that fails does not
//! end the others. Only bytes of the guest go to standard output, all words go to standard error.

mod ports;
mod tcp;
mod udp;

use std::net::IpAddr;

use anyhow::{Context, bail};
use clap::{ArgAction, Args};
use kube::Client;

use crate::cli::Connection;
use crate::target::Target;
use crate::websocket::{self, AfterEnd, Ended};
use crate::{client, subresource};
use ports::{Port, Protocol};

/// `virtctl port-forward`.
#[derive(Debug, Args)]
pub(crate) struct PortForward {
    /// The machine, vm/NAME or vmi/NAME.
    #[arg(value_name = "TYPE/NAME[/NAMESPACE]")]
    pub(crate) target: String,
    /// Ports to forward; the protocol is tcp or udp.
    #[arg(value_name = "[PROTOCOL/]LOCALPORT[:TARGETPORT]", required = true)]
    pub(crate) ports: Vec<String>,
    /// Forward one port over standard input and output.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) stdio: bool,
    /// Local address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) address: String,
}

/// Where the ports lead.
#[derive(Clone)]
pub(crate) struct Machine {
    client: Client,
    namespace: String,
    target: Target,
}

impl Machine {
    fn path(&self, port: Port) -> anyhow::Result<String> {
        let subresource = format!("portforward/{}/{}", port.target, port.protocol.name());
        let (kind, name) = (self.target.kind, &self.target.name);
        subresource::path(&self.namespace, kind.resource(), name, &subresource)
    }

    /// What is forwarded, for messages.
    fn shown(&self, port: Port) -> String {
        let (kind, name) = (self.target.kind.short(), &self.target.name);
        format!(
            "{kind}/{name} port {}/{}",
            port.target,
            port.protocol.name()
        )
    }
}

/// `virtctl port-forward`.
pub(crate) async fn run(flags: &Connection, arguments: &PortForward) -> anyhow::Result<()> {
    let target = Target::parse(&arguments.target)?;
    let ports = arguments
        .ports
        .iter()
        .map(|text| Port::parse(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let cluster = client::connect(flags).await?;
    let namespace = target.namespace.clone().unwrap_or(cluster.namespace);
    let machine = Machine {
        client: cluster.client,
        namespace,
        target,
    };
    if arguments.stdio {
        let [port] = ports.as_slice() else {
            bail!("--stdio forwards one port, not {}", ports.len());
        };
        return stdio(&machine, *port).await;
    }
    let address: IpAddr = local_address(&arguments.address)?;
    // All listen before the first forwards: a port that is taken is found at once.
    let mut forwarding = tokio::task::JoinSet::new();
    for port in ports {
        match port.protocol {
            Protocol::Tcp => {
                let listener = tcp::listen(address, port, &machine).await?;
                forwarding.spawn(tcp::serve(listener, port, machine.clone()));
            }
            Protocol::Udp => {
                let socket = udp::listen(address, port, &machine).await?;
                forwarding.spawn(udp::serve(socket, port, machine.clone()));
            }
        }
    }
    // They do not end by themselves: one that does has failed.
    match forwarding.join_next().await {
        Some(ended) => ended.context("forwarding ended")?,
        None => bail!("there is no port to forward"),
    }
}

/// A numeric address, or `localhost`.
fn local_address(text: &str) -> anyhow::Result<IpAddr> {
    if text == "localhost" {
        return Ok(IpAddr::from([127, 0, 0, 1]));
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .with_context(|| format!("--address: {text:?} is not an IP address"))
}

async fn stdio(machine: &Machine, port: Port) -> anyhow::Result<()> {
    let path = machine.path(port)?;
    let mut stream = websocket::connect(&machine.client, &path)
        .await
        .with_context(|| format!("cannot forward {}", machine.shown(port)))?;
    let (mut input, mut output) = (tokio::io::stdin(), tokio::io::stdout());
    let after = AfterEnd::Linger(tcp::HALF_CLOSED);
    match websocket::relay(&mut stream, &mut input, &mut output, after).await {
        Ok(Ended::Remote(closing)) if !closing.regular() => {
            bail!(
                "{} was interrupted: {}",
                machine.shown(port),
                closing.reason
            )
        }
        Ok(_) => Ok(()),
        // Who reads the output has left, which is an ordinary end.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error).context("cannot read or write standard input and output"),
    }
}

#[cfg(test)]
mod tests;
