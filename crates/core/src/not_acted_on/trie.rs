//! The list as a tree, so that a look at an object costs only as much as the object has of what is listed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use serde_json::Value;

use super::row::{CountsWhen, Row, rows};

const INSTANCE: &str = "VirtualMachineInstance";
/// Kinds that make VirtualMachineInstances from a template.
const MAKERS: [&str; 2] = ["VirtualMachine", "VirtualMachineInstanceReplicaSet"];
/// Where these have the fields of a VirtualMachineInstance.
const TEMPLATE: &str = "spec.template.";

/// A place in an object.
#[derive(Default)]
pub(super) struct Node {
    /// The row that lists this place with all below it.
    row: Option<&'static Row>,
    fields: BTreeMap<&'static str, Node>,
    items: Option<Box<Node>>,
    values: Option<Box<Node>>,
}

/// The tree of each kind.
pub(super) fn roots() -> &'static BTreeMap<&'static str, Node> {
    static ROOTS: OnceLock<BTreeMap<&'static str, Node>> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots: BTreeMap<&'static str, Node> = BTreeMap::new();
        for row in rows() {
            let field = row.field.unwrap_or_default();
            roots.entry(row.kind).or_default().place(field).row = Some(row);
            if row.kind == INSTANCE && row.field.is_some() {
                for maker in MAKERS {
                    let template = roots.entry(maker).or_default().place(TEMPLATE);
                    template.place(field).row = Some(row);
                }
            }
        }
        roots
    })
}

impl Node {
    /// The node at a path beneath this one, made if need be.
    fn place(&mut self, path: &'static str) -> &mut Self {
        let mut node = self;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let name_ends = part.find(['[', '{']).unwrap_or(part.len());
            let (name, mut rest) = part.split_at(name_ends);
            node = node.fields.entry(name).or_default();
            loop {
                if let Some(after) = rest.strip_prefix("[]") {
                    node = node.items.get_or_insert_default();
                    rest = after;
                } else if let Some(after) = rest.strip_prefix("{}") {
                    node = node.values.get_or_insert_default();
                    rest = after;
                } else {
                    break;
                }
            }
        }
        node
    }

    /// Calls `seen` with the path and the row of each listed place of `value`, which is at `path`. No deeper than the list.
    pub(super) fn visit(
        &self,
        value: &Value,
        path: &mut String,
        seen: &mut dyn FnMut(&str, &'static Row),
    ) {
        if let Some(row) = self.row {
            if counts(value, row.counts_when) {
                seen(path, row);
            }
            return;
        }
        let length = path.len();
        match value {
            Value::Object(object) => {
                for (name, node) in &self.fields {
                    if let Some(value) = object.get(*name) {
                        if length > 0 {
                            path.push('.');
                        }
                        path.push_str(name);
                        node.visit(value, path, seen);
                        path.truncate(length);
                    }
                }
                if let Some(node) = &self.values {
                    for (key, value) in object {
                        path.push('[');
                        path.push_str(key);
                        path.push(']');
                        node.visit(value, path, seen);
                        path.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                let Some(node) = &self.items else { return };
                for (index, item) in items.iter().enumerate() {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "[{index}]");
                    node.visit(item, path, seen);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }
}

fn counts(value: &Value, when: CountsWhen) -> bool {
    match value {
        Value::Null => false,
        _ if when == CountsWhen::Present => true,
        Value::Bool(is) => *is,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => object.values().any(|value| !value.is_null()),
        Value::Number(_) => true,
    }
}
