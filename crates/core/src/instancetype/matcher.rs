//! Which kind a matcher means.

use kubevirt_api::{InstancetypeStatusRef, VirtualMachine};

use crate::validation::{Fault, FaultReason};

/// A kind that a matcher can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An instancetype of a namespace.
    Instancetype,
    /// An instancetype of the cluster.
    ClusterInstancetype,
    /// A preference of a namespace.
    Preference,
    /// A preference of the cluster.
    ClusterPreference,
}

/// A kind that no matcher can name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no kind of {what}: use {namespaced} or {cluster}")]
pub struct UnknownKind {
    given: String,
    what: &'static str,
    namespaced: &'static str,
    cluster: &'static str,
}

impl Kind {
    /// The kind that the matcher of an instancetype means: that of the cluster when it says none.
    ///
    /// # Errors
    /// When it is another kind.
    pub fn of_instancetype(given: Option<&str>) -> Result<Self, UnknownKind> {
        Self::of(
            given,
            "instancetype",
            Self::Instancetype,
            Self::ClusterInstancetype,
        )
    }

    /// The kind that the matcher of a preference means: that of the cluster when it says none.
    ///
    /// # Errors
    /// When it is another kind.
    pub fn of_preference(given: Option<&str>) -> Result<Self, UnknownKind> {
        Self::of(
            given,
            "preference",
            Self::Preference,
            Self::ClusterPreference,
        )
    }

    fn of(
        given: Option<&str>,
        what: &'static str,
        namespaced: Self,
        cluster: Self,
    ) -> Result<Self, UnknownKind> {
        let given = given.unwrap_or_default();
        if given.is_empty() {
            return Ok(cluster);
        }
        let lower = given.to_lowercase();
        [namespaced, cluster]
            .into_iter()
            .find(|kind| lower == kind.plural() || lower == kind.name().to_lowercase())
            .ok_or_else(|| UnknownKind {
                given: given.to_owned(),
                what,
                namespaced: namespaced.name(),
                cluster: cluster.name(),
            })
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instancetype => "VirtualMachineInstancetype",
            Self::ClusterInstancetype => "VirtualMachineClusterInstancetype",
            Self::Preference => "VirtualMachinePreference",
            Self::ClusterPreference => "VirtualMachineClusterPreference",
        }
    }

    /// Its name in URLs.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Instancetype => "virtualmachineinstancetypes",
            Self::ClusterInstancetype => "virtualmachineclusterinstancetypes",
            Self::Preference => "virtualmachinepreferences",
            Self::ClusterPreference => "virtualmachineclusterpreferences",
        }
    }

    /// Whether its objects are in namespaces.
    pub const fn is_namespaced(self) -> bool {
        matches!(self, Self::Instancetype | Self::Preference)
    }
}

/// Whether a VirtualMachine names an instancetype or a preference. The others cost nothing.
pub fn is_named(vm: &VirtualMachine) -> bool {
    vm.spec.instancetype.is_some() || vm.spec.preference.is_some()
}

/// What a VirtualMachine names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// Kind of the object.
    pub kind: Kind,
    /// Name of the object.
    pub name: String,
    /// The revision that the user wants, if any.
    pub revision: Option<String>,
}

impl Matcher {
    /// The instancetype that a VirtualMachine names.
    ///
    /// # Errors
    /// When its kind is no kind of instancetype.
    pub fn instancetype(vm: &VirtualMachine) -> Result<Option<Self>, UnknownKind> {
        let Some(matcher) = &vm.spec.instancetype else {
            return Ok(None);
        };
        let kind = Kind::of_instancetype(matcher.kind.as_deref())?;
        Ok(Some(Self::new(kind, &matcher.name, &matcher.revision_name)))
    }

    /// The preference that a VirtualMachine names.
    ///
    /// # Errors
    /// When its kind is no kind of preference.
    pub fn preference(vm: &VirtualMachine) -> Result<Option<Self>, UnknownKind> {
        let Some(matcher) = &vm.spec.preference else {
            return Ok(None);
        };
        let kind = Kind::of_preference(matcher.kind.as_deref())?;
        Ok(Some(Self::new(kind, &matcher.name, &matcher.revision_name)))
    }

    fn new(kind: Kind, name: &Option<String>, revision: &Option<String>) -> Self {
        Self {
            kind,
            name: name.clone().unwrap_or_default(),
            revision: revision.clone().filter(|name| !name.is_empty()),
        }
    }

    /// The revision to read: that which is wanted, or that which was kept when the object was first named.
    pub fn revision_to_read<'a>(
        &'a self,
        kept: Option<&'a InstancetypeStatusRef>,
    ) -> Option<&'a str> {
        self.revision.as_deref().or_else(|| self.kept(kept))
    }

    /// The revision that the status of the VirtualMachine names for the same object.
    pub(super) fn kept<'a>(&self, kept: Option<&'a InstancetypeStatusRef>) -> Option<&'a str> {
        let kept = kept.filter(|kept| {
            kept.name.as_deref() == Some(self.name.as_str())
                && kept.kind.as_deref() == Some(self.kind.name())
        })?;
        let name = kept.controller_revision_ref.as_ref()?.name.as_deref()?;
        (!name.is_empty()).then_some(name)
    }
}

/// What is wrong with a change of what a VirtualMachine names: a revision that the user chose is one of the object of before.
pub fn stale_revisions(old: &VirtualMachine, new: &VirtualMachine) -> Vec<Fault> {
    let instancetype = |vm: &VirtualMachine| Matcher::instancetype(vm).ok().flatten();
    let preference = |vm: &VirtualMachine| Matcher::preference(vm).ok().flatten();
    [
        ("spec.instancetype", instancetype(old), instancetype(new)),
        ("spec.preference", preference(old), preference(new)),
    ]
    .into_iter()
    .filter_map(|(field, old, new)| {
        let (old, new) = (old?, new?);
        let stale = new.name != old.name && new.revision.is_some() && new.revision == old.revision;
        stale.then(|| Fault {
            field: format!("{field}.revisionName"),
            reason: FaultReason::FieldValueInvalid,
            message: format!(
                "is a revision of {:?}, and {:?} is named now: take it out, or name a revision of that",
                old.name, new.name
            ),
        })
    })
    .collect()
}
