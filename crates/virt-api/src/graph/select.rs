//! Which nodes of a tree are told.

use kube::core::{Selector, SelectorExt};
use kubevirt_api::{ObjectGraphNode, ObjectGraphOptions};

use crate::status::Refusal;

/// Which nodes are wanted.
pub(super) struct Wanted {
    optional: bool,
    selector: Selector,
}

impl Wanted {
    /// What the options want: without any, all.
    ///
    /// # Errors
    /// 400 for a selector that cannot be understood.
    pub(super) fn new(options: ObjectGraphOptions) -> Result<Self, Refusal> {
        let selector = options.label_selector.unwrap_or_default();
        let selector = Selector::try_from(selector).map_err(|error| {
            Refusal::bad_request(format!("labelSelector cannot be understood: {error}"))
        })?;
        Ok(Self {
            optional: options.include_optional_nodes != Some(false),
            selector,
        })
    }

    /// The tree with the wanted nodes, and with those that lead to them. The root is always there.
    pub(super) fn of(&self, mut root: ObjectGraphNode) -> ObjectGraphNode {
        root.children = self.among(root.children);
        root
    }

    /// A tree has three levels.
    fn among(&self, nodes: Vec<ObjectGraphNode>) -> Vec<ObjectGraphNode> {
        nodes
            .into_iter()
            .filter(|node| self.optional || node.optional != Some(true))
            .map(|node| self.of(node))
            .filter(|node| self.selector.matches(&node.labels) || !node.children.is_empty())
            .collect()
    }
}
