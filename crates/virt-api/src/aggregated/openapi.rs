//! OpenAPI, versions 2 (for kube-apiserver to merge into its own) and 3: made from the table of subresources and the types'
//! schemas.

mod operations;
mod schemas;

use std::hash::{DefaultHasher, Hasher};

use serde_json::{Map, Value, json};

use super::route::{GROUP, VERSIONS};
use operations::{Operation, operations};

/// How the two versions of OpenAPI differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Two,
    Three,
}

/// OpenAPI 2 of both versions of the group.
pub(super) fn v2() -> Value {
    let mut paths = Map::new();
    for version in VERSIONS {
        add(&mut paths, operations(version), Dialect::Two);
    }
    json!({
        "swagger": "2.0",
        "info": info(),
        "paths": paths,
        "definitions": schemas::schemas(Dialect::Two),
    })
}

/// The index of OpenAPI 3. The hash lets clients cache: it changes when the document does.
pub(super) fn v3_index() -> Value {
    let entries = VERSIONS.iter().map(|version| {
        let path = format!("apis/{GROUP}/{version}");
        let mut hasher = DefaultHasher::new();
        hasher.write(v3(version).to_string().as_bytes());
        let url = format!("/openapi/v3/{path}?hash={:016X}", hasher.finish());
        (path, json!({ "serverRelativeURL": url }))
    });
    json!({ "paths": entries.collect::<Map<_, _>>() })
}

/// OpenAPI 3 of one version.
pub(super) fn v3(version: &str) -> Value {
    let mut paths = Map::new();
    add(&mut paths, operations(version), Dialect::Three);
    json!({
        "openapi": "3.0.0",
        "info": info(),
        "paths": paths,
        "components": { "schemas": schemas::schemas(Dialect::Three) },
    })
}

fn info() -> Value {
    json!({ "title": "KubeVirt subresources", "version": concat!("v", env!("CARGO_PKG_VERSION")) })
}

fn add(paths: &mut Map<String, Value>, operations: Vec<Operation>, dialect: Dialect) {
    for operation in operations {
        paths.insert(operation.path.clone(), item(&operation, dialect));
    }
}

/// The entry of a path.
fn item(operation: &Operation, dialect: Dialect) -> Value {
    let parameter = |name: &str, place: &str, kind: &str, required: bool, about: &str| {
        let mut parameter = json!({
            "name": name, "in": place, "required": required, "description": about,
        });
        match dialect {
            Dialect::Two => parameter["type"] = json!(kind),
            Dialect::Three => parameter["schema"] = json!({ "type": kind }),
        }
        parameter
    };
    let shared: Vec<_> = operation
        .in_path()
        .map(|(name, kind, about)| parameter(name, "path", kind, true, about))
        .collect();
    let mut own: Vec<_> = operation
        .query
        .iter()
        .map(|query| parameter(query.name, "query", query.kind, query.required, query.about))
        .collect();
    let mut described = json!({
        "operationId": operation.id,
        "description": operation.summary,
        "responses": responses(operation, dialect),
    });
    if let Some(body) = operation.body {
        let schema = reference(body, dialect);
        match dialect {
            Dialect::Two => own
                .push(json!({ "name": "body", "in": "body", "required": false, "schema": schema })),
            Dialect::Three => {
                described["requestBody"] = json!({ "content": { "*/*": { "schema": schema } } });
            }
        }
    }
    if dialect == Dialect::Two {
        described["consumes"] = json!(["*/*"]);
        described["produces"] = json!([operation.produces()]);
        described["schemes"] = json!(["https"]);
    }
    if !own.is_empty() {
        described["parameters"] = json!(own);
    }
    let mut item = json!({});
    if !shared.is_empty() {
        item["parameters"] = json!(shared);
    }
    item[operation.method] = described;
    item
}

fn responses(operation: &Operation, dialect: Dialect) -> Value {
    let mut responses = Map::new();
    let mut success = json!({ "description": match operation.success {
        101 => "Switching Protocols",
        202 => "Accepted",
        _ => "OK",
    }});
    let schema = match operation.answer {
        None => None,
        Some("image/png") if dialect == Dialect::Two => Some(json!({ "type": "file" })),
        Some("image/png") => Some(json!({ "type": "string", "format": "binary" })),
        Some(name) => Some(reference(name, dialect)),
    };
    if let Some(schema) = schema {
        match dialect {
            Dialect::Two => success["schema"] = schema,
            Dialect::Three => {
                success["content"] = json!({ operation.produces(): { "schema": schema } });
            }
        }
    }
    responses.insert(operation.success.to_string(), success);
    for (code, meaning) in operation.failures() {
        responses.insert(code.to_string(), json!({ "description": meaning }));
    }
    Value::Object(responses)
}

/// A reference to a type by its name in Rust, or to any object.
fn reference(name: &str, dialect: Dialect) -> Value {
    if name.is_empty() {
        return json!({ "type": "object" });
    }
    json!({ "$ref": schemas::pointer(name, dialect) })
}

#[cfg(test)]
mod tests;
