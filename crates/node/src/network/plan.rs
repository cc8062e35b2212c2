use std::fs::File;
use std::io::Read;

use super::{
    Binding, InterfaceRequest, MacAddress, NetworkError, Observed, PreparedInterface, bridge,
    masquerade,
};
use crate::network::Cidr;
use crate::paths::Owner;

/// One step; devices are named as they are called at that point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make a bridge, down.
    AddBridge {
        /// Its name.
        name: String,
        /// Its own MAC.
        mac: MacAddress,
        /// Its MTU.
        mtu: u32,
    },
    /// Make a persistent TAP device, down.
    AddTap {
        /// Its name.
        name: String,
        /// For several queues.
        multi_queue: bool,
        /// Who may attach.
        owner: Owner,
    },
    /// Set a device's alias.
    SetAlias {
        /// The device.
        device: String,
        /// The text.
        alias: String,
    },
    /// Set a device's MAC.
    SetMac {
        /// The device.
        device: String,
        /// The address.
        mac: MacAddress,
    },
    /// Set a device's MTU.
    SetMtu {
        /// The device.
        device: String,
        /// Bytes.
        mtu: u32,
    },
    /// Rename a device that is down.
    Rename {
        /// The old name.
        device: String,
        /// The new name.
        to: String,
    },
    /// Switch a device on or off.
    SetUp {
        /// The device.
        device: String,
        /// On or off.
        up: bool,
    },
    /// Put a device into a bridge.
    Enslave {
        /// The device.
        device: String,
        /// The bridge.
        bridge: String,
    },
    /// Let the bridge not learn addresses behind this port.
    StopLearning {
        /// The device, which is in a bridge.
        device: String,
    },
    /// Give a device an address.
    AddAddress {
        /// The device.
        device: String,
        /// Address and prefix.
        address: Cidr,
    },
    /// Take an address from a device.
    RemoveAddress {
        /// The device.
        device: String,
        /// Address and prefix.
        address: Cidr,
    },
    /// Write a file beneath /proc/sys/net where it has another value.
    Sysctl {
        /// The path beneath /proc/sys/net.
        key: String,
        /// The value.
        value: &'static str,
        /// Whether the kernel may lack it.
        optional: bool,
    },
    /// Load an nft script, as one transaction.
    Nft {
        /// The script.
        script: String,
    },
}

/// Values that a plan may need and cannot make itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// For a bridge.
    pub bridge_mac: MacAddress,
    /// For a device that gives its own away.
    pub device_mac: MacAddress,
}

impl Fresh {
    /// Random, locally administered addresses.
    pub fn random() -> Result<Self, NetworkError> {
        let mut bytes = [0; 12];
        File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(&mut bytes))
            .map_err(|error| NetworkError::step("read /dev/urandom", error))?;
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
        let own = |first: u8| (first & 0xfc) | 0x02;
        Ok(Self {
            bridge_mac: MacAddress([own(a), b, c, d, e, f]),
            device_mac: MacAddress([own(g), h, i, j, k, l]),
        })
    }
}

/// What is to be done for an interface and what is there afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In this order.
    pub actions: Vec<Action>,
    /// The result.
    pub prepared: PreparedInterface,
}

/// Plans one interface from what there is in the pod. No I/O.
pub fn plan(
    observed: &Observed,
    request: &InterfaceRequest,
    fresh: &Fresh,
) -> Result<Plan, NetworkError> {
    match request.binding {
        Binding::Masquerade => masquerade::plan(observed, request),
        Binding::Bridge => bridge::plan(observed, request, fresh),
    }
}

/// The bridge with its TAP device, as both bindings need it.
pub(super) fn bridge_and_tap(
    observed: &Observed,
    request: &InterfaceRequest,
    bridge_mac: MacAddress,
    mtu: u32,
    actions: &mut Vec<Action>,
) {
    let bridge = observed.link(&request.bridge);
    if bridge.is_none() {
        actions.push(Action::AddBridge {
            name: request.bridge.clone(),
            mac: bridge_mac,
            mtu,
        });
    }
    let tap = observed.link(&request.tap);
    if tap.is_none() {
        actions.push(Action::AddTap {
            name: request.tap.clone(),
            multi_queue: request.multi_queue,
            owner: request.owner,
        });
    }
    if tap.is_none_or(|tap| tap.mtu != mtu) {
        actions.push(Action::SetMtu {
            device: request.tap.clone(),
            mtu,
        });
    }
    if !observed.is_in(tap, bridge) {
        actions.push(Action::Enslave {
            device: request.tap.clone(),
            bridge: request.bridge.clone(),
        });
    }
    // A bridge takes the smallest MTU of its ports unless it was set since.
    if bridge.is_none_or(|bridge| bridge.mtu != mtu) {
        actions.push(Action::SetMtu {
            device: request.bridge.clone(),
            mtu,
        });
    }
}

/// Switches on what is not.
pub(super) fn up(observed: &Observed, device: &str, actions: &mut Vec<Action>) {
    if observed.link(device).is_none_or(|link| !link.up) {
        actions.push(Action::SetUp {
            device: device.to_owned(),
            up: true,
        });
    }
}

/// Adds an address that is not there.
pub(super) fn address(observed: &Observed, device: &str, address: Cidr, actions: &mut Vec<Action>) {
    let there = observed
        .link(device)
        .is_some_and(|link| link.addresses.contains(&address));
    if !there {
        actions.push(Action::AddAddress {
            device: device.to_owned(),
            address,
        });
    }
}
