//! The network of guests that name none.

use kubevirt_api::{
    Interface, InterfaceBridge, InterfaceMasquerade, Network, PodNetwork,
    VirtualMachineInstanceSpec,
};

use crate::config::{Binding, ClusterConfig};

/// Name of the network and interface that are added.
const NAME: &str = "default";

/// A guest without networks and interfaces gets the pod's network, unless it does not want to. How it is connected is left
/// open when somebody else says it (`bind` is false).
pub(super) fn default_network(
    spec: &mut VirtualMachineInstanceSpec,
    config: &ClusterConfig,
    bind: bool,
) {
    let devices = &mut spec.domain.devices;
    let none = spec.networks.is_empty() && devices.interfaces.is_empty();
    if !none || devices.autoattach_pod_interface == Some(false) {
        return;
    }
    let mut interface = Interface {
        name: NAME.to_owned(),
        ..Interface::default()
    };
    match config.network.default_interface {
        _ if !bind => {}
        Binding::Bridge => interface.bridge = Some(InterfaceBridge {}),
        Binding::Masquerade => interface.masquerade = Some(InterfaceMasquerade {}),
    }
    devices.interfaces.push(interface);
    spec.networks.push(Network {
        name: NAME.to_owned(),
        pod: Some(PodNetwork::default()),
        ..Network::default()
    });
}
