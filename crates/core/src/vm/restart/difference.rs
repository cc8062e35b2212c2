//! The paths at which two values differ.

use std::collections::BTreeSet;

use serde_json::Value;

/// Lists that are known by the names of their items, as deep as templates go. Others are compared item by item.
fn by_name(list: &[Value]) -> bool {
    list.iter().all(|item| name(item).is_some())
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}

/// The paths of the smallest fields that differ, in order. Items that are there on one side only count as a whole. A
/// field that is absent, null or an empty list or object is the same.
pub(super) fn paths(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    if before == after || (is_nothing(before) && is_nothing(after)) {
        return;
    }
    let at = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let side = |object: &serde_json::Map<String, Value>| {
                    object.get(key).cloned().unwrap_or_default()
                };
                compare(&at(key), &side(old), &side(new), found);
            }
        }
        // A group of fields that comes or goes differs in those of them that are set.
        (Value::Object(group), Value::Null) if !group.is_empty() => {
            compare(path, before, &Value::Object(Default::default()), found);
        }
        (Value::Null, Value::Object(group)) if !group.is_empty() => {
            compare(path, &Value::Object(Default::default()), after, found);
        }
        (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) => {
            list(path, items(before), items(after), found);
        }
        _ => found.push(path.to_owned()),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn list(path: &str, before: &[Value], after: &[Value], found: &mut Vec<String>) {
    if !by_name(before) || !by_name(after) {
        found.push(path.to_owned());
        return;
    }
    let names: BTreeSet<_> = before.iter().chain(after).filter_map(name).collect();
    let start = found.len();
    for wanted in names {
        let of = |list: &[Value]| {
            list.iter()
                .find(|item| name(item) == Some(wanted))
                .cloned()
                .unwrap_or_default()
        };
        let path = format!("{path}[{wanted}]");
        match (of(before), of(after)) {
            (Value::Null, _) | (_, Value::Null) => found.push(path),
            (old, new) => compare(&path, &old, &new, found),
        }
    }
    if found.len() == start {
        // The same items in another order: the guest counts its devices anew.
        found.push(path.to_owned());
    }
}
