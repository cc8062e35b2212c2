//! What users and other programs see of the CustomResourceDefinitions, against the tables of the contract.

#![allow(clippy::unwrap_used, clippy::panic)]

mod compare;
mod structural;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use compare::Comparison;
use kubevirt_api::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps,
};
use table::{Kind, Table};

const CHECKED_IN: &str = include_str!("../../../../manifests/crds.yaml");

/// Where the schemas differ from the table on purpose: definition, field (none: all of it), reason.
const DEVIATIONS: [(&str, &str, &str); 8] = [
    ("AuthorizedKeysFile", "", "no kind and no request has it"),
    (
        "Input",
        "type",
        "not required: the webhook fills it in, so that a manifest without it is as good",
    ),
    (
        "InstancetypeMatcher",
        "kind",
        "any text: users write it in small letters and in the plural too",
    ),
    (
        "InstancetypeStatusRef",
        "kind",
        "any text: what the matcher says",
    ),
    (
        "PreferenceMatcher",
        "kind",
        "any text: users write it in small letters and in the plural too",
    ),
    (
        "VirtualMachineInstanceFileSystem",
        "totalBytes",
        "64 bits: file systems are larger than 2 GiB",
    ),
    (
        "VirtualMachineInstanceFileSystem",
        "usedBytes",
        "64 bits: file systems are larger than 2 GiB",
    ),
    (
        "VirtualMachineInstancePreset",
        "spec",
        "required: without it there is no domain, which is",
    ),
];

fn crds() -> BTreeMap<String, CustomResourceDefinition> {
    let crds = kubevirt_api::crds().unwrap();
    crds.into_iter()
        .map(|crd| (crd.spec.names.kind.clone(), crd))
        .collect()
}

fn schema(version: &CustomResourceDefinitionVersion) -> &JSONSchemaProps {
    let schema = version.schema.as_ref().unwrap();
    schema.open_api_v3_schema.as_ref().unwrap()
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
fn kinds_are_those_of_the_table() {
    let mut crds = crds();
    for row in table::kinds() {
        let crd = crds
            .remove(row.kind)
            .unwrap_or_else(|| panic!("there is no definition of {}", row.kind));
        assert_eq!(
            crd.metadata.name,
            Some(format!("{}.{}", row.plural, row.group))
        );
        let names = &crd.spec.names;
        let list = |names: &Option<Vec<String>>| {
            names
                .iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(",")
        };
        assert_eq!(crd.spec.group, row.group, "{}", row.kind);
        assert_eq!(names.plural, row.plural);
        assert_eq!(names.singular.as_deref(), Some(row.singular));
        assert_eq!(names.list_kind, Some(format!("{}List", row.kind)));
        assert_eq!(list(&names.short_names), row.short_names, "{}", row.kind);
        assert_eq!(list(&names.categories), row.categories, "{}", row.kind);
        assert_eq!(crd.spec.scope, row.scope, "{}", row.kind);
        assert_eq!(crd.spec.conversion.as_ref().unwrap().strategy, "None");
        assert_eq!(versions(&crd), expected_versions(&row), "{}", row.kind);
        for version in &crd.spec.versions {
            assert_eq!(
                subresources(version),
                row.subresources.split(" (").next().unwrap(),
                "{}",
                row.kind
            );
            assert_eq!(columns(version), row.columns, "{}", row.kind);
            assert_eq!(
                version.deprecation_warning.is_some(),
                version.deprecated == Some(true)
            );
        }
    }
    assert!(crds.is_empty(), "the table has no {:?}", crds.keys());
}

/// Versions in the words of the table, in the order of their names.
fn versions(crd: &CustomResourceDefinition) -> Vec<String> {
    let mut versions: Vec<_> = crd
        .spec
        .versions
        .iter()
        .map(|version| {
            let states = [
                (version.served, "served"),
                (version.storage, "storage"),
                (version.deprecated == Some(true), "deprecated"),
            ];
            let states: Vec<_> = states
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, name)| name)
                .collect();
            format!("{}({})", version.name, states.join(","))
        })
        .collect();
    versions.sort_unstable();
    versions
}

fn expected_versions(row: &Kind) -> Vec<String> {
    let mut versions: Vec<_> = row.versions.split(';').map(str::to_owned).collect();
    versions.sort_unstable();
    versions
}

fn subresources(version: &CustomResourceDefinitionVersion) -> String {
    let subresources = version.subresources.clone().unwrap_or_default();
    let status = subresources.status.map(|_| "status".to_owned());
    let scale = subresources.scale.map(|scale| {
        format!(
            "scale(spec={},status={},selector={})",
            scale.spec_replicas_path,
            scale.status_replicas_path,
            scale.label_selector_path.unwrap_or_default()
        )
    });
    let all: Vec<_> = status.into_iter().chain(scale).collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(";")
    }
}

