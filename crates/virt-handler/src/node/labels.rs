//! The node's labels made from its capabilities, and the difference to what is there. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::capabilities::Capabilities;

/// Labels by key.
pub(super) type Labels = BTreeMap<String, String>;

/// A node with this annotation keeps the labels it has.
pub(super) const SKIP_ANNOTATION: &str = "node-labeller.kubevirt.io/skip-node";

/// Set when the host's model is among the obsolete ones.
const OBSOLETE_HOST_MODEL: &str = "node-labeller.kubevirt.io/obsolete-host-model";

/// Prefixes under which virt-handler owns every label, so that stale ones are removed.
const OWN_PREFIXES: [&str; 10] = [
    "cpu-model.node.kubevirt.io/",
    "cpu-model-migration.node.kubevirt.io/",
    "cpu-feature.node.kubevirt.io/",
    "host-model-cpu.node.kubevirt.io/",
    "host-model-required-features.node.kubevirt.io/",
    "cpu-vendor.node.kubevirt.io/",
    "cpu-timer.node.kubevirt.io/",
    "scheduling.node.kubevirt.io/",
    "machine-type.node.kubevirt.io/",
    "hyperv.node.kubevirt.io/",
];

/// The labels of Hyper-V's interfaces, by libvirt's word for what a guest must be able to have for each.
const HYPERV: [(&str, &[&str]); 11] = [
    ("vpindex", &["vpindex"]),
    ("runtime", &["runtime"]),
    // QEMU offers the interrupt controller in its second version only.
    ("synic", &["synic", "synic2"]),
    ("stimer", &["synictimer"]),
    ("reset", &["reset"]),
    ("frequencies", &["frequencies"]),
    ("reenlightenment", &["reenlightenment"]),
    ("tlbflush", &["tlbflush"]),
    ("ipi", &["ipi"]),
    // What every KVM has that has Hyper-V's interfaces at all; the clock came with the first of them.
    ("relaxed", &["base"]),
    ("vapic", &["time"]),
];

/// Models too old to be offered, unless the configuration names its own set.
const OBSOLETE_MODELS: [&str; 17] = [
    "486",
    "pentium",
    "pentium2",
    "pentium3",
    "pentiumpro",
    "coreduo",
    "n270",
    "core2duo",
    "Conroe",
    "athlon",
    "phenom",
    "qemu64",
    "qemu32",
    "kvm64",
    "kvm32",
    "Opteron_G1",
    "Opteron_G2",
];

/// The models that are not offered: `configured` when it names any, else the default set; with their first versions.
pub(super) fn obsolete(configured: &BTreeMap<String, bool>) -> BTreeSet<String> {
    let named: Vec<&str> = if configured.is_empty() {
        OBSOLETE_MODELS.to_vec()
    } else {
        configured
            .iter()
            .filter(|(_, obsolete)| **obsolete)
            .map(|(name, _)| name.as_str())
            .collect()
    };
    named
        .iter()
        .flat_map(|name| [(*name).to_owned(), format!("{name}-v1")])
        .collect()
}

/// The labels that `found` calls for. `kvm`: guests run with hardware virtualization.
pub(super) fn wanted(found: &Capabilities, obsolete: &BTreeSet<String>, kvm: bool) -> Labels {
    let mut labels = Labels::new();
    let mut add = |prefix: &str, name: &str| {
        if is_label_name(name) {
            labels.insert(format!("{prefix}/{name}"), "true".to_owned());
        }
    };
    for model in found
        .models
        .iter()
        .filter(|model| !obsolete.contains(&model.name))
    {
        // A guest of host-model migrates to any node that knows its model; one that names its model needs it usable.
        add("cpu-model-migration.node.kubevirt.io", &model.name);
        if model.usable {
            add("cpu-model.node.kubevirt.io", &model.name);
        }
    }
    for feature in found
        .features
        .union(&found.required_features)
        .filter(|name| !found.disabled_features.contains(*name))
    {
        add("cpu-feature.node.kubevirt.io", feature);
    }
    if let Some(model) = &found.host_model {
        add("host-model-cpu.node.kubevirt.io", model);
        for feature in &found.required_features {
            add("host-model-required-features.node.kubevirt.io", feature);
        }
        if obsolete.contains(model) {
            add("node-labeller.kubevirt.io", "obsolete-host-model");
        }
    }
    if let Some(vendor) = &found.vendor {
        add("cpu-vendor.node.kubevirt.io", vendor);
    }
    for machine in &found.machines {
        add("machine-type.node.kubevirt.io", machine);
    }
    // QEMU's emulation has none of them worth the name.
    if kvm {
        let names = HYPERV
            .iter()
            .filter(|(interface, _)| found.hyperv.contains(*interface))
            .flat_map(|(_, names)| *names);
        for name in names {
            add("hyperv.node.kubevirt.io", name);
        }
    }
    if let Some(tsc) = found.tsc {
        add(
            "scheduling.node.kubevirt.io",
            &format!("tsc-frequency-{}", tsc.frequency),
        );
        labels.insert(
            "cpu-timer.node.kubevirt.io/tsc-frequency".to_owned(),
            tsc.frequency.to_string(),
        );
        labels.insert(
            "cpu-timer.node.kubevirt.io/tsc-scalable".to_owned(),
            tsc.scalable.to_string(),
        );
    }
    labels
}

