//! Every field that the API server accepts is acted on, or the user is told that it is not: `acted-on.tsv` says which files
//! act, `src/not_acted_on/fields.tsv` lists the rest, and this test compares both with the CustomResourceDefinitions and
//! with the sources.
//!
//! A field is a leaf of the schema of `spec`: `[]` stands for the items of a list, `{}` for the values of a map. What is
//! Kubernetes' own and handed to the pod as it is counts as one field.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use kubevirt_core::not_acted_on;
use serde_json::Value;

const TABLE: &str = include_str!("acted-on.tsv");
/// Fields of Kubernetes' types that the pod gets whole.
const WHOLE: [&str; 4] = [
    "affinity",
    "dnsConfig",
    "tolerations",
    "topologySpreadConstraints",
];
/// Fields that are copied whole into the specification of a VirtualMachineInstance, where their parts have rows, or are given
/// whole to a library.
const COPIED: [&str; 26] = [
    "KubeVirt.spec.configuration.ksmConfiguration.nodeLabelSelector",
    "VirtualMachineInstancePreset.spec.domain",
    "VirtualMachineInstancePreset.spec.selector",
    "VirtualMachineInstanceReplicaSet.spec.selector",
    "Instancetype.spec.cpu.numa",
    "Instancetype.spec.cpu.realtime",
    "Instancetype.spec.gpus",
    "Instancetype.spec.hostDevices",
    "Instancetype.spec.ioThreads",
    "Instancetype.spec.launchSecurity",
    "Instancetype.spec.memory.hugepages",
    "Preference.spec.clock.preferredClockOffset",
    "Preference.spec.clock.preferredTimer",
    "Preference.spec.cpu.preferredCPUFeatures",
    "Preference.spec.devices.preferredDiskBlockSize",
    "Preference.spec.devices.preferredInterfaceMasquerade",
    "Preference.spec.devices.preferredTPM",
    "Preference.spec.devices.preferredVirtualGPUOptions",
    "Preference.spec.features.preferredAcpi",
    "Preference.spec.features.preferredApic",
    "Preference.spec.features.preferredHyperv",
    "Preference.spec.features.preferredKvm",
    "Preference.spec.features.preferredPvspinlock",
    "Preference.spec.features.preferredSmm",
    "Preference.spec.firmware.preferredEfi",
    "Preference.spec.preferredLaunchSecurity",
];
/// The fields of the table, and the files that act on each.
fn table() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut table = BTreeMap::new();
    let mut last = "";
    for line in TABLE.lines().skip(1) {
        let (field, files) = line
            .split_once('\t')
            .unwrap_or_else(|| panic!("acted-on.tsv: no tab in {line:?}"));
        assert!(
            last < field,
            "acted-on.tsv: {field} does not come after {last}: sort the rows, each once"
        );
        last = field;
        table.insert(field, files.split(' ').collect());
    }
    table
}

/// The fields of each kind's `spec` in any of its versions.
fn kinds() -> &'static BTreeMap<String, BTreeSet<String>> {
    static KINDS: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    KINDS.get_or_init(|| {
        let crds = kubevirt_api::crds().unwrap();
        crds.iter()
            .map(|crd| {
                let kind = crd.spec.names.kind.clone();
                let crd = serde_json::to_value(crd).unwrap();
                let mut found = BTreeSet::new();
                for version in crd["spec"]["versions"].as_array().unwrap() {
                    let spec = &version["schema"]["openAPIV3Schema"]["properties"]["spec"];
                    collect(spec, format!("{kind}.spec"), &mut found);
                }
                (kind, found)
            })
            .collect()
    })
}

/// The fields of a kind's `spec`.
fn fields(kind: &str) -> &'static BTreeSet<String> {
    &kinds()[kind]
}

fn collect(schema: &Value, path: String, found: &mut BTreeSet<String>) {
    let name = path.rsplit('.').next().unwrap_or_default();
    let properties = schema["properties"].as_object();
    // VirtualMachineClusterPreference and VirtualMachinePreference have the same fields, and so on.
    if WHOLE.contains(&name) || COPIED.iter().any(|copied| path.ends_with(copied)) {
        found.insert(path);
    } else if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        for (name, property) in properties {
            collect(property, format!("{path}.{name}"), found);
        }
    } else if schema["items"].is_object() {
        collect(&schema["items"], format!("{path}[]"), found);
    } else if schema["additionalProperties"].is_object() {
        collect(
            &schema["additionalProperties"],
            format!("{path}{{}}"),
            found,
        );
    } else {
        found.insert(path);
    }
}

/// Kinds that make VirtualMachineInstances from a template.
const TEMPLATES: [&str; 2] = [
    "VirtualMachine.spec.template.",
    "VirtualMachineInstanceReplicaSet.spec.template.",
];

/// What follows in `path` after a template's `part`.
fn in_template<'a>(path: &'a str, part: &str) -> Option<&'a str> {
    TEMPLATES
        .iter()
        .find_map(|template| path.strip_prefix(template))
        .and_then(|field| field.strip_prefix(part))
}

/// The fields of all kinds, the specifications of templates left out.
fn all_fields() -> BTreeSet<&'static str> {
    kinds()
        .values()
        .flatten()
        .map(String::as_str)
        .filter(|path| in_template(path, "spec.").is_none() && !is_of_no_effect(path))
        .collect()
}

