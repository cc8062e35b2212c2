//! Features that the settings switch on and off by the name of their gate.

use std::collections::BTreeSet;

use super::gate::{Gate, State};

/// Which features are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    enabled: BTreeSet<Gate>,
    disabled: BTreeSet<Gate>,
}

impl Features {
    /// The features named in `featureGates` and `disabledFeatureGates`. Names of no gate have no effect.
    pub fn new(enabled: &[String], disabled: &[String]) -> Self {
        let gates = |names: &[String]| names.iter().filter_map(|name| Gate::parse(name)).collect();
        Self {
            enabled: gates(enabled),
            disabled: gates(disabled),
        }
    }

    /// Whether a feature is on: what is always on or gone stays so, then `featureGates` win over `disabledFeatureGates`,
    /// and these over the default.
    pub fn is_on(&self, gate: Gate) -> bool {
        match gate.state() {
            State::Ga => true,
            State::Discontinued => false,
            _ if self.enabled.contains(&gate) => true,
            _ if self.disabled.contains(&gate) => false,
            state => state == State::Beta,
        }
    }

    /// What to do to have a feature on that is not; the end of a message.
    pub fn remedy(&self, gate: Gate) -> String {
        let name = gate.name();
        if self.disabled.contains(&gate) {
            format!("have {name} taken out of the settings' disabledFeatureGates")
        } else {
            format!("have {name} added to the settings' featureGates")
        }
    }
}

/// What about the name of a gate in one of the two lists deserves a word.
pub(super) fn warning(field: &str, name: &str) -> Option<String> {
    let Some(gate) = Gate::parse(name) else {
        let near = Gate::near(name).map_or_else(
            || "take it out, or see whether it is spelt right".to_owned(),
            |near| format!("did you mean {}?", near.name()),
        );
        return Some(format!(
            "{field}: there is no feature gate {name:?}: {near}"
        ));
    };
    match gate.state() {
        State::Alpha | State::Beta => None,
        State::Ga => Some(format!(
            "{field}: the feature of gate {name} is always on: take the name out"
        )),
        State::Deprecated => Some(format!(
            "{field}: feature gate {name} is deprecated and will go: {}",
            gate.about()
        )),
        State::Discontinued => Some(format!(
            "{field}: the feature of gate {name} is gone: take the name out ({})",
            gate.about()
        )),
    }
}
