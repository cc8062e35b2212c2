//! Features that the settings switch on and off by name.

use std::collections::BTreeSet;

/// Mounts the images of containerDisks instead of copying them. On by default.
pub const IMAGE_VOLUME: &str = "ImageVolume";

/// Features that this version looks at, and whether they are on when the settings do not name them.
const KNOWN: [(&str, bool); 1] = [(IMAGE_VOLUME, true)];

/// Which features are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    enabled: BTreeSet<String>,
    disabled: BTreeSet<String>,
}

impl Features {
    /// The features named in `featureGates` and `disabledFeatureGates`.
    pub fn new(enabled: &[String], disabled: &[String]) -> Self {
        Self {
            enabled: enabled.iter().cloned().collect(),
            disabled: disabled.iter().cloned().collect(),
        }
    }

    /// Whether a feature is on: featureGates win over disabledFeatureGates, and these over the default.
    pub fn is_on(&self, name: &str) -> bool {
        if self.enabled.contains(name) {
            return true;
        }
        !self.disabled.contains(name) && KNOWN.iter().any(|(known, on)| *known == name && *on)
    }

    /// Whether this version does anything with a feature.
    pub(super) fn is_known(name: &str) -> bool {
        KNOWN.iter().any(|(known, _)| *known == name)
    }
}
