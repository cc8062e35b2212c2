//! What the API server asks of schemas, and what users may expect of them.

use kubevirt_api::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;

use crate::{compare::inner, crds, schema};

/// Definitions are stored whole, and the largest object that a cluster stores has one and a half megabytes.
const LARGEST: usize = 1024 * 1024;

#[test]
fn definitions_are_small_enough_to_be_stored() {
    let sizes = crds();
    let sizes = sizes.values().map(|crd| {
        (
            serde_json::to_string(crd).unwrap().len(),
            &crd.spec.names.kind,
        )
    });
    let (size, kind) = sizes.max().unwrap();
    println!("the largest definition is that of {kind} with {size} bytes");
    assert!(size < LARGEST, "{kind} has {size} bytes");
}

#[test]
fn every_field_is_described() {
    for (kind, crd) in crds() {
        walk(&kind, schema(&crd.spec.versions[0]), &mut |path, schema| {
            let copied =
                path.starts_with("VirtualMachineSnapshotContent.spec.source.virtualMachine.");
            let described = schema
                .description
                .as_ref()
                .is_some_and(|text| text.len() > 5);
            assert!(
                described || copied || path.ends_with("[]") || path == format!("{kind}.metadata"),
                "{path} has no description"
            );
        });
    }
}

#[test]
fn schemas_are_structural() {
    for (kind, crd) in crds() {
        for version in &crd.spec.versions {
            walk(&kind, schema(version), &mut structural);
        }
    }
}

fn structural(path: &str, schema: &JSONSchemaProps) {
    if let Some(format) = &schema.format {
        let known = ["int32", "int64", "float", "double", "date-time", "byte"];
        assert!(known.contains(&&**format), "{path}: format {format}");
    }
    assert!(
        schema.one_of.is_none()
            && schema.all_of.is_none()
            && schema.not.is_none()
            && schema.ref_path.is_none()
            && schema.title.is_none(),
        "{path}"
    );
    let number_or_text = schema.x_kubernetes_int_or_string == Some(true);
    assert_eq!(schema.any_of.is_some(), number_or_text, "{path}");
    let anything = schema.x_kubernetes_preserve_unknown_fields == Some(true);
    assert!(
        schema.type_.is_some() != number_or_text || anything,
        "{path}: a type, or a number or text"
    );
    assert!(
        schema.properties.is_none() || schema.additional_properties.is_none(),
        "{path}"
    );
    assert_eq!(
        schema.type_.as_deref() == Some("array"),
        schema.items.is_some(),
        "{path}"
    );
    // Elements of a list by keys must have the keys.
    for key in schema.x_kubernetes_list_map_keys.iter().flatten() {
        let inner = inner(schema).unwrap();
        let property = inner.properties.as_ref().unwrap().get(key).unwrap();
        assert!(
            inner.required.iter().flatten().any(|name| name == key) || property.default.is_some(),
            "{path}: {key} is not required"
        );
        assert!(property.nullable.is_none(), "{path}: {key} may be null");
    }
    for name in schema.required.iter().flatten() {
        assert!(
            schema
                .properties
                .iter()
                .flatten()
                .any(|(property, _)| property == name),
            "{path}: {name} is required and not there"
        );
    }
}

fn walk(path: &str, schema: &JSONSchemaProps, visit: &mut impl FnMut(&str, &JSONSchemaProps)) {
    visit(path, schema);
    for (name, property) in schema.properties.iter().flatten() {
        walk(&format!("{path}.{name}"), property, visit);
    }
    if let Some(inner) = inner(schema) {
        walk(&format!("{path}[]"), inner, visit);
    }
}
