//! Faults and the paths of the fields that they are about.

use std::fmt::Display;

/// Kind of a fault, in the words of Kubernetes' status causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultReason {
    /// Something is missing.
    FieldValueRequired,
    /// A value breaks a rule.
    FieldValueInvalid,
    /// A value is not one of those allowed.
    FieldValueNotSupported,
    /// A value that must be unique is not.
    FieldValueDuplicate,
    /// Something that is named does not exist.
    FieldValueNotFound,
}

impl FaultReason {
    /// The text in a status cause.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FieldValueRequired => "FieldValueRequired",
            Self::FieldValueInvalid => "FieldValueInvalid",
            Self::FieldValueNotSupported => "FieldValueNotSupported",
            Self::FieldValueDuplicate => "FieldValueDuplicate",
            Self::FieldValueNotFound => "FieldValueNotFound",
        }
    }
}

/// One thing that is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the field, for example `spec.template.spec.domain.devices.disks[0].disk.bus`.
    pub field: String,
    /// Kind of the fault.
    pub reason: FaultReason,
    /// The rule and what to do, for the user.
    pub message: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Path of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// The path that a text means.
    pub fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// A field of the object at this path.
    pub fn field(&self, name: &str) -> Self {
        Self(if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.0)
        })
    }

    /// An item of the list at this path.
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The value of a key of the map at this path.
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds that something is missing.
    pub fn required(&mut self, path: &Path, message: impl Into<String>) {
        self.add(path, FaultReason::FieldValueRequired, message.into());
    }

    /// Adds that a value breaks a rule.
    pub fn invalid(&mut self, path: &Path, message: impl Into<String>) {
        self.add(path, FaultReason::FieldValueInvalid, message.into());
    }

    /// Adds that a value is not one of those allowed.
    pub fn not_supported(&mut self, path: &Path, message: impl Into<String>) {
        self.add(path, FaultReason::FieldValueNotSupported, message.into());
    }

    /// Adds that a value that must be unique is not.
    pub fn duplicate(&mut self, path: &Path, message: impl Into<String>) {
        self.add(path, FaultReason::FieldValueDuplicate, message.into());
    }

    /// Adds that something that is named does not exist.
    pub fn not_found(&mut self, path: &Path, message: impl Into<String>) {
        self.add(path, FaultReason::FieldValueNotFound, message.into());
    }

    /// Adds a fault unless the value is absent or one of those allowed.
    pub fn one_of(&mut self, path: &Path, value: Option<&str>, allowed: &[&str]) {
        let Some(value) = value.filter(|value| !allowed.contains(value)) else {
            return;
        };
        let names: Vec<_> = allowed
            .iter()
            .copied()
            .filter(|name| !name.is_empty())
            .collect();
        self.not_supported(
            path,
            format!(
                "{value:?} is not supported: use one of {}",
                names.join(", ")
            ),
        );
    }

    /// The faults, in the order in which they were found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    fn add(&mut self, path: &Path, reason: FaultReason, message: String) {
        self.0.push(Fault {
            field: path.to_string(),
            reason,
            message,
        });
    }
}
