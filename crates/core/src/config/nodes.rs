//! What the settings say of nodes.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kubevirt_api::KubeVirtConfiguration;

/// What virt-handler does on its node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nodes {
    /// How many devices of each kind a node offers, and so how many guests it can hold; none: virt-handler's own number.
    pub instances_per_node: Option<u32>,
    /// Labels of the nodes that merge equal pages of memory; none: virt-handler leaves that to the nodes' administrators.
    pub ksm: Option<LabelSelector>,
}

impl Nodes {
    pub(super) fn new(configuration: &KubeVirtConfiguration) -> Self {
        Self {
            instances_per_node: configuration
                .virtual_machine_instances_per_node
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| *number > 0),
            ksm: configuration
                .ksm_configuration
                .as_ref()
                .and_then(|settings| settings.node_label_selector.clone()),
        }
    }
}
