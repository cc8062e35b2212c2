//! The JSON patch of what defaults changed, for an object that may hold more than our types know.

use serde_json::{Map, Value};

/// Carries the change from `before` to `after` (both written by our types) over to `raw`, what the user sent. What our
/// types do not know survives; what they write differently without meaning to change it stays as the user wrote it.
pub(crate) fn carry_over(raw: &Value, before: &Value, after: &Value) -> Value {
    if before == after {
        return raw.clone();
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut result = raw.as_object().cloned().unwrap_or_default();
            carry_over_object(&mut result, before, after);
            Value::Object(result)
        }
        (Value::Array(before), Value::Array(after)) if after.len() >= before.len() => {
            let raw = raw.as_array().filter(|raw| raw.len() == before.len());
            let Some(raw) = raw else {
                return Value::Array(after.clone());
            };
            let kept = raw
                .iter()
                .zip(before)
                .zip(after)
                .map(|((raw, before), after)| carry_over(raw, before, after));
            Value::Array(
                kept.chain(after.iter().skip(before.len()).cloned())
                    .collect(),
            )
        }
        _ => after.clone(),
    }
}

fn carry_over_object(
    result: &mut Map<String, Value>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) {
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        result.remove(key);
    }
    for (key, after) in after {
        match before.get(key) {
            Some(before) if before == after => {}
            Some(before) => {
                let raw = result.get(key).unwrap_or(&Value::Null);
                let carried = carry_over(raw, before, after);
                result.insert(key.clone(), carried);
            }
            None => drop(result.insert(key.clone(), after.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_survives() {
        let raw = json!({ "a": 1, "unknown": { "x": 1 }, "list": [{ "n": "d0", "future": true }], "empty": null });
        let before = json!({ "a": 1, "list": [{ "n": "d0" }], "domain": {} });
        let after = json!({ "a": 1, "list": [{ "n": "d0", "bus": "sata" }, { "n": "d1" }], "domain": { "cpu": 1 } });
        let carried = carry_over(&raw, &before, &after);
        assert_eq!(
            carried,
            json!({
                "a": 1,
                "unknown": { "x": 1 },
                "list": [{ "n": "d0", "future": true, "bus": "sata" }, { "n": "d1" }],
                "empty": null,
                "domain": { "cpu": 1 },
            })
        );
    }

    #[test]
    fn the_patch_applies_to_what_the_user_sent() {
        let raw = json!({ "spec": { "kept": "1.0" } });
        let before = json!({ "spec": { "kept": "1", "devices": {} } });
        let after = json!({ "spec": { "kept": "1", "devices": { "disks": [1] } } });
        let carried = carry_over(&raw, &before, &after);
        let mut patched = raw.clone();
        json_patch::patch(&mut patched, &json_patch::diff(&raw, &carried)).unwrap();
        assert_eq!(
            patched,
            json!({ "spec": { "kept": "1.0", "devices": { "disks": [1] } } })
        );
    }

    #[test]
    fn removals_and_replacements() {
        let carried = carry_over(
            &json!({ "gone": 1, "list": [1, 2], "text": "a" }),
            &json!({ "gone": 1, "list": [1, 2], "text": "a" }),
            &json!({ "list": [2], "text": "b" }),
        );
        assert_eq!(carried, json!({ "list": [2], "text": "b" }));
    }

    #[test]
    fn nothing_changed_means_no_patch() {
        let raw = json!({ "spec": { "quantity": 1 }, "status": null });
        let typed = json!({ "spec": { "quantity": "1" } });
        assert!(
            json_patch::diff(&raw, &carry_over(&raw, &typed, &typed))
                .0
                .is_empty()
        );
    }
}
