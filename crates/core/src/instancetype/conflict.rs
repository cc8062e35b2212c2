//! What an instancetype decides and a VirtualMachine says too.

use crate::validation::{Fault, FaultReason};

/// A field of a VirtualMachine that its instancetype decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Path of the field, for example `spec.template.spec.domain.cpu.sockets`.
    pub field: String,
}

impl Conflict {
    /// A field of the template, named by its path below `spec.template`.
    pub(super) fn of_template(path: &str) -> Self {
        Self {
            field: format!("spec.template.{path}"),
        }
    }
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Scripts look for these words.
        write!(
            f,
            "VM field(s) {} conflicts with selected instance type: take the field out, or do not name an instance type",
            self.field
        )
    }
}

impl From<Conflict> for Fault {
    fn from(conflict: Conflict) -> Self {
        Self {
            message: conflict.to_string(),
            field: conflict.field,
            reason: FaultReason::FieldValueInvalid,
        }
    }
}
