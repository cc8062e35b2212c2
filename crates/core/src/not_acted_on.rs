//! What the API accepts and nothing acts on yet, from one list: `not_acted_on/fields.tsv`.
//!
//! Every field of upstream's API is accepted, so that a manifest written for upstream is never refused for a feature that
//! is missing here. The user is told: [`warnings`] names each such field at admission. Where a guest without the field
//! would not be what was asked for - a disk or a device is missing, the memory would not be encrypted - it is not started
//! at all while the field is there: [`obstacles`].
//!
//! The list shrinks with each feature. `docs/not-acted-on.md` is printed from it, and `tests/fields.rs` fails when a field
//! of the schema is neither acted on nor listed.

mod document;
mod row;
mod text;
mod trie;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use document::markdown;
pub use row::{CountsWhen, Effect, Row, rows};

use text::Collected;
use trie::roots;

/// Where the list is printed; part of messages.
pub const DOCUMENT: &str = "docs/not-acted-on.md";
/// Most fields that a launch names.
const MOST_OBSTACLES: usize = 8;

/// A warning for each field of `object`, of this kind, that nothing acts on: at most 16, within 3 KiB, and a last one that
/// counts the rest. Costs microseconds for an ordinary object.
pub fn warnings(kind: &str, object: &Value) -> Vec<String> {
    let mut found = Collected::default();
    if let Some(root) = roots().get(kind) {
        root.visit(object, &mut String::new(), &mut |path, row| {
            found.add(kind, path, row);
        });
    }
    found.into_warnings()
}

/// The fields of `object` that keep it from being started, as paths; at most 8.
pub fn obstacles(kind: &str, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(root) = roots().get(kind) {
        root.visit(object, &mut String::new(), &mut |path, row| {
            if row.effect == Effect::NotStarted && found.len() < MOST_OBSTACLES {
                found.push(path.to_owned());
            }
        });
    }
    found
}

/// Why something with these obstacles is not started, and what to do; none without obstacles.
pub fn refusal(obstacles: &[String]) -> Option<String> {
    (!obstacles.is_empty()).then(|| {
        format!(
            "{}: accepted, not acted on yet, and the guest would not be what was asked for without it: remove it to start the guest, or wait for a version that acts on it ({DOCUMENT})",
            obstacles.join(", ")
        )
    })
}
