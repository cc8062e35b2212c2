//! The instancetype and the preference: named, or inferred from a volume.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::super::OfFlag;
use super::super::parameters::prefixed;
use super::arguments::Vm;
use super::volumes::{Volume, Volumes};

struct Matcher<'a> {
    /// The field of the VirtualMachine and the name of the flag.
    field: &'static str,
    kinds: [&'static str; 2],
    named: Option<&'a str>,
    infer: Option<bool>,
    infer_from: Option<&'a str>,
}

/// Sets spec.instancetype and spec.preference. Tells whether the instancetype was asked for, so that it brings the memory.
pub(super) fn apply(arguments: &Vm, volumes: &Volumes, spec: &mut Value) -> anyhow::Result<bool> {
    let instancetype = Matcher {
        field: "instancetype",
        kinds: [
            "virtualmachineinstancetype",
            "virtualmachineclusterinstancetype",
        ],
        named: arguments.instancetype.as_deref(),
        infer: arguments.infer_instancetype,
        infer_from: arguments.infer_instancetype_from.as_deref(),
    };
    let preference = Matcher {
        field: "preference",
        kinds: [
            "virtualmachinepreference",
            "virtualmachineclusterpreference",
        ],
        named: arguments.preference.as_deref(),
        infer: arguments.infer_preference,
        infer_from: arguments.infer_preference_from.as_deref(),
    };
    for matcher in [&instancetype, &preference] {
        if let Some(value) = matcher.value(volumes)? {
            spec[matcher.field] = value;
        }
    }
    Ok(instancetype.explicit())
}

impl Matcher<'_> {
    fn explicit(&self) -> bool {
        self.named.is_some() || self.infer_from.is_some() || self.infer == Some(true)
    }

    fn value(&self, volumes: &Volumes) -> anyhow::Result<Option<Value>> {
        if let Some(text) = self.named {
            return self.by_name(text).of_flag(self.field).map(Some);
        }
        let volume = match self.infer_from {
            Some(name) => Some(
                volumes
                    .named(name)
                    .with_context(|| format!("there is no volume with name {name:?}"))?,
            ),
            None if self.infer == Some(false) => return Ok(None),
            None => volumes.first(),
        };
        match volume.filter(|volume| volume.inferable) {
            Some(volume) => Ok(Some(self.inferred(volume))),
            None if self.explicit() => bail!(
                "inference of instancetype or preference works only with datasources, datavolumes or pvcs"
            ),
            None => Ok(None),
        }
    }

    fn inferred(&self, volume: &Volume) -> Value {
        let mut value = json!({ "inferFromVolume": volume.name });
        // Nobody asked for it: a volume without the labels is no fault.
        if !self.explicit() {
            value["inferFromVolumeFailurePolicy"] = "Ignore".into();
        }
        value
    }

    fn by_name(&self, text: &str) -> anyhow::Result<Value> {
        let (kind, name) = prefixed(text)?;
        let mut value = json!({ "name": name });
        if let Some(kind) = kind {
            let known = self
                .kinds
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&kind));
            ensure!(
                known,
                "invalid {} kind {kind:?}, supported values are: {}",
                self.field,
                self.kinds.join(", ")
            );
            value["kind"] = kind.into();
        }
        Ok(value)
    }
}
