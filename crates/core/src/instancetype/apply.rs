//! What an instancetype says becomes what the template says, unless the template says it already.

use std::collections::BTreeMap;

use kubevirt_api::{
    CPU, CPUInstancetype, Memory, MemoryInstancetype, VirtualMachineInstanceSpec,
    VirtualMachineInstancetypeSpec, VirtualMachinePreferenceSpec, quantity,
};

use super::{Conflict, topology::topology};

/// Applies an instancetype to a specification and the annotations beside it; the preference says how the processors are
/// arranged.
///
/// # Errors
/// With all fields that both say. The specification is then changed in part and of no use.
pub(super) fn instancetype(
    spec: &mut VirtualMachineInstanceSpec,
    annotations: &mut BTreeMap<String, String>,
    instancetype: &VirtualMachineInstancetypeSpec,
    preference: Option<&VirtualMachinePreferenceSpec>,
) -> Result<(), Vec<Conflict>> {
    let mut merge = Merge::default();
    merge.map(
        "spec.nodeSelector",
        &mut spec.node_selector,
        &instancetype.node_selector,
    );
    merge.text(
        "spec.schedulerName",
        &mut spec.scheduler_name,
        &instancetype.scheduler_name,
    );
    for (list, resource) in [("requests", "cpu"), ("limits", "cpu")] {
        merge.resource(spec, list, resource);
    }
    cpu(
        &mut merge,
        spec.domain.cpu.get_or_insert_default(),
        &instancetype.cpu,
        preference,
    );
    for (list, resource) in [("requests", "memory"), ("limits", "memory")] {
        merge.resource(spec, list, resource);
    }
    memory(
        &mut merge,
        spec.domain.memory.get_or_insert_default(),
        &instancetype.memory,
    );
    overcommit(spec, &instancetype.memory);
    let domain = &mut spec.domain;
    merge.text(
        "spec.domain.ioThreadsPolicy",
        &mut domain.io_threads_policy,
        &instancetype.io_threads_policy,
    );
    merge.value(
        "spec.domain.ioThreads",
        &mut domain.io_threads,
        &instancetype.io_threads,
    );
    merge.value(
        "spec.domain.launchSecurity",
        &mut domain.launch_security,
        &instancetype.launch_security,
    );
    merge.list(
        "spec.domain.devices.gpus",
        &mut domain.devices.gpus,
        &instancetype.gpus,
    );
    merge.list(
        "spec.domain.devices.hostDevices",
        &mut domain.devices.host_devices,
        &instancetype.host_devices,
    );
    merge.map(
        "metadata.annotations",
        annotations,
        &instancetype.annotations,
    );
    if merge.conflicts.is_empty() {
        Ok(())
    } else {
        Err(merge.conflicts)
    }
}

fn cpu(
    merge: &mut Merge,
    cpu: &mut CPU,
    given: &CPUInstancetype,
    preference: Option<&VirtualMachinePreferenceSpec>,
) {
    let parts = [
        ("spec.domain.cpu.sockets", cpu.sockets),
        ("spec.domain.cpu.cores", cpu.cores),
        ("spec.domain.cpu.threads", cpu.threads),
    ];
    for (path, part) in parts {
        merge.refuse_if(path, part.is_some_and(|part| part > 0));
    }
    let topology = topology(given.guest, preference);
    cpu.sockets = Some(topology.sockets);
    cpu.cores = Some(topology.cores);
    cpu.threads = Some(topology.threads);
    merge.text("spec.domain.cpu.model", &mut cpu.model, &given.model);
    merge.flag(
        "spec.domain.cpu.dedicatedCpuPlacement",
        &mut cpu.dedicated_cpu_placement,
        given.dedicated_cpu_placement,
    );
    merge.flag(
        "spec.domain.cpu.isolateEmulatorThread",
        &mut cpu.isolate_emulator_thread,
        given.isolate_emulator_thread,
    );
    merge.value("spec.domain.cpu.numa", &mut cpu.numa, &given.numa);
    merge.value(
        "spec.domain.cpu.realtime",
        &mut cpu.realtime,
        &given.realtime,
    );
    merge.value(
        "spec.domain.cpu.maxSockets",
        &mut cpu.max_sockets,
        &given.max_sockets,
    );
}

