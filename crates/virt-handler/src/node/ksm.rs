//! Merging of equal pages (kernel samepage merging) on the nodes that the settings choose.

use std::collections::BTreeMap;
use std::path::Path;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt};

/// The kernel's switch: `1` merges, `0` stops and keeps what is merged.
pub(super) const SWITCH: &str = "/sys/kernel/mm/ksm/run";

/// How a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merging {
    /// The kernel merges.
    pub(super) enabled: bool,
    /// virt-handler switched it on, and so may switch it off.
    pub(super) managed: bool,
}

/// Whether the settings choose a node with `labels`. A selector that makes no sense chooses none.
pub(super) fn chosen(selector: Option<&LabelSelector>, labels: &BTreeMap<String, String>) -> bool {
    let Some(selector) = selector else {
        return false;
    };
    match Selector::try_from(selector.clone()) {
        Ok(selector) => selector.matches(labels),
        Err(error) => {
            tracing::warn!(%error, "spec.configuration.ksmConfiguration.nodeLabelSelector of the KubeVirt object chooses no node");
            false
        }
    }
}

/// Brings the kernel's `switch` to what is `wanted`. `managed`: virt-handler had switched it on. What an administrator switched
/// on stays on.
pub(super) fn apply(switch: &Path, wanted: bool, managed: bool) -> Merging {
    let enabled = enabled(switch);
    let turn = match (wanted, enabled, managed) {
        (true, false, _) => Some("1"),
        (false, true, true) => Some("0"),
        _ => None,
    };
    let Some(text) = turn else {
        return Merging {
            enabled,
            managed: managed && enabled && wanted,
        };
    };
    match std::fs::write(switch, text) {
        Ok(()) => Merging {
            enabled: wanted,
            managed: wanted,
        },
        Err(error) => {
            tracing::warn!(%error, switch = %switch.display(), wanted, "cannot switch the merging of equal pages");
            Merging { enabled, managed }
        }
    }
}

fn enabled(switch: &Path) -> bool {
    std::fs::read_to_string(switch).is_ok_and(|text| text.trim() == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> BTreeMap<String, String> {
        BTreeMap::from([("memory".to_owned(), "scarce".to_owned())])
    }

    fn selector(value: &str) -> LabelSelector {
        LabelSelector {
            match_labels: Some(BTreeMap::from([("memory".to_owned(), value.to_owned())])),
            ..LabelSelector::default()
        }
    }

    #[test]
    fn a_selector_chooses_by_labels_an_empty_one_all_none_nothing() {
        assert!(chosen(Some(&selector("scarce")), &labels()));
        assert!(!chosen(Some(&selector("plenty")), &labels()));
        assert!(chosen(Some(&LabelSelector::default()), &labels()));
        assert!(!chosen(None, &labels()));
    }

    #[test]
    fn only_what_virt_handler_switched_on_is_switched_off() {
        let folder = tempfile::tempdir().unwrap();
        let switch = folder.path().join("run");
        for (before, wanted, managed, after, expected) in [
            ("0", true, false, "1", (true, true)),
            ("1", false, true, "0", (false, false)),
            ("1", false, false, "1", (true, false)),
            ("1", true, false, "1", (true, false)),
            ("1", true, true, "1", (true, true)),
            ("0", false, true, "0", (false, false)),
        ] {
            std::fs::write(&switch, format!("{before}\n")).unwrap();
            let merging = apply(&switch, wanted, managed);
            let text = std::fs::read_to_string(&switch).unwrap();
            let case = (before, wanted, managed);
            assert_eq!((merging.enabled, merging.managed), expected, "{case:?}");
            assert_eq!(text.trim(), after, "{case:?}");
        }
    }

    #[test]
    fn a_kernel_without_merging_is_no_failure() {
        let merging = apply(Path::new("/nonexistent/run"), true, false);
        assert_eq!((merging.enabled, merging.managed), (false, false));
    }
}
