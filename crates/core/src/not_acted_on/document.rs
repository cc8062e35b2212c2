//! The list for readers.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::row::{Effect, Row, rows};

const HEAD: &str = "# Accepted, not acted on yet

Every field of upstream's API is accepted. The fields and kinds on this page have no effect yet: a manifest that has one draws a warning that
names it, and the list shrinks with each version. *Ignored*: everything goes on as if the field were not there. *Not started*: without it the
guest would not be what was asked for, so it is not started; the condition `Synchronized` of its VirtualMachineInstance is `False` with
reason `FailedCreate` and names the field.

`[]` stands for each item of a list, `{}` for each value of a map. A field stands for all that is in it. What is said of a
VirtualMachineInstance's `spec` holds for `spec.template.spec` of a VirtualMachine and of a VirtualMachineInstanceReplicaSet too.

<!-- Generated from crates/core/src/not_acted_on/fields.tsv: make manifests -->
";

/// The list as a page, grouped by the feature that is missing.
pub fn markdown() -> String {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows() {
        groups.entry(row.waits_for).or_default().push(row);
    }
    let mut page = HEAD.to_owned();
    for (feature, rows) in groups {
        let mut title = feature.to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {title}\n| kind | field | |\n|---|---|---|\n");
        for row in rows {
            let field = row
                .field
                .map_or_else(|| "all of it".to_owned(), |field| format!("`{field}`"));
            let effect = match row.effect {
                Effect::Ignored => "ignored",
                Effect::NotStarted => "not started",
            };
            let _ = writeln!(page, "| {} | {field} | {effect} |", row.kind);
        }
    }
    page
}
