//! The trees of a VirtualMachine and of a VirtualMachineInstance.

use kubevirt_api::{
    InstancetypeStatusRef, ObjectGraphNode, VirtualMachine, VirtualMachineInstance,
};
use kubevirt_core::instancetype::Matcher;

use super::builder::{Dependency, INSTANCE, MACHINE, Nodes, POD, REVISION, dependency, node};
use super::spec;

/// Whether the instance is that of the machine.
pub(super) fn is_owned(instance: &VirtualMachineInstance, machine: &VirtualMachine) -> bool {
    let owners = instance.metadata.owner_references.iter().flatten();
    owners
        .filter(|owner| owner.controller == Some(true))
        .any(|owner| Some(&owner.uid) == machine.metadata.uid.as_ref())
}

/// The tree of a machine: what it names, the instance that it has now, and what its template names.
pub(super) fn machine(
    machine: &VirtualMachine,
    instance: Option<&VirtualMachineInstance>,
    pods: &[String],
) -> ObjectGraphNode {
    let namespace = machine.metadata.namespace.as_deref().unwrap_or_default();
    let name = machine.metadata.name.as_deref().unwrap_or_default();
    let status = machine.status.as_ref();
    let mut nodes = Nodes::default();
    // Kinds that there are not are refused at admission.
    if let Ok(Some(matcher)) = Matcher::instancetype(machine) {
        let kept = status.and_then(|status| status.instancetype_ref.as_ref());
        nodes.add(named(&matcher, kept, namespace));
    }
    if let Ok(Some(matcher)) = Matcher::preference(machine) {
        let kept = status.and_then(|status| status.preference_ref.as_ref());
        nodes.add(named(&matcher, kept, namespace));
    }
    if let Some(instance) = instance {
        let name = instance.metadata.name.as_deref().unwrap_or_default();
        let mut node = dependency(INSTANCE, Some(namespace), name, Dependency::Compute, true);
        node.children = pod_nodes(pods, namespace, true);
        nodes.add(node);
    }
    spec::add(&mut nodes, &machine.spec.template.spec, namespace);
    let mut root = node(MACHINE, Some(namespace), name);
    root.children = nodes.into_vec();
    root
}

/// The tree of an instance: its pods and what it names.
pub(super) fn instance(instance: &VirtualMachineInstance, pods: &[String]) -> ObjectGraphNode {
    let namespace = instance.metadata.namespace.as_deref().unwrap_or_default();
    let name = instance.metadata.name.as_deref().unwrap_or_default();
    let mut nodes = Nodes::default();
    for pod in pod_nodes(pods, namespace, false) {
        nodes.add(pod);
    }
    spec::add(&mut nodes, &instance.spec, namespace);
    let mut root = node(INSTANCE, Some(namespace), name);
    root.children = nodes.into_vec();
    root
}

/// A machine that does not run does without the pods; an instance does not.
fn pod_nodes(pods: &[String], namespace: &str, optional: bool) -> Vec<ObjectGraphNode> {
    pods.iter()
        .map(|pod| dependency(POD, Some(namespace), pod, Dependency::Compute, optional))
        .collect()
}

/// An instancetype or a preference, and the revision in which the machine keeps it.
fn named(
    matcher: &Matcher,
    kept: Option<&InstancetypeStatusRef>,
    namespace: &str,
) -> ObjectGraphNode {
    let kind = ("instancetype.kubevirt.io", matcher.kind.name());
    let own = matcher.kind.is_namespaced().then_some(namespace);
    let compute = Dependency::Compute;
    let mut node = dependency(kind, own, &matcher.name, compute, false);
    let revision = matcher.revision_to_read(kept);
    node.children = revision
        .map(|revision| dependency(REVISION, Some(namespace), revision, compute, false))
        .into_iter()
        .collect();
    node
}
