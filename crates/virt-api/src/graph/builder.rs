//! Nodes of the tree.

use k8s_openapi::api::core::v1::TypedObjectReference;
use kubevirt_api::ObjectGraphNode;

/// Label of a node that says what its object is for.
pub(super) const DEPENDENCY_TYPE: &str = "kubevirt.io/dependency-type";

/// What an object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependency {
    Storage,
    Compute,
    Network,
    Config,
}

impl Dependency {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Compute => "compute",
            Self::Network => "network",
            Self::Config => "config",
        }
    }
}

/// Kinds by their group (empty: Kubernetes' own) and name.
pub(super) type Kind = (&'static str, &'static str);

pub(super) const MACHINE: Kind = ("kubevirt.io", "VirtualMachine");
pub(super) const INSTANCE: Kind = ("kubevirt.io", "VirtualMachineInstance");
pub(super) const POD: Kind = ("", "Pod");
pub(super) const CLAIM: Kind = ("", "PersistentVolumeClaim");
pub(super) const CONFIG_MAP: Kind = ("", "ConfigMap");
pub(super) const SECRET: Kind = ("", "Secret");
pub(super) const SERVICE_ACCOUNT: Kind = ("", "ServiceAccount");
pub(super) const REVISION: Kind = ("apps", "ControllerRevision");
pub(super) const DATA_VOLUME: Kind = ("cdi.kubevirt.io", "DataVolume");
pub(super) const ATTACHMENT: Kind = ("k8s.cni.cncf.io", "NetworkAttachmentDefinition");

/// A node without children. One of the cluster has no namespace.
pub(super) fn node(kind: Kind, namespace: Option<&str>, name: &str) -> ObjectGraphNode {
    let (group, kind) = kind;
    ObjectGraphNode {
        object_reference: TypedObjectReference {
            api_group: (!group.is_empty()).then(|| group.to_owned()),
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
        },
        ..ObjectGraphNode::default()
    }
}

/// The node of an object that another depends on.
pub(super) fn dependency(
    kind: Kind,
    namespace: Option<&str>,
    name: &str,
    what_for: Dependency,
    optional: bool,
) -> ObjectGraphNode {
    let mut node = node(kind, namespace, name);
    node.labels = [(DEPENDENCY_TYPE.to_owned(), what_for.as_str().to_owned())].into();
    node.optional = Some(optional);
    node
}

/// Nodes, each object once.
#[derive(Default)]
pub(super) struct Nodes(Vec<ObjectGraphNode>);

impl Nodes {
    /// Adds a node, unless its object is there or it has no name. What is needed once is needed.
    pub(super) fn add(&mut self, node: ObjectGraphNode) {
        if node.object_reference.name.is_empty() {
            return;
        }
        let same = |other: &&mut ObjectGraphNode| other.object_reference == node.object_reference;
        match self.0.iter_mut().find(same) {
            None => self.0.push(node),
            Some(other) if node.optional == Some(false) => other.optional = node.optional,
            Some(_) => {}
        }
    }

    pub(super) fn into_vec(self) -> Vec<ObjectGraphNode> {
        self.0
    }
}
