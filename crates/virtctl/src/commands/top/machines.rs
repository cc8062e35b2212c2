//! The machines, as the API has them.

use serde_json::Value;

use crate::commands::why::look::{bytes, list, number, text};

/// A machine with what is known of it before anything is measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Machine {
    pub(super) namespace: String,
    pub(super) name: String,
    /// The column STATUS of `kubectl get vm`, or the instance's phase.
    pub(super) status: String,
    pub(super) node: String,
    /// UIDs of the instance and of the pod in which it runs.
    pub(super) uid: String,
    pub(super) pod: String,
    /// Processors and memory of the guest.
    pub(super) vcpus: Option<i64>,
    pub(super) guest_memory: Option<f64>,
}

/// The VirtualMachines with their instances, and the instances without a VirtualMachine.
pub(super) fn join(vms: &Value, vmis: &Value) -> Vec<Machine> {
    let key = |object: &Value| {
        (
            text(object, "/metadata/namespace").to_owned(),
            text(object, "/metadata/name").to_owned(),
        )
    };
    let mut machines: std::collections::BTreeMap<(String, String), Machine> = list(vms, "/items")
        .iter()
        .map(|vm| {
            let (namespace, name) = key(vm);
            let machine = Machine {
                namespace: namespace.clone(),
                name: name.clone(),
                status: text(vm, "/status/printableStatus").to_owned(),
                ..Machine::default()
            };
            ((namespace, name), machine)
        })
        .collect();
    for vmi in list(vmis, "/items") {
        let (namespace, name) = key(vmi);
        let machine = machines
            .entry((namespace.clone(), name.clone()))
            .or_insert_with(|| Machine {
                namespace,
                name,
                status: text(vmi, "/status/phase").to_owned(),
                ..Machine::default()
            });
        machine.node = text(vmi, "/status/nodeName").to_owned();
        machine.uid = text(vmi, "/metadata/uid").to_owned();
        machine.pod = vmi
            .pointer("/status/activePods")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            // A pod that has no node yet is listed, too.
            .find(|(_, node)| {
                !machine.node.is_empty() && node.as_str() == Some(machine.node.as_str())
            })
            .map(|(uid, _)| uid.clone())
            .unwrap_or_default();
        machine.vcpus = vmi
            .pointer("/status/currentCPUTopology")
            .or_else(|| vmi.pointer("/spec/domain/cpu"))
            .map(|cpu| {
                ["/sockets", "/cores", "/threads"]
                    .iter()
                    .map(|pointer| number(cpu, pointer).max(1))
                    .fold(1, i64::saturating_mul)
            });
        machine.guest_memory = [
            "/status/memory/guestCurrent",
            "/spec/domain/memory/guest",
            "/spec/domain/resources/requests/memory",
        ]
        .iter()
        .find_map(|pointer| bytes(text(vmi, pointer)));
    }
    machines.into_values().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn machines_and_instances_come_together() {
        let vms = json!({"items": [
            {"metadata": {"namespace": "a", "name": "vm1"}, "status": {"printableStatus": "Running"}},
            {"metadata": {"namespace": "a", "name": "vm2"}, "status": {"printableStatus": "Stopped"}}]});
        let vmis = json!({"items": [
            {"metadata": {"namespace": "a", "name": "vm1", "uid": "u1"}, "status": {
                "phase": "Running", "nodeName": "node2", "activePods": {"old": "node1", "pod": "node2"},
                "currentCPUTopology": {"sockets": 2, "cores": 2}, "memory": {"guestCurrent": "128Mi"}}},
            {"metadata": {"namespace": "a", "name": "alone", "uid": "u2"}, "status": {"phase": "Scheduling", "activePods": {"p": ""}}}]});
        let machines = join(&vms, &vmis);
        let names: Vec<_> = machines
            .iter()
            .map(|machine| (machine.name.as_str(), machine.status.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("alone", "Scheduling"),
                ("vm1", "Running"),
                ("vm2", "Stopped")
            ]
        );
        let running = &machines[1];
        assert_eq!((running.pod.as_str(), running.vcpus), ("pod", Some(4)));
        assert_eq!(running.guest_memory, Some(134_217_728.0));
        assert_eq!(machines[0].pod, "");
    }
}
