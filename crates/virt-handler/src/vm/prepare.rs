//! What a launcher pod needs before its guest can start, all of it repeatable at any time: the capability cache, device nodes,
//! the cloud-init disk, the pod's network with its DHCP servers, and libvirtd.

use std::path::Path;
use std::time::Duration;

use kubevirt_api::{Interface, VirtualMachineInstance};
use kubevirt_domain::{interface_queues, is_absent};
use kubevirt_node::dhcp::{self, DhcpConfig, DhcpError, DhcpHandle};
use kubevirt_node::launcher::{LauncherCommands, LauncherError, open_empty_dir};
use kubevirt_node::network::{
    self, Binding, InterfaceRequest, NetworkError, PodNetwork, Port, PreparedInterface,
};
use kubevirt_node::paths::{Beneath, Owner, PathError};
use kubevirt_node::peer::Peer;
use kubevirt_node::resolv::Resolver;

use super::{Context, cloud_init, devices};

/// How long virt-launcher may take to make the disks and start libvirtd.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// Where libvirt keeps what it knows of QEMU, beneath the pod's emptyDir `private`.
const CACHE: &str = "libvirt/qemu/cache/capabilities";
/// The longest cache file, in bytes; libvirt's are some 300 KiB.
const MAX_CACHE_FILE: u64 = 16 * 1024 * 1024;
/// The most cache files; there is one for each emulator.
const MAX_CACHE_FILES: usize = 16;

/// Why a pod could not be prepared; the words go to the user.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    CloudInit(#[from] cloud_init::Error),
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error(transparent)]
    Dhcp(#[from] DhcpError),
    #[error(transparent)]
    Launcher(#[from] LauncherError),
    #[error("spec.domain.devices.interfaces[{name}]: {text}")]
    Interface { name: String, text: String },
    #[error("spec.networks[{name}].pod.vmNetworkCIDR: {text}")]
    Network4 { name: String, text: String },
}

/// What was prepared and has to be kept.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) interfaces: Vec<PreparedInterface>,
    /// The pod has /dev/vhost-net.
    pub(super) vhost: bool,
    dhcp: Vec<DhcpHandle>,
}

impl Prepared {
    /// Whether all DHCP servers still run.
    pub(super) fn serving(&self) -> bool {
        self.dhcp.iter().all(DhcpHandle::is_running)
    }
}

/// Prepares the pod of `instance`. The parts do not depend on each other and run at the same time.
pub(super) async fn prepare(
    context: &Context,
    instance: &VirtualMachineInstance,
    pod_uid: &str,
    launcher: &LauncherCommands,
) -> Result<Prepared, Error> {
    let peer = launcher.peer();
    let private = open_empty_dir(&context.kubelet_root, pod_uid, "private")?;
    let ephemeral = open_empty_dir(&context.kubelet_root, pod_uid, "ephemeral-disks")?;
    devices::give(peer)?;
    // Before libvirtd starts, or it probes QEMU for itself.
    if let Err(error) = copy_cache(&context.node_info, &private) {
        tracing::warn!(%error, "no capability cache for the pod, libvirtd will probe QEMU for itself");
    }
    let disks = cloud_init::make(instance, &context.kubelet_root, pod_uid, &ephemeral);
    let (started, disks, network) = tokio::join!(
        launcher.start(START_TIMEOUT),
        disks,
        network(instance, peer)
    );
    // In the order in which a person would want to hear it.
    disks?;
    started?;
    let (interfaces, dhcp) = network?;
    let vhost = Beneath::open_root(&peer.proc_path("root/dev"))?
        .open_dir(".")?
        .names(4096)?
        .iter()
        .any(|name| name == "vhost-net");
    Ok(Prepared {
        interfaces,
        vhost,
        dhcp,
    })
}

/// Makes the pod's network and its DHCP servers.
async fn network(
    instance: &VirtualMachineInstance,
    peer: &Peer,
) -> Result<(Vec<PreparedInterface>, Vec<DhcpHandle>), Error> {
    let requests = requests(instance)?;
    if requests.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let namespace = PodNetwork::of(peer)?;
    let interfaces = network::prepare(&namespace, &requests).await?;
    let resolver = Resolver::of_pod(peer).unwrap_or_else(|error| {
        tracing::warn!(%error, "the guest learns no name servers");
        Resolver::default()
    });
    let hostname = instance
        .spec
        .hostname
        .as_deref()
        .filter(|name| !name.is_empty())
        .or(instance.metadata.name.as_deref());
    let mut servers = Vec::with_capacity(interfaces.len());
    for interface in &interfaces {
        if let Some(config) = DhcpConfig::new(interface, &resolver, hostname) {
            servers.push(dhcp::serve(&namespace, config).await?);
        }
    }
    Ok((interfaces, servers))
}

