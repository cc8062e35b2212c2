//! What users and other programs see of the CustomResourceDefinitions, against the tables of the contract.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use kubevirt_api::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};

const KINDS: &str = include_str!("data/kinds.tsv");
const FIELDS: &str = include_str!("data/fields.tsv");
const CHECKED_IN: &str = include_str!("../../../manifests/crds.yaml");

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

fn crd(kind: &str) -> CustomResourceDefinition {
    kubevirt_api::crds()
        .unwrap()
        .into_iter()
        .find(|crd| crd.spec.names.kind == kind)
        .unwrap()
}

fn schema(kind: &str) -> JSONSchemaProps {
    crd(kind).spec.versions[0]
        .schema
        .clone()
        .unwrap()
        .open_api_v3_schema
        .unwrap()
}

#[test]
fn checked_in_file_is_fresh() {
    let mut documents = String::new();
    for crd in kubevirt_api::crds().unwrap() {
        documents.push_str(&format!(
            "---\n{}\n",
            serde_saphyr::to_string(&crd).unwrap().trim_end()
        ));
    }
    let checked_in = CHECKED_IN
        .split_once('\n')
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    assert!(
        checked_in == documents,
        "manifests/crds.yaml is stale, run: cargo run -p kubevirt-api --example crds > manifests/crds.yaml"
    );
}

#[test]
fn names_columns_and_subresources() {
    for row in rows(KINDS) {
        let [
            kind,
            plural,
            singular,
            short_names,
            categories,
            subresources,
            columns,
        ] = row[..]
        else {
            panic!("bad row {row:?}")
        };
        let spec = crd(kind).spec;
        assert_eq!(spec.names.plural, plural);
        assert_eq!(spec.names.singular.as_deref(), Some(singular));
        assert_eq!(
            spec.names.short_names.unwrap_or_default().join(","),
            short_names
        );
        assert_eq!(
            spec.names.categories.unwrap_or_default().join(","),
            categories
        );
        assert_eq!(spec.scope, "Namespaced");
        let versions: Vec<_> = spec
            .versions
            .iter()
            .map(|v| (&*v.name, v.served, v.storage, v.deprecated))
            .collect();
        assert_eq!(
            versions,
            [
                ("v1", true, true, None),
                ("v1alpha3", true, false, Some(true))
            ]
        );
        for version in &spec.versions {
            let has_status = version
                .subresources
                .as_ref()
                .is_some_and(|subresources| subresources.status.is_some());
            assert_eq!(has_status, subresources == "status", "{kind}");
            let shown: Vec<_> = version
                .additional_printer_columns
                .iter()
                .flatten()
                .map(|c| {
                    format!(
                        "{}:{}:{}:{}",
                        c.name,
                        c.type_,
                        c.json_path,
                        c.priority.unwrap_or(0)
                    )
                })
                .collect();
            assert_eq!(shown.join(";"), columns, "{kind}");
            assert_eq!(version.schema, spec.versions[0].schema);
        }
    }
}

/// kubectl apply keeps the whole object in an annotation, and annotations have 256 KiB together.
#[test]
fn small_enough_for_kubectl_apply() {
    for crd in kubevirt_api::crds().unwrap() {
        let size = serde_json::to_string(&crd).unwrap().len();
        assert!(
            size < 250 * 1024,
            "{} has {size} bytes",
            crd.spec.names.kind
        );
    }
}

