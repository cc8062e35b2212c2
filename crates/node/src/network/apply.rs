use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt};
use rtnetlink::packet_route::address::{AddressAttribute, AddressMessage};
use rtnetlink::packet_route::link::{
    InfoBridgePort, LinkAttribute, LinkFlags, LinkLayerType, LinkMessage,
};
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteType,
};
use rtnetlink::{
    AddressMessageBuilder, Handle, LinkBridge, LinkBridgePort, LinkUnspec, RouteMessageBuilder,
};
use std::net::Ipv6Addr;

use super::{Action, Cidr, Link, MacAddress, NetworkError, Observed, Route};

const NFT: &str = "/usr/sbin/nft";
const NFT_LIMIT: Duration = Duration::from_secs(10);
/// A pod with more than this is not one that a network plug-in made.
const MOST: usize = 4096;

/// A netlink connection in the namespace of the thread that opened it.
pub(super) struct Netlink {
    handle: Handle,
}

impl Netlink {
    pub(super) fn open() -> Result<Self, NetworkError> {
        let (connection, handle, _) = rtnetlink::new_connection()
            .map_err(|error| NetworkError::step("open a netlink socket", error))?;
        tokio::spawn(connection);
        Ok(Self { handle })
    }

    pub(super) async fn observe(&self) -> Result<Observed, NetworkError> {
        let mut observed = Observed::default();
        let links = self.handle.link().get().execute();
        let links: Vec<LinkMessage> = links
            .take(MOST)
            .try_collect()
            .await
            .map_err(|error| netlink("list network devices", error))?;
        observed.links = links.iter().map(link_of).collect();
        let addresses: Vec<AddressMessage> = self
            .handle
            .address()
            .get()
            .execute()
            .take(MOST)
            .try_collect()
            .await
            .map_err(|error| netlink("list addresses", error))?;
        for message in &addresses {
            let link = observed
                .links
                .iter_mut()
                .find(|link| link.index == message.header.index);
            if let (Some(link), Some(address)) = (link, address_of(message)) {
                link.addresses.push(address);
            }
        }
        let routes: Vec<RouteMessage> = self
            .handle
            .route()
            .get(RouteMessageBuilder::<Ipv4Addr>::new().build())
            .execute()
            .take(MOST)
            .try_collect()
            .await
            .map_err(|error| netlink("list routes", error))?;
        observed.routes = routes.iter().filter_map(route_of).collect();
        Ok(observed)
    }

    pub(super) async fn apply(&self, action: &Action) -> Result<(), NetworkError> {
        let links = self.handle.link();
        match action {
            Action::AddBridge { name, mac, mtu } => {
                let bridge = LinkBridge::new(name)
                    .down()
                    .address(mac.0.to_vec())
                    .mtu(*mtu)
                    .build();
                let added = links.add(bridge).execute().await;
                added.map_err(|error| netlink(format!("make bridge {name}"), error))
            }
            Action::AddTap {
                name,
                multi_queue,
                owner,
            } => crate::sys::make_tap(name, *multi_queue, owner.uid, owner.gid)
                .map_err(|error| NetworkError::step(format!("make TAP device {name}"), error)),
            Action::SetAlias { device, alias } => {
                self.change(device, "set the alias", |link| link.alias(alias.as_str()))
                    .await
            }
            Action::SetMac { device, mac } => {
                self.change(device, "set the MAC", |link| link.address(mac.0.to_vec()))
                    .await
            }
            Action::SetMtu { device, mtu } => {
                self.change(device, "set the MTU", |link| link.mtu(*mtu))
                    .await
            }
            Action::Rename { device, to } => {
                self.change(device, "change the name", |link| link.name(to.as_str()))
                    .await
            }
            Action::SetUp { device, up } => {
                self.change(
                    device,
                    "switch",
                    |link| {
                        if *up { link.up() } else { link.down() }
                    },
                )
                .await
            }
            Action::Enslave { device, bridge } => {
                let bridge = self.index(bridge).await?;
                self.change(device, "put into its bridge", |link| {
                    link.controller(bridge)
                })
                .await
            }
            Action::StopLearning { device } => {
                let port = LinkBridgePort::new(self.index(device).await?)
                    .append_info_data(InfoBridgePort::Learning(false))
                    .build();
                let set = links.set_port(port).execute().await;
                set.map_err(|error| netlink(format!("stop learning on {device}"), error))
            }
            Action::AddAddress { device, address } => self.add_address(device, *address).await,
            Action::RemoveAddress { device, address } => {
                self.remove_address(device, *address).await
            }
            Action::Sysctl {
                key,
                value,
                optional,
            } => sysctl(key, value, *optional),
            Action::Nft { script } => nft(script),
        }
    }

    async fn index(&self, device: &str) -> Result<u32, NetworkError> {
        let found = self
            .handle
            .link()
            .get()
            .match_name(device.to_owned())
            .execute()
            .boxed()
            .try_next()
            .await;
        match found {
            Ok(Some(link)) => Ok(link.header.index),
            Ok(None) => Err(NetworkError::step(
                format!("find device {device}"),
                io::ErrorKind::NotFound.into(),
            )),
            Err(error) => Err(netlink(format!("find device {device}"), error)),
        }
    }

