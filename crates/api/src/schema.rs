//! Schemas that Kubernetes accepts, from those that schemars makes.
//!
//! The API server takes structural schemas only, and says more with some keywords than with others. What is changed:
//! `nullable` is left to the few fields where clients of upstream write nulls, defaults are left to the webhook (except
//! a few), unsigned formats become signed ones with bounds, and quantities may be numbers or texts.

use k8s_openapi::{
    apiextensions_apiserver::pkg::apis::apiextensions::v1::{
        JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::core::schema::{OptionalEnum, OptionalIntOrString, StructuralSchemaRewriter};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// What a quantity looks like: a number with a binary, decimal or exponent suffix.
const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// Fields that may be null, because clients written in Go write them so, by the name of the field that they are in (none:
/// any) and their own.
const NULLABLE: [(&str, &str); 35] = [
    ("", "creationTimestamp"),
    ("", "lastProbeTime"),
    ("", "lastTransitionTime"),
    ("template", "metadata"),
    ("dataVolumeTemplates", "metadata"),
    ("dataVolumeTemplates", "status"),
    ("virtualMachineTemplate", "metadata"),
    ("virtualMachine", "metadata"),
    ("VirtualMachineInstanceReplicaSet", "status"),
    ("MigrationPolicy", "status"),
    ("migrationState", "startTimestamp"),
    ("migrationState", "endTimestamp"),
    ("status", "changedBlockTracking"),
    ("status", "creationTime"),
    ("status", "instancetypeRef"),
    ("status", "memoryDumpRequest"),
    ("status", "preferenceRef"),
    ("status", "restoreName"),
    ("status", "snapshotName"),
    ("status", "startFailure"),
    ("status", "targetName"),
    ("volumeSnapshotStatus", "creationTime"),
    ("changedBlockTracking", "backupStatus"),
    ("configuration", "changedBlockTrackingLabelSelectors"),
    ("configuration", "commonInstancetypesDeployment"),
    ("configuration", "confidentialCompute"),
    ("configuration", "instancetype"),
    ("configuration", "persistentReservationConfiguration"),
    ("configuration", "virtTemplateDeployment"),
    ("configuration", "vmRolloutStrategy"),
    ("commonInstancetypesDeployment", "enabled"),
    ("confidentialCompute", "tdx"),
    ("instancetype", "referencePolicy"),
    ("persistentReservationConfiguration", "enabled"),
    ("virtTemplateDeployment", "enabled"),
];

/// Fields whose default the API server fills in, named as in [`NULLABLE`]. All others are left to the webhook.
const DEFAULTED: [(&str, &str); 5] = [
    ("attestation", "enforced"),
    ("attestation", "qgsSocketPath"),
    ("containerPath", "readOnly"),
    ("spec", "targetReadinessPolicy"),
    ("status", "printableStatus"),
];

/// Numbers or texts that are no quantities: ports, and numbers of machines or percentages.
const INT_OR_STRING: [&str; 2] = ["maxUnavailable", "port"];

/// Lists whose elements are told apart by their name, named as in [`NULLABLE`]: several owners can each apply elements of
/// their own. Upstream leaves these lists whole, so that the second owner is refused; what it accepts is accepted here, too.
const NAMED: [(&str, &str); 4] = [
    ("devices", "disks"),
    ("devices", "interfaces"),
    ("spec", "networks"),
    ("spec", "volumes"),
];

/// Metadata of something that is made from a template. Tools write more into it than Kubernetes knows, so what is not
/// known is kept; what is known has its type, so that it decodes.
pub(crate) fn template_metadata(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = ObjectMeta::json_schema(generator);
    schema.insert(
        "description".to_owned(),
        "Metadata of what is made from this. Labels and annotations are taken over.".into(),
    );
    schema.insert("nullable".to_owned(), true.into());
    schema.insert(
        "x-kubernetes-preserve-unknown-fields".to_owned(),
        true.into(),
    );
    schema
}

/// The schema of a type as the API server would take it, for instance for the body of a request that is no object.
///
/// # Errors
///
/// When the type's schema does not survive its way through JSON, which only a mistake in the type can cause.
pub fn schema_of<T: JsonSchema>() -> Result<JSONSchemaProps, serde_json::Error> {
    let generator = SchemaSettings::openapi3()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .with_transform(StructuralSchemaRewriter)
        .with_transform(OptionalEnum)
        .with_transform(OptionalIntOrString)
        .into_generator();
    let mut schema = serde_json::to_value(generator.into_root_schema_for::<T>())?;
    normalize("", "", &mut schema);
    serde_json::from_value(schema)
}

/// Turns the schema of a kind into one that the API server accepts and that says what we mean.
pub(crate) fn structural(
    kind: &str,
    schema: &JSONSchemaProps,
) -> Result<JSONSchemaProps, serde_json::Error> {
    let mut value = serde_json::to_value(schema)?;
    normalize("", kind, &mut value);
    serde_json::from_value(value)
}

/// Whether a list has a field of a name in another.
fn lists(list: &[(&str, &str)], within: &str, name: &str) -> bool {
    list.iter()
        .any(|(outer, inner)| *inner == name && (outer.is_empty() || *outer == within))
}

/// Brings a schema into form. `name` is that of the field, `within` that of the field which it is in; lists and maps have
/// the name of their field.
fn normalize(within: &str, name: &str, schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    object.remove("title");
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = unwrap_lines(description);
    }
    if lists(&NULLABLE, within, name) {
        object.insert("nullable".to_owned(), true.into());
    } else {
        object.remove("nullable");
    }
    if !lists(&DEFAULTED, within, name) {
        object.remove("default");
    }
    if lists(&NAMED, within, name) && object.get("type") == Some(&"array".into()) {
        object.insert("x-kubernetes-list-type".to_owned(), "map".into());
        object.insert("x-kubernetes-list-map-keys".to_owned(), json!(["name"]));
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
        if !INT_OR_STRING.contains(&name) {
            object.insert("pattern".to_owned(), QUANTITY_PATTERN.into());
        }
    }
    let required = object.get("required").cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (property, schema) in properties {
            normalize(name, property, schema);
            // Rules are for what users write; in a status, whose lists have no bounds, they cost more than the API server allows.
            if property == "status" {
                without_rules(schema);
            }
            // Kubernetes' own condition demands its time, which our types of it cannot read as null.
            let demanded = required
                .as_array()
                .is_some_and(|names| names.iter().any(|name| name == property));
            if demanded && property == "lastTransitionTime" {
                schema
                    .as_object_mut()
                    .map(|schema| schema.remove("nullable"));
            }
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(inner) {
            normalize(within, name, inner);
            // What the field says is enough.
            if let Some(inner) = inner.as_object_mut() {
                inner.remove("nullable");
                inner.remove("description");
            }
        }
    }
}

/// Takes the rules (CEL) out of a schema.
fn without_rules(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.remove("x-kubernetes-validations");
            object.values_mut().for_each(without_rules);
        }
        Value::Array(list) => list.iter_mut().for_each(without_rules),
        _ => {}
    }
}

/// Takes the descriptions out of a schema, except that of the whole.
pub(crate) fn strip_descriptions(schema: &mut JSONSchemaProps) {
    let inner = schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut());
    let items = match &mut schema.items {
        Some(JSONSchemaPropsOrArray::Schema(inner)) => Some(&mut **inner),
        _ => None,
    };
    let values = match &mut schema.additional_properties {
        Some(JSONSchemaPropsOrBool::Schema(inner)) => Some(&mut **inner),
        _ => None,
    };
    for inner in inner.chain(items).chain(values) {
        inner.description = None;
        strip_descriptions(inner);
    }
}

/// The part of a schema at a path of field names with dots between.
pub(crate) fn part<'a>(
    schema: &'a mut JSONSchemaProps,
    path: &str,
) -> Option<&'a mut JSONSchemaProps> {
    let mut part = schema;
    for name in path.split('.') {
        part = part.properties.as_mut()?.get_mut(name)?;
    }
    Some(part)
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
        Some("uint8") => ("int32", 0, Some(i64::from(u8::MAX))),
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
