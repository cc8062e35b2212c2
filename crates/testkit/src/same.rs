//! Whether two objects of a kind mean the same.

use serde_json::Value;

/// Where `other` does not mean the same as `one`, two objects of this schema, as `path: one, other`. The same are: null and
/// absent; an empty list or map and none; an empty text and none where the schema names the empty text among others; an
/// amount as number and as text; a number with and without a fraction of zero. And `other` may have 0, an empty text, and objects
/// with no fields but such, where `one` has nothing: some fields have no word for that.
pub fn differences(schema: &Value, one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(schema, Some(one), Some(other), "", &mut found);
    found
}

fn compare(
    schema: &Value,
    one: Option<&Value>,
    other: Option<&Value>,
    path: &str,
    found: &mut Vec<String>,
) {
    let (one, other) = (meaning(schema, one), meaning(schema, other));
    let differ = |found: &mut Vec<String>| {
        let show =
            |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        found.push(format!("{path}: {}, {}", show(one), show(other)));
    };
    match (one, other) {
        (Some(Value::Object(first)), Some(Value::Object(second))) => {
            let names = first
                .keys()
                .chain(second.keys().filter(|name| !first.contains_key(*name)));
            for name in names {
                let schema = match &schema["properties"][name] {
                    Value::Null => &schema["additionalProperties"],
                    property => property,
                };
                compare(
                    schema,
                    first.get(name),
                    second.get(name),
                    &format!("{path}.{name}"),
                    found,
                );
            }
        }
        (Some(Value::Array(first)), Some(Value::Array(second))) if first.len() == second.len() => {
            for (index, (one, other)) in first.iter().zip(second).enumerate() {
                compare(
                    &schema["items"],
                    Some(one),
                    Some(other),
                    &format!("{path}[{index}]"),
                    found,
                );
            }
        }
        (Some(Value::Number(first)), Some(Value::Number(second))) => {
            if first != second && first.as_f64() != second.as_f64() {
                differ(found);
            }
        }
        (Some(Value::Number(number)), Some(Value::String(text)))
        | (Some(Value::String(text)), Some(Value::Number(number)))
            if schema["x-kubernetes-int-or-string"] == true =>
        {
            if *text != number.to_string() {
                differ(found);
            }
        }
        (None, Some(added)) if is_hollow(schema, added) => {}
        (one, other) if one == other => {}
        _ => differ(found),
    }
}

/// Whether a value says no more than that it is there, and its being there means nothing.
fn is_hollow(schema: &Value, value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Object(object) => {
            let fields = &schema["properties"];
            fields.is_object()
                && object
                    .iter()
                    .all(|(name, value)| is_hollow(&fields[name], value))
        }
        _ => false,
    }
}

/// What a value means: nothing, if it is null or empty.
fn meaning<'a>(schema: &Value, value: Option<&'a Value>) -> Option<&'a Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => {
            let words = schema["enum"].as_array();
            !text.is_empty() || words.is_none_or(|words| !words.contains(&Value::from("")))
        }
        Value::Object(object) => !object.is_empty() || !schema["additionalProperties"].is_object(),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_the_same_and_what_is_not() {
        let schema = json!({ "properties": {
            "map": { "additionalProperties": { "type": "string" } },
            "list": { "items": { "type": "integer" } },
            "amount": { "x-kubernetes-int-or-string": true },
            "mark": { "type": "object" },
            "word": { "enum": ["", "a"] },
            "part": { "properties": { "a": { "type": "number" } } },
        } });
        for (one, other, expected) in [
            (
                json!({ "map": {}, "list": [], "part": null }),
                json!({}),
                "",
            ),
            (json!({ "amount": 5 }), json!({ "amount": "5" }), ""),
            (
                json!({ "part": { "a": 1.0 } }),
                json!({ "part": { "a": 1 } }),
                "",
            ),
            (json!({ "word": "" }), json!({ "part": {} }), ""),
            (json!({ "part": {} }), json!({}), ".part: {}, nothing"),
            (json!({}), json!({ "part": { "a": 0 }, "word": "" }), ""),
            (json!({ "mark": {} }), json!({}), ".mark: {}, nothing"),
            (json!({}), json!({ "mark": {} }), ".mark: nothing, {}"),
            (
                json!({ "list": [1, 2] }),
                json!({ "list": [1, 3] }),
                ".list[1]: 2, 3",
            ),
            (
                json!({ "amount": 5 }),
                json!({ "amount": "6" }),
                ".amount: 5, \"6\"",
            ),
        ] {
            assert_eq!(differences(&schema, &one, &other).join("\n"), expected);
        }
    }
}
