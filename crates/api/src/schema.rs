//! Schemas that Kubernetes accepts, from those that schemars makes.
//!
//! The API server takes structural schemas only, and says more with some keywords than with others. What is changed:
//! `nullable` is left to the few fields where clients of upstream write nulls, defaults are left to the webhook (except
//! one), unsigned formats become signed ones with bounds, and quantities may be numbers or texts.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// What a quantity looks like: a number with a binary, decimal or exponent suffix.
const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// Fields that may be null: clients written in Go write these so.
const NULLABLE: [&str; 5] = [
    "creationTimestamp",
    "lastProbeTime",
    "lastTransitionTime",
    "metadata",
    "startFailure",
];

/// Fields whose default the API server fills in.
const DEFAULTED: [&str; 1] = ["printableStatus"];

/// Metadata of a template. Of these, labels and annotations are acted on; the others are there because tools write them.
pub(crate) fn template_metadata(_: &mut SchemaGenerator) -> Schema {
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let with = |mut schema: Value, description: &str| {
        schema["description"] = description.into();
        schema
    };
    json_schema!({
        "type": "object",
        "nullable": true,
        "properties": {
            "annotations": with(texts.clone(), "Annotations of the VirtualMachineInstance."),
            "labels": with(texts, "Labels of the VirtualMachineInstance."),
            "creationTimestamp": { "type": "string", "format": "date-time", "nullable": true, "description": "Has no effect." },
            "name": with(json!({ "type": "string" }), "Has no effect: the VirtualMachineInstance has the name of its VirtualMachine."),
            "generateName": with(json!({ "type": "string" }), "Has no effect."),
            "namespace": with(json!({ "type": "string" }), "Has no effect: the VirtualMachineInstance is in the namespace of its VirtualMachine."),
        },
    })
}

/// Turns the schema of a kind into one that the API server accepts and that says what we mean.
pub(crate) fn structural(schema: &JSONSchemaProps) -> Result<JSONSchemaProps, serde_json::Error> {
    let mut value = serde_json::to_value(schema)?;
    normalize("", &mut value);
    serde_json::from_value(value)
}

fn normalize(name: &str, schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    object.remove("title");
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = unwrap_lines(description);
    }
    if !NULLABLE.contains(&name) {
        object.remove("nullable");
    }
    if !DEFAULTED.contains(&name) {
        object.remove("default");
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    bound_integer(object);
    if object.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        object.insert(
            "anyOf".to_owned(),
            json!([{ "type": "integer" }, { "type": "string" }]),
        );
        object.insert("pattern".to_owned(), QUANTITY_PATTERN.into());
    }
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (name, property) in properties {
            normalize(name, property);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(inner) {
            normalize("", inner);
        }
    }
}

/// Joins the lines of each paragraph: line ends of doc comments mean nothing.
fn unwrap_lines(text: &str) -> String {
    text.split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// Gives integers a signed format and the bounds of their Rust type, so that whatever the API server lets pass decodes.
fn bound_integer(object: &mut Map<String, Value>) {
    let (format, minimum, maximum) = match object.get("format").and_then(Value::as_str) {
        Some("uint32") => ("int64", 0, Some(i64::from(u32::MAX))),
        Some("uint64") => ("int64", 0, None),
        Some("int32") => ("int32", i64::from(i32::MIN), Some(i64::from(i32::MAX))),
        _ => return,
    };
    object.insert("format".to_owned(), format.into());
    object.entry("minimum").or_insert(minimum.into());
    if let Some(maximum) = maximum {
        object.entry("maximum").or_insert(maximum.into());
    }
}
