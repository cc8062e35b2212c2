//! Between this program and the crate that knows domain XML: what it needs to know of the pod, and its words for ours.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

use kubevirt_api::{
    KubeVirtConfiguration, VirtualMachineInstance, VirtualMachineInstancePhase as Phase,
};
use kubevirt_domain::{
    Environment, ImageFormat, InterfaceAttachment, VolumeSource, interface_queues, paths,
};
use kubevirt_libvirt::DomainState;
use kubevirt_node::peer::Peer;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};

use super::prepare::Prepared;

/// Writes the domain XML of `instance` in the pod of `peer`.
///
/// # Errors
/// When the specification cannot be expressed; the error names the field.
pub(super) fn domain_xml(
    instance: &VirtualMachineInstance,
    configuration: &KubeVirtConfiguration,
    emulation: bool,
    prepared: &Prepared,
    peer: &Peer,
) -> Result<String, kubevirt_domain::Error> {
    let mut environment = Environment::new(configuration, emulation);
    environment.interfaces = interfaces(instance, prepared);
    environment.volumes = volumes(instance, peer);
    kubevirt_domain::render(instance, &environment)
}

/// The pod's side of the interfaces.
fn interfaces(
    instance: &VirtualMachineInstance,
    prepared: &Prepared,
) -> BTreeMap<String, InterfaceAttachment> {
    let queues = |name: &str| {
        let interface = instance
            .spec
            .domain
            .devices
            .interfaces
            .iter()
            .find(|interface| interface.name == name);
        interface.map_or(1, |interface| interface_queues(instance, interface))
    };
    prepared
        .interfaces
        .iter()
        .map(|interface| {
            let attachment = InterfaceAttachment {
                tap: interface.tap.clone(),
                mac: interface.mac.to_string(),
                mtu: interface.mtu,
                queues: queues(&interface.name),
                vhost: prepared.vhost,
            };
            (interface.name.clone(), attachment)
        })
        .collect()
}

/// Where the volumes are, and what their files and devices can do.
fn volumes(instance: &VirtualMachineInstance, peer: &Peer) -> BTreeMap<String, VolumeSource> {
    let root = rustix::fs::open(
        peer.proc_path("root"),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .ok();
    let known = instance
        .status
        .as_ref()
        .map(|status| status.volume_status.as_slice())
        .unwrap_or_default();
    let mut volumes = BTreeMap::new();
    for (index, volume) in instance.spec.volumes.iter().enumerate() {
        let claim = known
            .iter()
            .find(|entry| entry.name == volume.name)
            .and_then(|entry| entry.persistent_volume_claim_info.as_ref());
        let block = claim.is_some_and(|claim| claim.volume_mode.as_deref() == Some("Block"));
        let Some(mut source) = VolumeSource::of(instance, index, block) else {
            continue;
        };
        if let Some(root) = &root {
            let disk = look(root, &source.path);
            // An overlay reads through to the image below it, with the same flags.
            let base = volume
                .container_disk
                .as_ref()
                .map(|_| look(root, &paths::container_disk(index)));
            source.direct_io = disk.direct_io && base.is_none_or(|base| base.direct_io);
            // An overlay is as large as what was written to it, and grows.
            source.preallocated = disk.preallocated && source.format == ImageFormat::Raw;
        }
        volumes.insert(volume.name.clone(), source);
    }
    volumes
}

/// What a disk's file or device can do.
#[derive(Clone, Copy, Default)]
struct Abilities {
    direct_io: bool,
    preallocated: bool,
}

/// Looks at a disk by its path in the pod. Links are followed within the pod's own root, as QEMU will follow them; whatever they
/// lead to is opened only when it is a file or a block device.
fn look(root: &OwnedFd, path: &str) -> Abilities {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let Ok(held) = rustix::fs::openat2(
        root.as_fd(),
        path,
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
        resolve,
    ) else {
        return Abilities::default();
    };
    let Ok(status) = rustix::fs::fstat(&held) else {
        return Abilities::default();
    };
    let kind = FileType::from_raw_mode(status.st_mode);
    if !matches!(kind, FileType::RegularFile | FileType::BlockDevice) {
        return Abilities::default();
    }
    let flags = i32::try_from((OFlags::DIRECT | OFlags::CLOEXEC | OFlags::NONBLOCK).bits())
        .unwrap_or_default();
    let opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(format!("/proc/self/fd/{}", held.as_raw_fd()));
    // Blocks are counted in units of 512 bytes, whatever the file system's own size is.
    let full = status.st_size > 0 && status.st_blocks.saturating_mul(512) >= status.st_size;
    Abilities {
        direct_io: opened.is_ok(),
        preallocated: kind == FileType::RegularFile && full,
    }
}

/// The final phase that a domain's last state means.
pub(super) fn final_phase(state: DomainState, instance: &VirtualMachineInstance) -> Phase {
    // What ended in a way that has no phase of its own did not end well.
    kubevirt_domain::phase(translated(state), instance)
        .filter(|phase| phase.is_final())
        .unwrap_or(Phase::Failed)
}

/// libvirt's words in those of the domain crate.
fn translated(state: DomainState) -> kubevirt_domain::DomainState {
    use kubevirt_domain::{Reason as To, State};
    use kubevirt_libvirt::{Reason as From, State as FromState};
    let reason = match state.reason {
        From::StartingUp => To::StartingUp,
        From::PostCopyFailed => To::PostCopyFailed,
        From::Shutdown => To::Shutdown,
        From::Destroyed => To::Destroyed,
        From::Crashed => To::Crashed,
        From::Panicked => To::Panicked,
        From::Migrated => To::Migrated,
        From::Saved => To::Saved,
        From::Failed => To::Failed,
        From::FromSnapshot => To::FromSnapshot,
        From::Daemon => To::Daemon,
        _ => To::Other,
    };
    let state = match state.state {
        FromState::Running => State::Running,
        FromState::Blocked => State::Blocked,
        FromState::Paused => State::Paused,
        FromState::ShuttingDown => State::ShuttingDown,
        FromState::ShutOff => State::ShutOff,
        FromState::Crashed => State::Crashed,
        FromState::PmSuspended => State::PmSuspended,
        FromState::Unknown => State::Unknown,
    };
    kubevirt_domain::DomainState { state, reason }
}