/// What must change for `current` to become `wanted`: a new value, or None for a label to be removed. Labels of others stay.
pub(super) fn difference(current: &Labels, wanted: &Labels) -> BTreeMap<String, Option<String>> {
    let stale = current
        .keys()
        .filter(|key| is_own(key) && !wanted.contains_key(*key))
        .map(|key| (key.clone(), None));
    let new = wanted
        .iter()
        .filter(|(key, value)| current.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), Some(value.clone())));
    stale.chain(new).collect()
}

/// Those labels of a node that virt-handler makes from capabilities.
pub(super) fn own(current: &Labels) -> Labels {
    current
        .iter()
        .filter(|(key, _)| is_own(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Whether a label is one that virt-handler makes from capabilities.
fn is_own(key: &str) -> bool {
    OWN_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || key == OBSOLETE_HOST_MODEL
}

/// Whether Kubernetes accepts `name` as the part of a label's key after the slash.
fn is_label_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    (1..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| plain(byte) || matches!(byte, b'-' | b'_' | b'.'))
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::capabilities::{Model, Tsc};

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn labels_as_upstream_shows_them() {
        let model = |name: &str, usable| Model {
            name: name.to_owned(),
            usable,
        };
        let found = Capabilities {
            models: vec![
                model("Penryn", true),
                model("Haswell", false),
                model("qemu64", true),
                model("qemu64-v1", true),
            ],
            host_model: Some("EPYC".to_owned()),
            vendor: Some("AMD".to_owned()),
            required_features: names(&["acpi", "bad name"]),
            disabled_features: names(&["vme"]),
            features: names(&["fpu", "vme"]),
            machines: names(&["q35"]),
            tsc: Some(Tsc {
                frequency: 5,
                scalable: false,
            }),
            hyperv: names(&["relaxed", "spinlocks", "synic", "vpindex"]),
        };
        let labels = wanted(&found, &obsolete(&BTreeMap::new()), false);
        let lines: Vec<String> = labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(
            lines,
            [
                "cpu-feature.node.kubevirt.io/acpi=true",
                "cpu-feature.node.kubevirt.io/fpu=true",
                "cpu-model-migration.node.kubevirt.io/Haswell=true",
                "cpu-model-migration.node.kubevirt.io/Penryn=true",
                "cpu-model.node.kubevirt.io/Penryn=true",
                "cpu-timer.node.kubevirt.io/tsc-frequency=5",
                "cpu-timer.node.kubevirt.io/tsc-scalable=false",
                "cpu-vendor.node.kubevirt.io/AMD=true",
                "host-model-cpu.node.kubevirt.io/EPYC=true",
                "host-model-required-features.node.kubevirt.io/acpi=true",
                "machine-type.node.kubevirt.io/q35=true",
                "scheduling.node.kubevirt.io/tsc-frequency-5=true",
            ]
        );
    }

    #[test]
    fn hyperv_is_labelled_where_guests_have_kvm() {
        let found = Capabilities {
            hyperv: names(&["relaxed", "spinlocks", "stimer", "synic", "vapic"]),
            ..Capabilities::default()
        };
        let labelled = |kvm| {
            wanted(&found, &BTreeSet::new(), kvm)
                .into_keys()
                .collect::<Vec<_>>()
        };
        assert!(labelled(false).is_empty());
        assert_eq!(
            labelled(true),
            ["base", "synic", "synic2", "synictimer", "time"]
                .map(|name| format!("hyperv.node.kubevirt.io/{name}"))
        );
    }

    #[test]
    fn only_own_labels_change_and_only_when_they_differ() {
        let labels = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<Labels>()
        };
        let current = labels(&[
            ("kubernetes.io/hostname", "node1"),
            ("cpu-model.node.kubevirt.io/Old", "true"),
            ("cpu-model.node.kubevirt.io/Penryn", "true"),
            ("kubevirt.io/schedulable", "false"),
        ]);
        let wanted = labels(&[
            ("cpu-model.node.kubevirt.io/Penryn", "true"),
            ("kubevirt.io/schedulable", "true"),
        ]);
        let changes = difference(&current, &wanted);
        assert_eq!(
            changes.into_iter().collect::<Vec<_>>(),
            [
                ("cpu-model.node.kubevirt.io/Old".to_owned(), None),
                (
                    "kubevirt.io/schedulable".to_owned(),
                    Some("true".to_owned())
                )
            ]
        );
        assert!(difference(&wanted, &wanted).is_empty());
    }

    #[test]
    fn a_configured_obsolete_set_replaces_the_default() {
        let set = obsolete(&BTreeMap::from([
            ("Haswell".to_owned(), true),
            ("Nehalem".to_owned(), false),
        ]));
        assert_eq!(set, names(&["Haswell", "Haswell-v1"]));
    }
}
