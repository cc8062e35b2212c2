//! The status of a VirtualMachineInstance as virt-handler writes it. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kubevirt_api::{
    Condition, ConditionStatus, Machine, VirtualMachineInstance, VirtualMachineInstanceGuestOSInfo,
    VirtualMachineInstanceNetworkInterface, VirtualMachineInstancePhase as Phase,
    VirtualMachineInstancePhaseTransitionTimestamp, VirtualMachineInstanceStatus, VolumeStatus,
};

use kubevirt_domain::{LiveDomain, interface_queues};

use super::agent::View;
use super::facts::PodFacts;

mod guest;

/// A pod network bridged into the guest with this annotation may migrate all the same.
const ALLOW_BRIDGE_MIGRATION: &str = "kubevirt.io/allow-pod-bridge-network-live-migration";

/// What is seen of a guest that runs.
pub(super) struct Running<'a> {
    pub(super) domain: &'a LiveDomain,
    /// What is to be said of the guest's agent.
    pub(super) agent: View,
    pub(super) pod: &'a PodFacts,
    /// The pod's addresses as its own network device has them, for when kubelet has not reported them.
    pub(super) addresses: &'a [std::net::IpAddr],
    /// Size in bytes of the cloud-init disk.
    pub(super) cloud_init_size: Option<i64>,
    /// The processors are stopped: reason and message.
    pub(super) paused: Option<(&'static str, &'static str)>,
    pub(super) now: Time,
}

