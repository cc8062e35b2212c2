//! The answer: what state the machine is in, the first cause, the remedy, and the way there.

use serde::Serialize;

/// How the machine stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub(crate) enum State {
    /// The guest runs.
    Running,
    /// The guest is there, and its processors stand still.
    Paused,
    /// It is on its way, and nothing is wrong.
    Waiting,
    /// Something is in its way. It goes on when that is removed.
    Blocked,
    /// It does not run, and nobody wants it to.
    Stopped,
    /// It ended with a failure, and does not start again by itself.
    Failed,
    /// There is no such machine.
    NotFound,
}

impl State {
    /// Whether nothing will change without somebody's doing.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Failed | Self::NotFound)
    }
}

/// What one rule has found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    /// How the machine stands.
    pub(crate) state: State,
    /// A word for programs.
    pub(crate) cause: &'static str,
    /// One line that says it all, after the machine's name.
    pub(crate) summary: String,
    /// What is behind it.
    pub(crate) explanation: String,
    /// What to do, a line each. Commands begin with `$ `.
    pub(crate) remedy: Vec<String>,
}

impl Finding {
    pub(crate) fn new(state: State, cause: &'static str, summary: impl Into<String>) -> Self {
        Self {
            state,
            cause,
            summary: summary.into(),
            explanation: String::new(),
            remedy: Vec::new(),
        }
    }

    /// Adds a sentence to the explanation.
    #[must_use]
    pub(crate) fn because(mut self, text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        if !text.is_empty() {
            if !self.explanation.is_empty() {
                self.explanation.push_str("; ");
            }
            self.explanation.push_str(text);
        }
        self
    }

    /// Adds a line to the remedy.
    #[must_use]
    pub(crate) fn remedy(mut self, line: impl Into<String>) -> Self {
        self.remedy.push(line.into());
        self
    }
}

/// The whole answer, as `-o json` prints it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Diagnosis {
    /// The machine's namespace.
    pub(crate) namespace: String,
    /// The machine's name.
    pub(crate) name: String,
    /// How the machine stands.
    pub(crate) state: State,
    /// A word for programs.
    pub(crate) cause: &'static str,
    /// One line that says it all.
    pub(crate) summary: String,
    /// What is behind it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) explanation: String,
    /// What to do, a line each. Commands begin with `$ `.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) remedy: Vec<String>,
    /// The objects from the VirtualMachine down to where the cause was found, with what each says.
    pub(crate) chain: Vec<Link>,
    /// What could not be looked at, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hidden: Vec<String>,
}

/// One object on the way to the cause.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Link {
    /// Kind and name.
    pub(crate) object: String,
    /// What it says.
    pub(crate) says: String,
}
