//! What the flags of `adm log-verbosity` say, and the patch that makes it so.

use anyhow::{bail, ensure};
use serde_json::{Map, Value, json};

/// The components: the name of the flag and the key in the KubeVirt object, sorted.
pub(super) const COMPONENTS: [(&str, &str); 5] = [
    ("virt-api", "virtAPI"),
    ("virt-controller", "virtController"),
    ("virt-handler", "virtHandler"),
    ("virt-launcher", "virtLauncher"),
    ("virt-operator", "virtOperator"),
];
/// What a component has that is not told otherwise.
const DEFAULT: u64 = 2;
/// The value of a flag without one: show.
const SHOW: u8 = 10;
/// Where it is in the KubeVirt object.
const PARENTS: [&str; 2] = [
    "/spec/configuration",
    "/spec/configuration/developerConfiguration",
];
const PLACE: &str = "/spec/configuration/developerConfiguration/logVerbosity";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Print these components' verbosity.
    Show(Vec<&'static str>),
    /// Set components, after taking back all that was set with `reset`.
    Change {
        reset: bool,
        values: Vec<(&'static str, u8)>,
    },
}

impl Plan {
    /// Reads the flags; `components` in the order of [`COMPONENTS`].
    pub(super) fn read(
        all: Option<u8>,
        components: [Option<u8>; 5],
        reset: bool,
    ) -> anyhow::Result<Self> {
        let mut shown = Vec::new();
        let mut values = Vec::new();
        for ((flag, key), own) in COMPONENTS.into_iter().zip(components) {
            match own.or(all) {
                Some(SHOW) => shown.push(flag),
                Some(value) => values.push((key, value)),
                None => {}
            }
        }
        ensure!(
            shown.is_empty() || (values.is_empty() && !reset),
            "only show or set is allowed: a flag without a value shows, one with a value sets"
        );
        if shown.is_empty() && values.is_empty() && !reset {
            bail!(
                "no flag specified - expecting at least one flag, such as --all to show or --virt-handler=5 to set"
            );
        }
        Ok(if shown.is_empty() {
            Self::Change { reset, values }
        } else {
            Self::Show(shown)
        })
    }
}

/// What a component's verbosity is.
pub(super) fn of_component(installation: &Value, flag: &str) -> u64 {
    let key = COMPONENTS
        .iter()
        .find(|(name, _)| *name == flag)
        .map_or("", |(_, key)| key);
    installation
        .pointer(PLACE)
        .and_then(|set| set.get(key))
        .and_then(Value::as_u64)
        .filter(|value| *value > 0)
        .unwrap_or(DEFAULT)
}

/// The JSON patch; none when everything is as it should be. Verbosities of single nodes stay, as no flag is about them.
pub(super) fn patch(
    installation: &Value,
    reset: bool,
    values: &[(&'static str, u8)],
) -> Option<Value> {
    let old = installation.pointer(PLACE).and_then(Value::as_object);
    let mut new: Map<String, Value> = old.cloned().unwrap_or_default();
    if reset {
        new.retain(|key, _| !COMPONENTS.iter().any(|(_, component)| component == key));
    }
    for (key, value) in values {
        new.insert((*key).to_owned(), (*value).into());
    }
    if old.cloned().unwrap_or_default() == new {
        return None;
    }
    let mut operations: Vec<Value> = PARENTS
        .into_iter()
        .filter(|parent| installation.pointer(parent).is_none())
        .map(|parent| json!({"op": "add", "path": parent, "value": {}}))
        .collect();
    // What others changed meanwhile is not undone.
    if let Some(old) = old {
        operations.push(json!({"op": "test", "path": PLACE, "value": old}));
    }
    operations.push(json!({"op": "add", "path": PLACE, "value": new}));
    Some(operations.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_flag_shows_and_one_with_a_value_sets() {
        let none = [None; 5];
        let first = |value| [Some(value), None, None, None, None];
        assert_eq!(
            Plan::read(None, first(10), false).unwrap(),
            Plan::Show(vec!["virt-api"])
        );
        let Plan::Show(all) = Plan::read(Some(10), none, false).unwrap() else {
            panic!("shows")
        };
        assert_eq!(all.len(), 5);
        assert_eq!(
            Plan::read(None, first(3), true).unwrap(),
            Plan::Change {
                reset: true,
                values: vec![("virtAPI", 3)]
            }
        );
        let Plan::Change { values, .. } = Plan::read(Some(1), first(4), false).unwrap() else {
            panic!("sets")
        };
        assert_eq!(values[0], ("virtAPI", 4));
        assert_eq!(values[4], ("virtOperator", 1));
        assert!(Plan::read(None, none, false).is_err());
        assert!(Plan::read(Some(10), first(3), false).is_err());
        assert!(Plan::read(Some(10), none, true).is_err());
    }

    #[test]
    fn the_patch_adds_what_is_missing_and_leaves_the_nodes() {
        let bare = json!({"spec": {}});
        let operations = patch(&bare, false, &[("virtAPI", 3)]).unwrap();
        assert_eq!(
            operations,
            json!([
                {"op": "add", "path": "/spec/configuration", "value": {}},
                {"op": "add", "path": "/spec/configuration/developerConfiguration", "value": {}},
                {"op": "add", "path": PLACE, "value": {"virtAPI": 3}},
            ])
        );
        let full = json!({"spec": {"configuration": {"developerConfiguration": {"logVerbosity":
            {"virtAPI": 3, "virtHandler": 4, "nodeVerbosity": {"n": 5}}}}}});
        let operations = patch(&full, true, &[("virtHandler", 1)]).unwrap();
        assert_eq!(operations[0]["op"], "test");
        assert_eq!(
            operations[1]["value"],
            json!({"virtHandler": 1, "nodeVerbosity": {"n": 5}})
        );
        assert_eq!(patch(&full, false, &[("virtAPI", 3)]), None);
        assert_eq!(patch(&bare, true, &[]), None);
        assert_eq!(
            (
                of_component(&full, "virt-api"),
                of_component(&full, "virt-launcher")
            ),
            (3, 2)
        );
    }
}