/// The status of an instance whose guest runs.
pub(super) fn running(
    instance: &VirtualMachineInstance,
    seen: &Running<'_>,
) -> VirtualMachineInstanceStatus {
    let mut status = instance.status.clone().unwrap_or_default();
    enter(&mut status, Phase::Running, &seen.now);
    if let Some(machine) = &seen.domain.machine {
        status.machine = Some(Machine {
            type_: machine.clone(),
        });
    }
    status
        .guest_os_info
        .get_or_insert_with(VirtualMachineInstanceGuestOSInfo::default);
    interfaces(instance, seen, &mut status);
    volumes(instance, seen, &mut status);
    guest::describe(&mut status, &seen.agent, &seen.now);
    let mut set = |condition: Option<Condition>, kind: &str| {
        replace(&mut status.conditions, kind, condition, &seen.now)
    };
    set(None, "Synchronized");
    let paused = seen
        .paused
        .map(|(reason, message)| with_message(Condition::new("Paused", true, reason), message));
    set(paused, "Paused");
    // virt-controller keeps this condition up to date; saying it here spares its first write.
    if seen
        .pod
        .pod
        .ready
        .as_ref()
        .is_some_and(|ready| ready.status == "True")
    {
        set(Some(Condition::new("Ready", true, "")), "Ready");
    }
    let (disks, others) = blockers(instance);
    let blocker = others.first().or(disks.first());
    set(
        Some(migratable(
            "LiveMigratable",
            blocker.map(|(reason, text)| (*reason, text.clone())),
        )),
        "LiveMigratable",
    );
    let text = others
        .iter()
        .map(|(_, text)| text.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    let blocker = (!others.is_empty()).then_some(("NotMigratable", text));
    set(
        Some(migratable("StorageLiveMigratable", blocker)),
        "StorageLiveMigratable",
    );
    status
}

/// The status of an instance that cannot be brought up for now.
pub(super) fn troubled(
    instance: &VirtualMachineInstance,
    reason: &str,
    message: &str,
    now: &Time,
) -> VirtualMachineInstanceStatus {
    let mut status = instance.status.clone().unwrap_or_default();
    let condition = with_message(Condition::new("Synchronized", false, reason), message);
    replace(&mut status.conditions, "Synchronized", Some(condition), now);
    status
}

/// The status of an instance whose guest has ended.
pub(super) fn ended(
    instance: &VirtualMachineInstance,
    phase: Phase,
    reason: Option<&str>,
    now: &Time,
) -> VirtualMachineInstanceStatus {
    let mut status = instance.status.clone().unwrap_or_default();
    enter(&mut status, phase, now);
    if let Some(reason) = reason {
        status.reason = Some(reason.to_owned());
    }
    replace(&mut status.conditions, "Paused", None, now);
    // In virt-controller's words, so that it has nothing to add.
    let ready = with_message(
        Condition::new("Ready", false, "GuestNotRunning"),
        "the guest has ended",
    );
    if Condition::is_true(&status.conditions, "Ready") {
        replace(&mut status.conditions, "Ready", Some(ready), now);
    }
    status
}

/// Enters a phase and notes the time, once.
fn enter(status: &mut VirtualMachineInstanceStatus, phase: Phase, now: &Time) {
    status.phase = phase;
    let timestamps = &mut status.phase_transition_timestamps;
    if !timestamps.iter().any(|entry| entry.phase == phase) {
        timestamps.push(VirtualMachineInstancePhaseTransitionTimestamp {
            phase,
            phase_transition_timestamp: Some(now.clone()),
        });
    }
}

/// Puts a condition in the place of the one of its type, unless that one says the same already; None takes it away.
fn replace(conditions: &mut Vec<Condition>, kind: &str, new: Option<Condition>, now: &Time) {
    let Some(new) = new else {
        Condition::remove(conditions, kind);
        return;
    };
    let same = |old: &Condition| {
        old.status == new.status && old.reason == new.reason && old.message == new.message
    };
    if !Condition::find(conditions, kind).is_some_and(same) {
        Condition::set(conditions, new, now.clone());
    }
}

fn with_message(mut condition: Condition, message: &str) -> Condition {
    condition.message = Some(message.to_owned());
    condition
}

fn migratable(kind: &str, blocker: Option<(&str, String)>) -> Condition {
    match blocker {
        None => Condition::new(kind, ConditionStatus::True, ""),
        Some((reason, message)) => with_message(
            Condition::new(kind, ConditionStatus::False, reason),
            &message,
        ),
    }
}

/// The interfaces: the domain's, with the pod's addresses on the one of the pod network.
fn interfaces(
    instance: &VirtualMachineInstance,
    seen: &Running<'_>,
    status: &mut VirtualMachineInstanceStatus,
) {
    let on_pod_network = |name: &str| {
        instance
            .spec
            .networks
            .iter()
            .any(|network| network.name == name && network.pod.is_some())
    };
    let reported = if seen.pod.ips.is_empty() {
        seen.addresses
    } else {
        &seen.pod.ips
    };
    for interface in &instance.spec.domain.devices.interfaces {
        let Some(live) = seen
            .domain
            .interfaces
            .iter()
            .find(|live| live.name == interface.name)
        else {
            continue;
        };
        let found = status
            .interfaces
            .iter()
            .position(|entry| entry.name.as_deref() == Some(&interface.name));
        let mut entry = found
            .and_then(|index| status.interfaces.get(index).cloned())
            .unwrap_or_default();
        entry.name = Some(interface.name.clone());
        entry.mac = Some(live.mac.clone());
        entry.queue_count = i32::try_from(interface_queues(instance, interface)).ok();
        entry.link_state = Some("up".to_owned());
        add_source(&mut entry, "domain");
        if on_pod_network(&interface.name) {
            entry.pod_interface_name = Some("eth0".to_owned());
            entry.ip_addresses = reported.iter().map(ToString::to_string).collect();
            entry.ip_address = entry.ip_addresses.first().cloned();
        }
        match found.and_then(|index| status.interfaces.get_mut(index)) {
            Some(place) => *place = entry,
            None => status.interfaces.push(entry),
        }
    }
}

/// Adds to where the knowledge of an interface comes from.
fn add_source(entry: &mut VirtualMachineInstanceNetworkInterface, source: &str) {
    let sources = entry.info_source.take().unwrap_or_default();
    let mut list: Vec<&str> = sources
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if !list.contains(&source) {
        let place = if source == "domain" { 0 } else { list.len() };
        list.insert(place, source);
    }
    entry.info_source = Some(list.join(", "));
}

/// The volumes' targets, and the size of the cloud-init disk.
fn volumes(
    instance: &VirtualMachineInstance,
    seen: &Running<'_>,
    status: &mut VirtualMachineInstanceStatus,
) {
    for volume in &instance.spec.volumes {
        let Some(disk) = seen
            .domain
            .disks
            .iter()
            .find(|disk| disk.name == volume.name)
        else {
            continue;
        };
        let place = match status
            .volume_status
            .iter()
            .position(|entry| entry.name == volume.name)
        {
            Some(index) => index,
            None => {
                status.volume_status.push(VolumeStatus {
                    name: volume.name.clone(),
                    ..VolumeStatus::default()
                });
                status.volume_status.len() - 1
            }
        };
        let Some(entry) = status.volume_status.get_mut(place) else {
            continue;
        };
        entry.target.clone_from(&disk.target);
        if volume.cloud_init_no_cloud.is_some() && seen.cloud_init_size.is_some() {
            entry.size = seen.cloud_init_size;
        }
    }
    status
        .volume_status
        .sort_by(|left, right| left.name.cmp(&right.name));
}

/// Reason and text of each thing that keeps a guest from moving: those of its disks, and the others in their order.
type Blockers = Vec<(&'static str, String)>;

fn blockers(instance: &VirtualMachineInstance) -> (Blockers, Blockers) {
    let allowed = instance
        .metadata
        .annotations
        .as_ref()
        .is_some_and(|all| all.contains_key(ALLOW_BRIDGE_MIGRATION));
    let others = instance
        .spec
        .domain
        .devices
        .interfaces
        .iter()
        .filter(|interface| interface.bridge.is_some() && !allowed)
        .filter(|interface| {
            instance
                .spec
                .networks
                .iter()
                .any(|network| network.name == interface.name && network.pod.is_some())
        })
        .map(|interface| {
            let text = format!(
                "interface {} bridges the pod network, whose address stays behind; use masquerade",
                interface.name
            );
            ("InterfaceNotLiveMigratable", text)
        })
        .collect();
    let known = instance
        .status
        .as_ref()
        .map(|status| status.volume_status.as_slice())
        .unwrap_or_default();
    let disks = instance
        .spec
        .volumes
        .iter()
        .filter(|volume| volume.claim().is_some())
        .filter(|volume| {
            let claim = known.iter().find(|entry| entry.name == volume.name).and_then(|entry| entry.persistent_volume_claim_info.as_ref());
            !claim.is_some_and(|claim| claim.access_modes.iter().any(|mode| mode == "ReadWriteMany"))
        })
        .map(|volume| {
            let text = format!("volume {} is on a claim that is not ReadWriteMany, so that no other node can reach it", volume.name);
            ("DisksNotLiveMigratable", text)
        })
        .collect();
    (disks, others)
}

#[cfg(test)]
mod tests;