    async fn change(
        &self,
        device: &str,
        what: &str,
        set: impl FnOnce(
            rtnetlink::LinkMessageBuilder<LinkUnspec>,
        ) -> rtnetlink::LinkMessageBuilder<LinkUnspec>,
    ) -> Result<(), NetworkError> {
        let index = self.index(device).await?;
        let message = set(LinkUnspec::new_with_index(index)).build();
        let changed = self.handle.link().change(message).execute().await;
        changed.map_err(|error| netlink(format!("{what} of device {device}"), error))
    }

    async fn add_address(&self, device: &str, cidr: Cidr) -> Result<(), NetworkError> {
        let index = self.index(device).await?;
        let mut request = self
            .handle
            .address()
            .add(index, cidr.address, cidr.prefix)
            .replace();
        if cidr.address.is_ipv6() {
            use rtnetlink::packet_route::address::AddressFlags;
            // Usable at once: nobody else is on this bridge.
            request
                .message_mut()
                .attributes
                .push(AddressAttribute::Flags(AddressFlags::Nodad));
        }
        request
            .execute()
            .await
            .map_err(|error| netlink(format!("give {device} the address {cidr}"), error))
    }

    async fn remove_address(&self, device: &str, cidr: Cidr) -> Result<(), NetworkError> {
        let index = self.index(device).await?;
        let message = match cidr.address {
            IpAddr::V4(address) => AddressMessageBuilder::<Ipv4Addr>::new()
                .index(index)
                .address(address, cidr.prefix)
                .build(),
            IpAddr::V6(address) => AddressMessageBuilder::<Ipv6Addr>::new()
                .index(index)
                .address(address, cidr.prefix)
                .build(),
        };
        match self.handle.address().del(message).execute().await {
            Err(error) if io_error(&error).raw_os_error() == Some(libc::EADDRNOTAVAIL) => Ok(()),
            other => other
                .map_err(|error| netlink(format!("take the address {cidr} from {device}"), error)),
        }
    }
}

fn link_of(message: &LinkMessage) -> Link {
    let mut link = Link {
        index: message.header.index,
        up: message.header.flags.contains(LinkFlags::Up),
        ..Link::default()
    };
    let ethernet = message.header.link_layer_type == LinkLayerType::Ether;
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name.clone_from(name),
            LinkAttribute::IfAlias(alias) => link.alias = Some(alias.clone()),
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::Controller(master) => link.master = Some(*master),
            LinkAttribute::Address(mac) if ethernet => {
                link.mac = mac.as_slice().try_into().ok().map(MacAddress);
            }
            _ => {}
        }
    }
    link
}

fn address_of(message: &AddressMessage) -> Option<Cidr> {
    let mut address = None;
    for attribute in &message.attributes {
        match attribute {
            // The device's own end; for most devices the same as the other.
            AddressAttribute::Local(local) => address = Some(*local),
            AddressAttribute::Address(peer) if address.is_none() => address = Some(*peer),
            _ => {}
        }
    }
    Some(Cidr {
        address: address?,
        prefix: message.header.prefix_len,
    })
}

fn route_of(message: &RouteMessage) -> Option<Route> {
    let header = &message.header;
    if header.kind != RouteType::Unicast || header.table != RouteHeader::RT_TABLE_MAIN {
        return None;
    }
    let mut destination = Ipv4Addr::UNSPECIFIED;
    let (mut gateway, mut device) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(RouteAddress::Inet(address)) => destination = *address,
            RouteAttribute::Gateway(RouteAddress::Inet(address)) => gateway = Some(*address),
            RouteAttribute::Oif(index) => device = Some(*index),
            _ => {}
        }
    }
    Some(Route {
        destination: Cidr {
            address: destination,
            prefix: header.destination_prefix_length,
        },
        gateway,
        device: device?,
    })
}

/// /proc/sys/net shows the namespace of the thread that opens it.
fn sysctl(key: &str, value: &str, optional: bool) -> Result<(), NetworkError> {
    let path = Path::new("/proc/sys/net").join(key);
    let result = match fs::read_to_string(&path) {
        Ok(now) if now.trim() == value => Ok(()),
        Ok(_) => fs::write(&path, value),
        Err(error) if optional && error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    result
        .map_err(|error| NetworkError::step(format!("write {value} to {}", path.display()), error))
}

/// The child has the namespace of this thread.
fn nft(script: &str) -> Result<(), NetworkError> {
    let failed = |error| NetworkError::step(format!("run {NFT}"), error);
    let mut child = Command::new(NFT)
        .args(["-f", "-"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(script.as_bytes()),
        None => Ok(()),
    };
    let deadline = Instant::now() + NFT_LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() > deadline {
            // Reaped below; killing an ended child is no error.
            child.kill().and_then(|()| child.wait()).map_err(failed)?;
            return Err(NetworkError::TimedOut(NFT_LIMIT));
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    if status.success() {
        return written.map_err(failed);
    }
    let mut message = String::new();
    if let Some(stderr) = child.stderr.take() {
        stderr
            .take(2000)
            .read_to_string(&mut message)
            .map_err(failed)?;
    }
    Err(NetworkError::Nft {
        message: message.trim().to_owned(),
    })
}

fn netlink(action: impl Into<String>, error: rtnetlink::Error) -> NetworkError {
    NetworkError::step(action, io_error(&error))
}

fn io_error(error: &rtnetlink::Error) -> io::Error {
    match error {
        rtnetlink::Error::NetlinkError(message) => message.to_io(),
        other => io::Error::other(other.to_string()),
    }
}
