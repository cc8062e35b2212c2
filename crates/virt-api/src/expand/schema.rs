//! Whether a value fits a schema: what kube-apiserver checks of an object that is stored, for one that is not.
//!
//! Types, required and unknown fields, fixed sets of values, lengths and the bounds of numbers are checked; expressions in
//! the Common Expression Language are not, since those are what the rules say, which judge a VirtualMachine when it is made.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::Value;

/// Most faults that are told.
const MOST: usize = 16;

/// What of `value`, which is at `path`, does not fit.
pub(super) fn faults(schema: &JSONSchemaProps, path: &str, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, path, value, &mut faults);
    faults.truncate(MOST);
    faults
}

/// The depth is that of the value, which whoever read it has bounded.
fn check(schema: &JSONSchemaProps, path: &str, value: &Value, faults: &mut Vec<String>) {
    if faults.len() >= MOST || (value.is_null() && schema.nullable == Some(true)) {
        return;
    }
    if schema.x_kubernetes_int_or_string == Some(true) {
        if !(value.is_string() || value.is_i64() || value.is_u64()) {
            faults.push(format!("{path}: must be a whole number or a text"));
        }
        return;
    }
    if let Some(expected) = schema.type_.as_deref().filter(|type_| !is(value, type_)) {
        faults.push(format!("{path}: must be {}", named(expected)));
        return;
    }
    if let Some(allowed) = &schema.enum_
        && !allowed.iter().any(|one| one.0 == *value)
    {
        let allowed: Vec<_> = allowed.iter().map(|one| one.0.to_string()).collect();
        faults.push(format!(
            "{path}: {value} is not supported: use one of {}",
            allowed.join(", ")
        ));
    }
    match value {
        Value::Object(fields) => object(schema, path, fields, faults),
        Value::Array(items) => {
            length(
                schema.min_items,
                schema.max_items,
                items.len(),
                "elements",
                path,
                faults,
            );
            if let Some(JSONSchemaPropsOrArray::Schema(of_item)) = &schema.items {
                for (index, item) in items.iter().enumerate() {
                    check(of_item, &format!("{path}[{index}]"), item, faults);
                }
            }
        }
        Value::String(text) => {
            let characters = text.chars().count();
            length(
                schema.min_length,
                schema.max_length,
                characters,
                "characters",
                path,
                faults,
            );
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            if schema.minimum.is_some_and(|least| number < least) {
                let least = schema.minimum.unwrap_or_default();
                faults.push(format!("{path}: must be {least} or more"));
            }
            if schema.maximum.is_some_and(|most| number > most) {
                let most = schema.maximum.unwrap_or_default();
                faults.push(format!("{path}: must be {most} or less"));
            }
        }
        Value::Bool(_) | Value::Null => {}
    }
}

fn object(
    schema: &JSONSchemaProps,
    path: &str,
    fields: &serde_json::Map<String, Value>,
    faults: &mut Vec<String>,
) {
    for name in schema.required.iter().flatten() {
        if !fields.contains_key(name) {
            faults.push(format!("{path}.{name}: is required"));
        }
    }
    let of_any = match &schema.additional_properties {
        Some(JSONSchemaPropsOrBool::Schema(of_any)) => Some(of_any),
        _ => None,
    };
    let open = schema.x_kubernetes_preserve_unknown_fields == Some(true)
        || matches!(schema.additional_properties, Some(JSONSchemaPropsOrBool::Bool(true)))
        // An object of which nothing is said, such as the metadata of Kubernetes.
        || (schema.properties.is_none() && of_any.is_none());
    for (name, value) in fields {
        let known = schema
            .properties
            .as_ref()
            .and_then(|known| known.get(name))
            .or(of_any.map(AsRef::as_ref));
        match known {
            Some(known) => check(known, &format!("{path}.{name}"), value, faults),
            None if open => {}
            None => faults.push(format!("{path}.{name}: there is no such field")),
        }
    }
}

fn length(
    least: Option<i64>,
    most: Option<i64>,
    length: usize,
    what: &str,
    path: &str,
    faults: &mut Vec<String>,
) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if let Some(least) = least.filter(|least| length < *least) {
        faults.push(format!("{path}: must have {least} {what} or more"));
    }
    if let Some(most) = most.filter(|most| length > *most) {
        faults.push(format!("{path}: must have {most} {what} or fewer"));
    }
}

fn is(value: &Value, type_: &str) -> bool {
    match type_ {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    }
}

fn named(type_: &str) -> &str {
    match type_ {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        other => other,
    }
}
