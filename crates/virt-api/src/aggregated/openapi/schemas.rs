//! The schemas of bodies and answers.

use kubevirt_api::backup::{BackupCheckpoint, BackupOptions};
use kubevirt_api::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use kubevirt_api::{VirtualMachineMemoryDumpRequest, schema_of, subresource};
use serde_json::{Map, Value, json};

use super::Dialect;

/// Keywords that OpenAPI 2 does not have.
const NOT_IN_TWO: [&str; 5] = ["nullable", "oneOf", "anyOf", "allOf", "not"];
/// Deepest schema that is looked into; none is nearly as deep.
const DEPTH: usize = 64;

/// Where the schema of a type is.
pub(super) fn pointer(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Two => format!("#/definitions/v1.{name}"),
        Dialect::Three => format!("#/components/schemas/v1.{name}"),
    }
}

/// All schemas by name.
pub(super) fn schemas(dialect: Dialect) -> Map<String, Value> {
    let all = all().unwrap_or_else(|error| {
        // A test makes sure that it does not come to this.
        tracing::error!(%error, "the schemas of subresources cannot be told");
        Vec::new()
    });
    let mut schemas: Map<String, Value> = all
        .into_iter()
        .map(|(name, mut schema)| {
            adapt(&mut schema, name, dialect, DEPTH);
            (format!("v1.{name}"), schema)
        })
        .collect();
    // Its own schema is that of the kind, which kube-apiserver tells.
    schemas.insert(
        "v1.VirtualMachine".to_owned(),
        json!({
            "description": "A VirtualMachine of kubevirt.io/v1",
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": true,
        }),
    );
    schemas
}

fn all() -> Result<Vec<(&'static str, Value)>, serde_json::Error> {
    let value = |schema: JSONSchemaProps| serde_json::to_value(schema);
    let mut all = vec![
        ("BackupCheckpoint", value(schema_of::<BackupCheckpoint>()?)?),
        ("BackupOptions", value(schema_of::<BackupOptions>()?)?),
        (
            "VirtualMachineMemoryDumpRequest",
            value(schema_of::<VirtualMachineMemoryDumpRequest>()?)?,
        ),
    ];
    for (name, schema) in subresource::definitions()? {
        all.push((name, value(schema)?));
    }
    Ok(all)
}

/// Writes a schema as the dialect has it. `of` is the type's name.
fn adapt(schema: &mut Value, of: &str, dialect: Dialect, depth: usize) {
    match schema {
        Value::Object(fields) if depth > 0 => {
            if dialect == Dialect::Two {
                // Within `properties` these are names of fields, whose values are schemas.
                fields.retain(|name, value| {
                    !NOT_IN_TWO.contains(&name.as_str()) || is_schema(name, value)
                });
            }
            if let Some(Value::String(reference)) = fields.get_mut("$ref") {
                let name = reference.rsplit(['/', '#']).next().unwrap_or_default();
                let name = if name.is_empty() { of } else { name };
                *reference = pointer(name, dialect);
            }
            for field in fields.values_mut() {
                adapt(field, of, dialect, depth - 1);
            }
        }
        Value::Array(items) if depth > 0 => {
            for item in items {
                adapt(item, of, dialect, depth - 1);
            }
        }
        _ => {}
    }
}

/// Whether what stands under a keyword's name is the schema of a field of that name.
fn is_schema(name: &str, value: &Value) -> bool {
    name != "not" && value.is_object()
}
