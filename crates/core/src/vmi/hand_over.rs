//! The one write that hands a VirtualMachineInstance over to its node's virt-handler.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::names::condition::{POD_SCHEDULED, SYNCHRONIZED};
use kubevirt_api::names::reason::GUEST_NOT_RUNNING;
use kubevirt_api::{
    CPUTopology, MemoryStatus, PersistentVolumeClaimInfo, VirtualMachineInstancePhase as Phase,
    VolumeStatus,
};

use super::LauncherPod;
use super::draft::Draft;
use crate::launcher_pod::{self, LAUNCHER_USER};

/// Enters Scheduled with all that is known, so that no further write is needed before the guest runs.
pub(super) fn hand_over(draft: &mut Draft<'_>, pod: &LauncherPod) {
    let instance = draft.observed.instance;
    let node = pod.node.clone().unwrap_or_default();
    draft.enter(Phase::Scheduled);
    draft.node_label = Some(node.clone());
    draft
        .status
        .active_pods
        .insert(pod.uid.clone(), node.clone());
    draft.status.node_name = Some(node);
    draft.status.qos_class.clone_from(&pod.qos_class);
    draft
        .status
        .launcher_container_image_version
        .clone_from(&pod.compute_image);
    draft.status.runtime_user = u64::try_from(LAUNCHER_USER).ok();
    if let Some(cpu) = &instance.spec.domain.cpu {
        draft.status.current_cpu_topology = Some(CPUTopology {
            cores: cpu.cores,
            sockets: cpu.sockets,
            threads: cpu.threads,
        });
    }
    if let Some(guest) = launcher_pod::guest_memory(&instance.spec) {
        draft.status.memory = Some(MemoryStatus {
            guest_at_boot: Some(guest.clone()),
            guest_current: Some(guest.clone()),
            guest_requested: Some(guest.clone()),
            memory_overhead: pod.memory_overhead.map(kubevirt_api::quantity::from_bytes),
        });
    }
    if draft.status.volume_status.is_empty() {
        draft.status.volume_status = volumes(draft);
    }
    draft.not_ready(GUEST_NOT_RUNNING, "the guest has not been started yet");
    draft.forget(SYNCHRONIZED);
    draft.forget(POD_SCHEDULED);
}

/// The volumes by name; those of claims with what virt-handler, which does not see claims, needs to know.
fn volumes(draft: &Draft<'_>) -> Vec<VolumeStatus> {
    let mut volumes: Vec<VolumeStatus> = draft
        .observed
        .instance
        .spec
        .volumes
        .iter()
        .map(|volume| VolumeStatus {
            name: volume.name.clone(),
            persistent_volume_claim_info: volume.claim().and_then(|source| {
                let claim = draft.observed.claims.get(source.name)?;
                let size = |quantity: &Option<Quantity>| {
                    quantity
                        .iter()
                        .map(|quantity| ("storage".to_owned(), quantity.clone()))
                        .collect()
                };
                Some(PersistentVolumeClaimInfo {
                    claim_name: Some(source.name.to_owned()),
                    access_modes: claim.access_modes.clone(),
                    volume_mode: Some(if claim.block { "Block" } else { "Filesystem" }.to_owned()),
                    capacity: size(&claim.capacity),
                    requests: size(&claim.requested),
                    ..PersistentVolumeClaimInfo::default()
                })
            }),
            ..VolumeStatus::default()
        })
        .collect();
    volumes.sort_by(|left, right| left.name.cmp(&right.name));
    volumes
}
