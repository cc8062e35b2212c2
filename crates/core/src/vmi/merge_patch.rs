//! The smallest JSON merge patch (RFC 7386) that turns one object into another.
//!
//! A plan changes a copy of what was observed; what is written is the difference alone. No difference means that nothing is
//! written.

use serde::Serialize;
use serde_json::{Map, Value};

/// The merge patch from `old` to `new`, or `None` when they are the same.
///
/// Lists are replaced as a whole, as the format has it; a key that is gone becomes `null`.
pub fn difference(old: &Value, new: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return (old != new).then(|| new.clone());
    };
    let mut patch = Map::new();
    for (key, value) in new {
        match old.get(key) {
            None => {
                patch.insert(key.clone(), value.clone());
            }
            Some(before) => {
                if let Some(change) = difference(before, value) {
                    patch.insert(key.clone(), change);
                }
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

/// [`difference`] of two objects as the API server sees them.
///
/// # Errors
/// When one of them cannot be expressed in JSON.
pub fn between<T: Serialize>(old: &T, new: &T) -> Result<Option<Value>, serde_json::Error> {
    Ok(difference(
        &serde_json::to_value(old)?,
        &serde_json::to_value(new)?,
    ))
}

/// Binds `patch` to the version of the object that it was made from: the API server refuses it with 409 when the object has
/// changed since.
pub fn bind(patch: &mut Value, resource_version: &str) {
    if let Value::Object(fields) = patch {
        let metadata = fields
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(metadata) = metadata {
            metadata.insert("resourceVersion".into(), Value::from(resource_version));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// RFC 7386, section 2.
    fn apply(target: &mut Value, patch: &Value) {
        let Value::Object(patch) = patch else {
            *target = patch.clone();
            return;
        };
        if !target.is_object() {
            *target = json!({});
        }
        let fields = target.as_object_mut().unwrap();
        for (key, value) in patch {
            if value.is_null() {
                fields.remove(key);
            } else {
                apply(fields.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
    }

    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..4i64).prop_map(Value::from),
            prop::collection::vec(0..3i64, 0..3).prop_map(Value::from),
        ];
        let tree = leaf.prop_recursive(3, 24, 4, |inner| {
            prop::collection::btree_map("[abc]", inner, 1..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        });
        prop::collection::btree_map("[abc]", tree, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn leads_from_old_to_new(old in object(), new in object()) {
            let mut target = old.clone();
            match difference(&old, &new) {
                Some(patch) => apply(&mut target, &patch),
                None => prop_assert_eq!(&old, &new),
            }
            prop_assert_eq!(target, new);
        }
    }

    #[test]
    fn carries_the_version_it_was_made_from() {
        let mut patch = json!({"status": {"phase": "Failed"}});
        bind(&mut patch, "7");
        assert_eq!(
            patch,
            json!({"metadata": {"resourceVersion": "7"}, "status": {"phase": "Failed"}})
        );
    }
}
