//! Finding out from a volume which instancetype or preference a VirtualMachine means.
//!
//! Labels on the claim, the DataVolume, the DataSource or the snapshot that a volume comes from say it. [`infer`] is given
//! what was read so far and says what to read next, so that the rules need no API.

use std::collections::BTreeMap;

use kubevirt_api::VirtualMachine;
use serde_json::Value;

/// What is to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The instancetype.
    Instancetype,
    /// The preference.
    Preference,
}

impl Subject {
    /// The label that bears the name; with `-kind` behind it, the one that bears the kind.
    const fn label(self) -> &'static str {
        match self {
            Self::Instancetype => "instancetype.kubevirt.io/default-instancetype",
            Self::Preference => "instancetype.kubevirt.io/default-preference",
        }
    }

    /// The field of a VirtualMachine that names the volume.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Instancetype => "spec.instancetype.inferFromVolume",
            Self::Preference => "spec.preference.inferFromVolume",
        }
    }
}

/// A kind of object that bears the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A PersistentVolumeClaim.
    Claim,
    /// A DataVolume.
    DataVolume,
    /// A DataSource.
    DataSource,
    /// A VolumeSnapshot.
    Snapshot,
}

impl Source {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "PersistentVolumeClaim",
            Self::DataVolume => "DataVolume",
            Self::DataSource => "DataSource",
            Self::Snapshot => "VolumeSnapshot",
        }
    }
}

/// An object that may bear the labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Its kind.
    pub source: Source,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// What matters of an object that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its `spec`.
    pub spec: Value,
}

/// What is known of the objects that were read: nothing of those that do not exist.
pub type Seen = BTreeMap<Reference, Option<Facts>>;

/// How it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read this object.
    Read(Reference),
    /// This is meant; the kind is absent where no label says it.
    Found {
        /// Name of the instancetype or preference.
        name: String,
        /// Its kind.
        kind: Option<String>,
    },
    /// The volume does not say it.
    Unsaid(String),
    /// It cannot be found out.
    Failed(String),
}

/// Objects that are followed from one to the next at most.
const LONGEST: usize = 8;

/// What `volume` of a VirtualMachine says about the subject.
pub fn infer(vm: &VirtualMachine, subject: Subject, volume: &str, seen: &Seen) -> Step {
    let namespace = vm.metadata.namespace.clone().unwrap_or_default();
    let Some(found) = vm
        .spec
        .template
        .spec
        .volumes
        .iter()
        .find(|known| known.name == volume)
    else {
        return Step::Failed(format!(
            "{volume:?} is no volume of the VirtualMachine: name one of spec.template.spec.volumes"
        ));
    };
    let walk = Walk { subject, seen };
    if let Some(claim) = &found.persistent_volume_claim {
        return walk.follow(reference(Source::Claim, &namespace, &claim.claim_name));
    }
    let Some(data_volume) = &found.data_volume else {
        return Step::Unsaid(format!(
            "volume {volume:?} is neither a persistentVolumeClaim nor a dataVolume, which alone can say it"
        ));
    };
    match template(vm, &data_volume.name) {
        Some(facts) => walk.data_volume(&facts, &namespace, &data_volume.name),
        None => walk.follow(reference(Source::DataVolume, &namespace, &data_volume.name)),
    }
}

/// The DataSource that the disk which a guest boots from is made of, when the VirtualMachine makes it of one.
pub fn boot_data_source(vm: &VirtualMachine) -> Option<Reference> {
    let spec = &vm.spec.template.spec;
    let first = spec
        .domain
        .devices
        .disks
        .iter()
        .filter_map(|disk| Some((disk.boot_order?, &disk.name)))
        .min_by_key(|(order, _)| *order)
        .map(|(_, name)| name)
        .or_else(|| spec.volumes.first().map(|volume| &volume.name))?;
    let volume = spec.volumes.iter().find(|volume| volume.name == *first)?;
    let facts = template(vm, &volume.data_volume.as_ref()?.name)?;
    let namespace = vm.metadata.namespace.clone().unwrap_or_default();
    origin(&facts.spec, &namespace).filter(|reference| reference.source == Source::DataSource)
}