fn memory(merge: &mut Merge, memory: &mut Memory, given: &MemoryInstancetype) {
    merge.value(
        "spec.domain.memory.guest",
        &mut memory.guest,
        &Some(given.guest.clone()),
    );
    merge.value(
        "spec.domain.memory.hugepages",
        &mut memory.hugepages,
        &given.hugepages,
    );
    merge.value(
        "spec.domain.memory.maxGuest",
        &mut memory.max_guest,
        &given.max_guest,
    );
}

/// Percent of the guest's memory that its pod does not request.
fn overcommit(spec: &mut VirtualMachineInstanceSpec, given: &MemoryInstancetype) {
    let Some(percent) = given
        .overcommit_percent
        .and_then(|percent| u64::try_from(percent).ok())
        .filter(|percent| (1..=100).contains(percent))
    else {
        return;
    };
    // An amount that cannot be read is refused where the guest's memory is judged.
    let Ok(guest) = quantity::bytes(&given.guest) else {
        return;
    };
    let requested = u128::from(guest) * u128::from(100 - percent) / 100;
    spec.domain
        .resources
        .get_or_insert_default()
        .requests
        .insert(
            "memory".to_owned(),
            quantity::from_bytes(u64::try_from(requested).unwrap_or(guest)),
        );
}

/// Gives values to what has none and notes what has one.
#[derive(Default)]
struct Merge {
    conflicts: Vec<Conflict>,
}

impl Merge {
    fn refuse_if(&mut self, path: &str, conflict: bool) {
        if conflict {
            self.conflicts.push(Conflict::of_template(path));
        }
    }

    fn value<T: Clone>(&mut self, path: &str, target: &mut Option<T>, given: &Option<T>) {
        if given.is_some() {
            self.refuse_if(path, target.is_some());
            target.clone_from(given);
        }
    }

    /// An empty text is none.
    fn text(&mut self, path: &str, target: &mut Option<String>, given: &Option<String>) {
        if given.as_deref().is_some_and(|given| !given.is_empty()) {
            self.refuse_if(path, target.as_deref().is_some_and(|text| !text.is_empty()));
            target.clone_from(given);
        }
    }

    /// A flag that is off is none.
    fn flag(&mut self, path: &str, target: &mut Option<bool>, given: Option<bool>) {
        if given.is_some() {
            self.refuse_if(path, *target == Some(true));
            *target = given;
        }
    }

    fn list<T: Clone>(&mut self, path: &str, target: &mut Vec<T>, given: &[T]) {
        if !given.is_empty() {
            self.refuse_if(path, !target.is_empty());
            target.clear();
            target.extend_from_slice(given);
        }
    }

    /// Entries that say the same do not conflict.
    fn map(
        &mut self,
        path: &str,
        target: &mut BTreeMap<String, String>,
        given: &BTreeMap<String, String>,
    ) {
        for (key, value) in given {
            let other = target.insert(key.clone(), value.clone());
            self.refuse_if(
                &format!("{path}[{key}]"),
                other.is_some_and(|other| other != *value),
            );
        }
    }

    /// What is requested follows from the instancetype.
    fn resource(&mut self, spec: &VirtualMachineInstanceSpec, list: &str, name: &str) {
        let said = spec.domain.resources.as_ref().is_some_and(|resources| {
            let resources = if list == "requests" {
                &resources.requests
            } else {
                &resources.limits
            };
            resources.contains_key(name)
        });
        self.refuse_if(&format!("spec.domain.resources.{list}[{name}]"), said);
    }
}
