use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;

use crate::layout::Layout;

/// What went wrong, for the person who reads the VM: which disk or daemon, what happened, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) subject: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            message: message.into(),
        }
    }

    /// Writes it to the log and to where Kubernetes takes a container's last message from.
    pub(crate) fn report(&self, layout: &Layout) {
        eprintln!("virt-launcher: {self}");
        let file = OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(layout.termination_log());
        if let Ok(mut file) = file {
            // The log has it already.
            let _ = write!(file, "{self}");
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.message)
    }
}