#[test]
fn every_field_is_described_and_bounded() {
    for kind in ["VirtualMachine", "VirtualMachineInstance", "KubeVirt"] {
        walk(kind, &schema(kind), &mut |path, schema| {
            assert!(
                path.ends_with("[]")
                    || path == format!("{kind}.metadata")
                    || schema
                        .description
                        .as_ref()
                        .is_some_and(|text| text.len() > 5),
                "{path}"
            );
            if let Some(format) = &schema.format {
                assert!(
                    ["int32", "int64", "date-time"].contains(&&**format),
                    "{path}: format {format}"
                );
            }
            assert!(
                schema.one_of.is_none() && schema.all_of.is_none() && schema.not.is_none(),
                "{path}"
            );
            let any_type = schema.x_kubernetes_int_or_string == Some(true);
            assert!(
                any_type != schema.type_.is_some(),
                "{path}: a type, or a number or text"
            );
            assert!(
                schema.x_kubernetes_preserve_unknown_fields.is_none(),
                "{path}: unknown fields would be accepted"
            );
        });
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

fn inner(schema: &JSONSchemaProps) -> Option<&JSONSchemaProps> {
    match (&schema.items, &schema.additional_properties) {
        (Some(JSONSchemaPropsOrArray::Schema(inner)), _)
        | (_, Some(JSONSchemaPropsOrBool::Schema(inner))) => Some(inner),
        _ => None,
    }
}

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Vec<&'static str>>>;

#[test]
fn fields_are_those_of_the_table() {
    let mut table = Table::new();
    for row in rows(FIELDS) {
        table.entry(row[0]).or_default().insert(row[1], row);
    }
    let mut seen = 0;
    for kind in ["VirtualMachine", "VirtualMachineInstance", "KubeVirt"] {
        let mut root = schema(kind);
        for common in ["apiVersion", "kind", "metadata"] {
            root.properties.as_mut().unwrap().remove(common).unwrap();
        }
        seen += compare(kind, &root, kind, &table);
    }
    assert!(seen > 400, "compared {seen} fields only");
}

/// Compares the fields of an object with the rows of its definition. Returns how many there are below it.
fn compare(path: &str, schema: &JSONSchemaProps, definition: &str, table: &Table) -> usize {
    let empty = BTreeMap::new();
    let fields = table.get(definition).unwrap_or(&empty);
    let properties = schema.properties.clone().unwrap_or_default();
    let required = schema.required.clone().unwrap_or_default();
    let names: Vec<_> = properties.keys().map(String::as_str).collect();
    let expected: Vec<_> = fields.keys().copied().collect();
    assert_eq!(names, expected, "{path}");
    let mut seen = names.len();
    for (name, property) in &properties {
        let path = format!("{path}.{name}");
        let row = &fields[name.as_str()];
        // The webhook fills in the type of inputs, so that a manifest without it is as good.
        if !path.ends_with(".inputs[].type") {
            assert_eq!(required.contains(name), row[3] == "y", "{path}: required");
        }
        assert_eq!(
            property.x_kubernetes_list_type.as_deref().unwrap_or(""),
            row.get(4).copied().unwrap_or(""),
            "{path}"
        );
        let keys = property
            .x_kubernetes_list_map_keys
            .clone()
            .unwrap_or_default()
            .join(",");
        assert_eq!(keys, row.get(5).copied().unwrap_or(""), "{path}");
        seen += compare_type(&path, property, row[2], table);
    }
    seen
}

fn compare_type(path: &str, schema: &JSONSchemaProps, type_: &str, table: &Table) -> usize {
    let shape = (schema.type_.as_deref(), schema.format.as_deref());
    let expected = match type_ {
        "string" => (Some("string"), None),
        "bool" => (Some("boolean"), None),
        "time" => (Some("string"), Some("date-time")),
        "quantity" => {
            assert_eq!(schema.x_kubernetes_int_or_string, Some(true), "{path}");
            (None, None)
        }
        _ if type_.starts_with("int32") => (Some("integer"), Some("int32")),
        _ if type_.starts_with("int64") => (Some("integer"), Some("int64")),
        _ if type_.starts_with("list<") => (Some("array"), None),
        _ => (Some("object"), None),
    };
    assert_eq!(shape, expected, "{path}: type {type_}");
    if let Some(of) = type_
        .strip_prefix("list<")
        .or_else(|| type_.strip_prefix("map<string,"))
    {
        let of = of.trim_end_matches('>');
        let inner = inner(schema).unwrap();
        return compare_type(&format!("{path}[]"), inner, of, table);
    }
    if expected.0 == Some("object") && !type_.contains('/') {
        return compare(path, schema, type_, table);
    }
    0
}