/// The DataVolume that the VirtualMachine itself makes under a name.
fn template(vm: &VirtualMachine, name: &str) -> Option<Facts> {
    let template = vm.spec.data_volume_templates.iter().find(|template| {
        template
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.name.as_deref())
            == Some(name)
    })?;
    Some(Facts {
        labels: template
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.labels.clone())
            .unwrap_or_default(),
        spec: serde_json::to_value(&template.spec).unwrap_or_default(),
    })
}

fn reference(source: Source, namespace: &str, name: &str) -> Reference {
    Reference {
        source,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// What a DataVolume or a DataSource, by its `spec`, is made of.
fn origin(spec: &Value, namespace: &str) -> Option<Reference> {
    let named = |source: Source, pointer: &str| {
        let from = spec.pointer(pointer)?;
        let text = |key: &str| from.get(key).and_then(Value::as_str);
        let namespace = text("namespace").filter(|text| !text.is_empty());
        Some(Reference {
            source,
            namespace: namespace.map_or_else(String::new, str::to_owned),
            name: text("name")?.to_owned(),
        })
    };
    let kind = spec.pointer("/sourceRef/kind").and_then(Value::as_str);
    let mut found = named(Source::Claim, "/source/pvc")
        .or_else(|| named(Source::Snapshot, "/source/snapshot"))
        .or_else(|| named(Source::DataSource, "/source/dataSource"))
        .or_else(|| {
            named(Source::DataSource, "/sourceRef").filter(|_| kind == Some("DataSource"))
        })?;
    if found.namespace.is_empty() {
        namespace.clone_into(&mut found.namespace);
    }
    Some(found)
}

struct Walk<'a> {
    subject: Subject,
    seen: &'a Seen,
}

impl Walk<'_> {
    /// Follows the objects from `start` as far as they were read.
    fn follow(&self, start: Reference) -> Step {
        let mut at = start;
        for _ in 0..LONGEST {
            let Some(read) = self.seen.get(&at) else {
                return Step::Read(at);
            };
            let Some(facts) = read else {
                if at.source == Source::DataVolume {
                    // Once it is filled it may be gone; the claim of its name stays.
                    at.source = Source::Claim;
                    continue;
                }
                return Step::Failed(format!(
                    "{} {}/{} does not exist: create it, or name what is meant in place of inferFromVolume",
                    at.source.name(),
                    at.namespace,
                    at.name
                ));
            };
            if let Some(found) = self.said(facts) {
                return found;
            }
            let next = match at.source {
                Source::Claim | Source::Snapshot => None,
                Source::DataVolume | Source::DataSource => origin(&facts.spec, &at.namespace),
            };
            match next {
                Some(next) => at = next,
                None => return self.unsaid(at.source, &at.name),
            }
        }
        Step::Failed(format!(
            "more than {LONGEST} objects lead to one another: name what is meant in place of inferFromVolume"
        ))
    }

    /// A DataVolume of which only the template is known.
    fn data_volume(&self, facts: &Facts, namespace: &str, name: &str) -> Step {
        if let Some(found) = self.said(facts) {
            return found;
        }
        match origin(&facts.spec, namespace) {
            Some(next) => self.follow(next),
            None => self.unsaid(Source::DataVolume, name),
        }
    }

    fn said(&self, facts: &Facts) -> Option<Step> {
        let label = self.subject.label();
        let name = facts.labels.get(label).filter(|name| !name.is_empty())?;
        Some(Step::Found {
            name: name.clone(),
            kind: facts.labels.get(&format!("{label}-kind")).cloned(),
        })
    }

    fn unsaid(&self, source: Source, name: &str) -> Step {
        Step::Unsaid(format!(
            "{} {name} has no label {}: label it, or name what is meant in place of inferFromVolume",
            source.name(),
            self.subject.label()
        ))
    }
}
