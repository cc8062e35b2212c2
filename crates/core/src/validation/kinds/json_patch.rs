//! JSON patch operations (RFC 6902), each a text of its own.

use serde_json::{Map, Value};

use super::{Faults, Path};

/// Operations, and the member that each needs beside `op` and `path`.
const OPERATIONS: [(&str, Option<&str>); 6] = [
    ("add", Some("value")),
    ("remove", None),
    ("replace", Some("value")),
    ("move", Some("from")),
    ("copy", Some("from")),
    ("test", Some("value")),
];

/// Patches that must be operations. With `within`, what they change must be one of these places or, for those that end
/// with a slash, lie below.
pub(super) fn patches(faults: &mut Faults, path: &Path, patches: &[String], within: &[&str]) {
    for (index, patch) in patches.iter().enumerate() {
        let path = path.index(index);
        match serde_json::from_str(patch) {
            Ok(Value::Object(operation)) => check(faults, &path, &operation, within),
            Ok(_) => faults.invalid(
                &path,
                r#"must be one JSON patch operation: write an object such as {"op": "remove", "path": "/spec/..."}"#,
            ),
            Err(error) => faults.invalid(
                &path,
                format!("is not JSON ({error}): write one JSON patch operation"),
            ),
        }
    }
}

fn check(faults: &mut Faults, path: &Path, operation: &Map<String, Value>, within: &[&str]) {
    let text = |key: &str| operation.get(key).and_then(Value::as_str);
    let name = text("op").unwrap_or_default();
    let Some((_, needs)) = OPERATIONS.iter().find(|(op, _)| *op == name) else {
        let names: Vec<_> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        faults.not_supported(
            path,
            format!(
                "{name:?} is not an operation: set op to one of {}",
                names.join(", ")
            ),
        );
        return;
    };
    let missing = match needs {
        Some("from") if text("from").is_none() => Some("from"),
        Some("value") if !operation.contains_key("value") => Some("value"),
        _ => None,
    };
    if let Some(missing) = missing {
        faults.required(path, format!("op {name} needs {missing}: add it"));
    }
    // A move changes the place that it takes from too.
    let from = (name == "move").then(|| text("from")).flatten();
    for pointer in [text("path").or(Some("")), from].into_iter().flatten() {
        if !pointer.starts_with('/') {
            faults.invalid(
                path,
                format!(
                    "{pointer:?} is not a path: write it from the root, such as /spec/runStrategy"
                ),
            );
        } else if !within.is_empty() && !within.iter().any(|place| lies(pointer, place)) {
            faults.not_supported(
                path,
                format!(
                    "{pointer:?} must not be changed: change only what lies at {}",
                    within.join(", ")
                ),
            );
        }
    }
}

fn lies(pointer: &str, place: &str) -> bool {
    match place.ends_with('/') {
        true => pointer.starts_with(place),
        false => pointer == place,
    }
}