/// What each interface on the pod network needs.
fn requests(instance: &VirtualMachineInstance) -> Result<Vec<InterfaceRequest>, Error> {
    let mut requests = Vec::new();
    let interfaces = &instance.spec.domain.devices.interfaces;
    for interface in interfaces.iter().filter(|interface| !is_absent(interface)) {
        let Some(pod) = instance
            .spec
            .networks
            .iter()
            .find(|network| network.name == interface.name)
            .and_then(|network| network.pod.as_ref())
        else {
            continue;
        };
        let binding = if interface.bridge.is_some() {
            Binding::Bridge
        } else {
            Binding::Masquerade
        };
        let mut request = InterfaceRequest::pod_network(&interface.name, binding);
        request.mac = mac(instance, interface, binding)?;
        request.multi_queue = interface_queues(instance, interface) > 1;
        request.ports = interface
            .ports
            .iter()
            .map(|port| wire_port(&interface.name, port))
            .collect::<Result<_, _>>()?;
        if let Some(cidr) = &pod.vm_network_cidr {
            request.ipv4 = cidr.parse().map_err(|text| Error::Network4 {
                name: interface.name.clone(),
                text,
            })?;
        }
        requests.push(request);
    }
    Ok(requests)
}

/// The guest's MAC address: the specification's, else a derived one; a bridged guest takes the pod's, which is None here.
fn mac(
    instance: &VirtualMachineInstance,
    interface: &Interface,
    binding: Binding,
) -> Result<Option<network::MacAddress>, Error> {
    let given = interface
        .mac_address
        .as_ref()
        .filter(|text| !text.is_empty());
    let text = match (given, binding) {
        (Some(text), _) => text.clone(),
        (None, Binding::Masquerade) => super::mac::derived(
            instance.metadata.uid.as_deref().unwrap_or_default(),
            &interface.name,
        ),
        (None, Binding::Bridge) => return Ok(None),
    };
    text.parse().map(Some).map_err(|text| Error::Interface {
        name: interface.name.clone(),
        text: format!("macAddress: {text}"),
    })
}

/// A port to forward.
fn wire_port(interface: &str, port: &kubevirt_api::Port) -> Result<Port, Error> {
    let number = u16::try_from(port.port).map_err(|_| Error::Interface {
        name: interface.to_owned(),
        text: format!("port {} is not between 1 and 65535", port.port),
    })?;
    Ok(Port {
        udp: port
            .protocol
            .as_deref()
            .is_some_and(|protocol| protocol.eq_ignore_ascii_case("UDP")),
        number,
    })
}

/// Copies what libvirt learned of QEMU on this node into the pod, unless it is there.
fn copy_cache(node_info: &Path, private: &Beneath) -> Result<(), PathError> {
    let source = Beneath::open_root(node_info)?.open_dir("capabilities")?;
    let target = private.create_dir(CACHE, Owner::QEMU, 0o700)?;
    for name in source.names(MAX_CACHE_FILES)? {
        let bytes = source.read_bounded(&name, MAX_CACHE_FILE)?;
        match target.write_new(&name, &bytes, Owner::QEMU, 0o600) {
            // libvirtd keeps its own copy up to date.
            Ok(()) | Err(PathError::Exists { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(interface: serde_json::Value) -> VirtualMachineInstance {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
            "metadata": { "name": "vm", "namespace": "ns", "uid": "e6101f34-ec23-4178-a6ab-cdd09aed4409" },
            "spec": {
                "domain": { "devices": { "interfaces": [interface] } },
                "networks": [{ "name": "default", "pod": { "vmNetworkCIDR": "10.11.12.0/24" } }],
            },
        }))
        .unwrap()
    }

    #[test]
    fn interfaces_become_requests() {
        let masquerade = json!({ "name": "default", "masquerade": {}, "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 80 }] });
        let request = requests(&instance(masquerade)).unwrap().remove(0);
        assert_eq!(request.binding, Binding::Masquerade);
        assert!(request.mac.is_some());
        assert_eq!(
            request.ports,
            [
                Port {
                    udp: true,
                    number: 53
                },
                Port {
                    udp: false,
                    number: 80
                }
            ]
        );
        assert_eq!(request.ipv4.to_string(), "10.11.12.0/24");
        let request = requests(&instance(json!({ "name": "default", "bridge": {} })))
            .unwrap()
            .remove(0);
        assert_eq!((request.binding, request.mac), (Binding::Bridge, None));
        let empty = json!({ "name": "default", "bridge": {}, "macAddress": "" });
        assert_eq!(requests(&instance(empty)).unwrap().remove(0).mac, None);
        let given = json!({ "name": "default", "bridge": {}, "macAddress": "02:00:00:00:00:07" });
        let request = requests(&instance(given)).unwrap().remove(0);
        assert_eq!(request.mac.unwrap().to_string(), "02:00:00:00:00:07");
    }

    #[test]
    fn a_wrong_value_is_named() {
        let wrong = json!({ "name": "default", "masquerade": {}, "macAddress": "zz" });
        let error = requests(&instance(wrong)).unwrap_err().to_string();
        assert!(error.contains("interfaces[default]: macAddress"), "{error}");
    }
}