fn columns(version: &CustomResourceDefinitionVersion) -> String {
    let columns: Vec<_> = version
        .additional_printer_columns
        .iter()
        .flatten()
        .map(|column| {
            format!(
                "{}:{}:{}:{}",
                column.name,
                column.type_,
                column.json_path,
                column.priority.unwrap_or(0)
            )
        })
        .collect();
    columns.join(";")
}

#[test]
fn fields_are_those_of_the_table() {
    let table = table::fields();
    let mut comparison = Comparison::new(&table);
    let crds = crds();
    for crd in crds.values() {
        for (index, version) in crd.spec.versions.iter().enumerate() {
            // Older versions without rows of their own have those of the newest.
            let own = format!("{}/{}", crd.spec.group, version.name);
            let newest = format!("{}/{}", crd.spec.group, crd.spec.versions[0].name);
            let kind = &crd.spec.names.kind;
            let find = |group_version: &str| {
                table
                    .keys()
                    .find(|(of, name)| *of == group_version && name == kind)
            };
            let definition = find(&own).or_else(|| find(&newest)).unwrap();
            comparison.shape_only = index > 0;
            comparison.object(*definition, kind, schema(version));
        }
    }
    comparison.shape_only = false;
    for (name, schema) in kubevirt_api::subresource::definitions().unwrap() {
        comparison.object(("kubevirt.io/v1", name), name, &schema);
    }
    let options = kubevirt_api::schema_of::<kubevirt_api::backup::BackupOptions>().unwrap();
    comparison.object(
        ("backup.kubevirt.io/v1alpha1", "BackupOptions"),
        "BackupOptions",
        &options,
    );
    let kinds: BTreeSet<_> = crds.into_keys().collect();
    let missing: Vec<_> = table
        .keys()
        .filter(|definition| !comparison.seen.contains(*definition))
        .filter(|(within, name)| {
            !DEVIATIONS
                .iter()
                .any(|(definition, field, _)| definition == name && field.is_empty())
                && !is_list(&table, &kinds, within, name)
                && !is_part(&table, &comparison, within, name)
        })
        .map(|(within, name)| format!("{within} {name}: nothing has it"))
        .collect();
    let differences = [comparison.differences, missing].concat();
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(
        comparison.fields > 3000,
        "compared {} fields only",
        comparison.fields
    );
}

/// Whether a definition is the list of a kind, which the API server makes.
fn is_list(table: &Table, kinds: &BTreeSet<String>, within: &str, name: &str) -> bool {
    let Some(kind) = name.strip_suffix("List") else {
        return false;
    };
    let items = format!("list<{kind}>");
    kinds.contains(kind)
        && table[&(within, name)].iter().all(|field| match field.name {
            "apiVersion" | "kind" => field.type_ == "string",
            "metadata" => field.type_ == "meta/v1.ListMeta",
            _ => field.type_ == items,
        })
}

/// Whether the fields of a definition are among those of one that a schema has: a group of fields that are written in line.
fn is_part(table: &Table, comparison: &Comparison<'_>, within: &str, name: &str) -> bool {
    let fields = &table[&(within, name)];
    table.iter().any(|(whole, rows)| {
        comparison.seen.contains(whole)
            && whole.0 == within
            && fields.iter().all(|field| {
                rows.iter()
                    .any(|row| (row.name, row.type_) == (field.name, field.type_))
            })
    })
}

/// What an object in an older version may say, it may say in the version that is stored.
#[test]
fn older_versions_are_parts_of_the_newest() {
    for (kind, crd) in crds() {
        for older in &crd.spec.versions[1..] {
            part_of(&kind, schema(older), schema(&crd.spec.versions[0]));
        }
    }
}

fn part_of(path: &str, older: &JSONSchemaProps, newest: &JSONSchemaProps) {
    let bare = |schema: &JSONSchemaProps| JSONSchemaProps {
        description: None,
        properties: None,
        items: None,
        additional_properties: None,
        ..schema.clone()
    };
    assert_eq!(bare(older), bare(newest), "{path}");
    for (name, property) in older.properties.iter().flatten() {
        let newest = newest.properties.as_ref().unwrap().get(name);
        part_of(&format!("{path}.{name}"), property, newest.unwrap());
    }
    if let (Some(older), Some(newest)) = (compare::inner(older), compare::inner(newest)) {
        part_of(&format!("{path}[]"), older, newest);
    }
}
