//! Why a VirtualMachineInstance has no domain XML.

/// What is wrong, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Error {
    /// The field of the VirtualMachineInstance, for example `spec.domain.memory.guest`, or of the domain XML.
    pub field: String,
    /// What happened and what to do.
    pub message: String,
}

impl Error {
    /// An error of a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}