/// Of a template's metadata, labels and annotations alone go on to the instance, here and upstream. Tools write the others.
fn is_of_no_effect(path: &str) -> bool {
    in_template(path, "metadata.")
        .is_some_and(|field| !["labels{}", "annotations{}"].contains(&field))
}

/// What is listed as not acted on, as `Kind.field` or `Kind` for a whole kind.
fn listed() -> BTreeSet<String> {
    not_acted_on::rows()
        .iter()
        .map(|row| match row.field {
            Some(field) => format!("{}.{field}", row.kind),
            None => row.kind.to_owned(),
        })
        .collect()
}

/// The row that lists a field, itself or with what it is in.
fn row_of<'a>(field: &str, listed: &'a BTreeSet<String>) -> Option<&'a String> {
    let ends = field
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | '[' | '{'));
    ends.map(|(end, _)| end)
        .chain([field.len()])
        .find_map(|end| listed.get(&field[..end]))
}

/// Name of a field in the sources: the snake case of the last part of its path.
fn identifier(path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or_default();
    let letters: Vec<char> = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let mut identifier = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(index + 1);
        // A capital starts a word after a small letter, and, as in `CPUModels`, before one.
        let starts = before.is_some_and(|before| {
            !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
        });
        if letter.is_ascii_uppercase() && starts {
            identifier.push('_');
        }
        identifier.push(letter.to_ascii_lowercase());
    }
    if identifier == "type" {
        identifier.push('_');
    }
    identifier
}

#[test]
fn each_field_is_acted_on_or_listed() {
    let (table, listed) = (table(), listed());
    let mut missing = Vec::new();
    let mut twice = Vec::new();
    for field in all_fields() {
        match (table.contains_key(field), row_of(field, &listed)) {
            (false, None) => missing.push(field.to_owned()),
            (true, Some(row)) => twice.push(format!("{field} (listed by {row})")),
            _ => {}
        }
    }
    assert!(
        missing.is_empty(),
        "it is not said whether anything acts on these fields:\n  {}\nadd to crates/core/tests/acted-on.tsv a row `field<TAB>files` with the files \
         below crates/ that act on each; if none does yet, list it in crates/core/src/not_acted_on/fields.tsv, so that the user is told",
        missing.join("\n  ")
    );
    assert!(
        twice.is_empty(),
        "these fields are acted on, and listed as not acted on:\n  {}\ntake each out of crates/core/src/not_acted_on/fields.tsv or of \
         crates/core/tests/acted-on.tsv",
        twice.join("\n  ")
    );
}

#[test]
fn each_row_is_a_field() {
    let fields = all_fields();
    let listed = listed();
    let used: BTreeSet<_> = fields
        .iter()
        .filter_map(|field| row_of(field, &listed))
        .collect();
    let kinds = kinds();
    let gone: Vec<_> = table()
        .into_keys()
        .filter(|row| !fields.contains(row))
        .chain(
            listed
                .iter()
                .filter(|row| !used.contains(row) && !kinds.contains_key(row.as_str()))
                .map(String::as_str),
        )
        .collect();
    assert!(
        gone.is_empty(),
        "these rows of crates/core/tests/acted-on.tsv or crates/core/src/not_acted_on/fields.tsv name no field of the schema:\n  {}\nremove the \
         rows, or give the fields back to crates/api",
        gone.join("\n  ")
    );
}

#[test]
fn the_files_of_each_row_name_the_field() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut wrong = Vec::new();
    let mut sources = BTreeMap::new();
    for (field, files) in table() {
        let identifier = identifier(field);
        let mut named = false;
        for file in files {
            // A declaration is no action.
            assert!(
                !file.starts_with("api/") && !file.contains("tests"),
                "{field}: {file} does not act on fields"
            );
            let words: &BTreeSet<String> = sources.entry(file).or_insert_with(|| {
                let text = std::fs::read_to_string(crates.join(file)).unwrap_or_default();
                text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .map(str::to_owned)
                    .collect()
            });
            if words.len() < 2 {
                wrong.push(format!("{field}: there is no file crates/{file}"));
            }
            named |= words.contains(&identifier);
        }
        if !named {
            wrong.push(format!(
                "{field}: none of its files names {identifier} any more"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "crates/core/tests/acted-on.tsv is not true any more:\n  {}\nname the files that act on the field now; if none does, list it in crates/core/src/not_acted_on/fields.tsv",
        wrong.join("\n  ")
    );
}

#[test]
fn a_template_has_the_fields_of_an_instance() {
    let of = |kind: &str, before: &str| -> BTreeSet<String> {
        fields(kind)
            .iter()
            .filter_map(|path| path.strip_prefix(before).map(str::to_owned))
            .collect()
    };
    let instance = of("VirtualMachineInstance", "VirtualMachineInstance.spec.");
    assert!(instance.len() > 100);
    for template in TEMPLATES {
        let kind = template.split('.').next().unwrap();
        assert_eq!(of(kind, &format!("{template}spec.")), instance);
    }
}

#[test]
fn identifiers() {
    for (path, expected) in [
        ("a.vmNetworkCIDR", "vm_network_cidr"),
        ("a.obsoleteCPUModels{}", "obsolete_cpu_models"),
        ("a.virtAPI", "virt_api"),
        ("a.dedicatedIOThread", "dedicated_io_thread"),
        ("a.userDataBase64", "user_data_base64"),
        ("a[].type", "type_"),
        ("a.emulatedMachines[]", "emulated_machines"),
    ] {
        assert_eq!(identifier(path), expected);
    }
}
