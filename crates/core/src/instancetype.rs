//! Instancetypes and preferences: how they complete the template of a VirtualMachine.
//!
//! An instancetype decides: what it says and the template says too is a [`Conflict`]. A preference fills in: it gives values
//! to what neither the template nor the instancetype says. Everything here is a function of what was looked up before;
//! [`infer`](infer::infer) says what to look up next.

mod apply;
mod conflict;
mod expand;
pub mod infer;
mod matcher;
mod names;
mod policy;
mod preference;
mod requirements;
mod revision;
mod topology;

#[cfg(test)]
mod tests;

pub use conflict::Conflict;
pub use expand::{expand, expand_instance};
pub use matcher::{Kind, Matcher, UnknownKind, is_named, stale_revisions};
pub use policy::{is_to_be_expanded, written_out};
pub use requirements::check as check_requirements;
pub use revision::{
    UnreadableRevision, Wanted, controller_revision, specification, status_reference, wanted,
};

use kubevirt_api::{VirtualMachineInstancetypeSpec, VirtualMachinePreferenceSpec};

/// What a VirtualMachine names, looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The instancetype.
    pub instancetype: Option<Chosen<VirtualMachineInstancetypeSpec>>,
    /// The preference.
    pub preference: Option<Chosen<VirtualMachinePreferenceSpec>>,
}

impl Selection {
    /// The instancetype's specification.
    pub fn instancetype_spec(&self) -> Option<&VirtualMachineInstancetypeSpec> {
        self.instancetype.as_ref().map(|chosen| &chosen.spec)
    }

    /// The preference's specification.
    pub fn preference_spec(&self) -> Option<&VirtualMachinePreferenceSpec> {
        self.preference.as_ref().map(|chosen| &chosen.spec)
    }
}

/// An instancetype or a preference that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen<T> {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it says.
    pub spec: T,
}
