//! Disks and interfaces that a running guest can be given, and that can be taken from it.

use kubevirt_api::{Disk, Interface, Network, VirtualMachineInstanceSpec, Volume};

use super::Compared;
use crate::config::Gate;

/// The name in `list[name]` and the field behind it; none when a path is that of a whole list.
fn item(path: &str) -> Option<(&str, &str)> {
    let (_, rest) = path.split_once('[')?;
    let (name, field) = rest.split_once(']')?;
    Some((name, field.trim_start_matches('.')))
}

fn volume<'a>(spec: &'a VirtualMachineInstanceSpec, name: &str) -> Option<&'a Volume> {
    spec.volumes.iter().find(|volume| volume.name == name)
}

fn disk<'a>(spec: &'a VirtualMachineInstanceSpec, name: &str) -> Option<&'a Disk> {
    let disks = &spec.domain.devices.disks;
    disks.iter().find(|disk| disk.name == name)
}

fn interface<'a>(spec: &'a VirtualMachineInstanceSpec, name: &str) -> Option<&'a Interface> {
    let interfaces = &spec.domain.devices.interfaces;
    interfaces.iter().find(|interface| interface.name == name)
}

fn network<'a>(spec: &'a VirtualMachineInstanceSpec, name: &str) -> Option<&'a Network> {
    spec.networks.iter().find(|network| network.name == name)
}

fn is_hotpluggable(volume: &Volume) -> bool {
    let claim = volume.persistent_volume_claim.as_ref();
    let data = volume.data_volume.as_ref();
    claim.and_then(|claim| claim.hotpluggable) == Some(true)
        || data.and_then(|data| data.hotpluggable) == Some(true)
}

fn is_cdrom(spec: &VirtualMachineInstanceSpec, name: &str) -> bool {
    disk(spec, name).is_some_and(|disk| disk.cdrom.is_some())
}

impl Compared<'_> {
    /// A change of a volume or of the disk that shows it.
    pub(super) fn disk(&self, path: &str) -> bool {
        let Some((name, field)) = item(path) else {
            return false;
        };
        let (old, new) = (volume(self.before, name), volume(self.after, name));
        let is_volume = path.starts_with("volumes");
        if is_cdrom(self.before, name) && is_cdrom(self.after, name) {
            // The drive stays, the disc is changed.
            return is_volume
                && self.config.features.is_on(Gate::DeclarativeHotplugVolumes)
                && old.into_iter().chain(new).all(is_hotpluggable);
        }
        match (old, new) {
            // It comes or goes with its disk.
            (None, Some(one)) | (Some(one), None) => is_hotpluggable(one),
            (Some(old), Some(new)) if is_volume => {
                let claimed = old.claim().is_some() && new.claim().is_some();
                claimed && (self.moves_volumes || (is_hotpluggable(old) && is_hotpluggable(new)))
            }
            // The disk of a volume that stays can be plugged or unplugged, not changed.
            (Some(old), Some(_)) => field.is_empty() && is_hotpluggable(old),
            (None, None) => false,
        }
    }

    /// A change of an interface or of its network.
    pub(super) fn interface(&self, path: &str) -> bool {
        let Some((name, field)) = item(path) else {
            return false;
        };
        if self.is_fixed() {
            return false;
        }
        match field {
            // It comes with its network. One goes by `state: absent`, after which it may be left out.
            "" => {
                let plugged = |spec| {
                    let interface: Option<&Interface> = interface(spec, name);
                    let network: Option<&Network> = network(spec, name);
                    interface.is_some_and(|interface| {
                        interface.bridge.is_some() || interface.sriov.is_some()
                    }) && network.is_some_and(|network| {
                        network
                            .multus
                            .as_ref()
                            .is_some_and(|multus| multus.default != Some(true))
                    })
                };
                let is_absent = interface(self.before, name)
                    .is_some_and(|interface| interface.state.as_deref() == Some("absent"));
                match (interface(self.before, name), interface(self.after, name)) {
                    (None, Some(_)) => plugged(self.after),
                    (Some(_), None) => is_absent,
                    _ => false,
                }
            }
            "state" | "multus.networkName" => true,
            _ => false,
        }
    }
}
