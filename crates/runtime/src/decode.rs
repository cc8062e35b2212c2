//! From JSON to the types of kubevirt-api.
//!
//! The types are large: each deserializer that they are compiled for adds megabytes of program text, which stays resident
//! in daemons that are to be small. Here they are compiled for one. It does not say where an error is; that is found
//! afterwards, from the error alone.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Deepest place that is told.
const DEPTH: usize = 64;
/// Values that the search for a place may look at, a few milliseconds' worth. In a larger object the place is told less
/// precisely.
const LOOKS: usize = 200_000;

/// What does not fit the type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct DecodeError {
    /// Where, for example `spec.template.spec.domain`; empty when it is the whole.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

/// Reads `value` as its type.
///
/// # Errors
/// When it does not fit; the first place that does not is told.
pub fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(value).map_err(|error| {
        let message = error.to_string();
        let fails =
            |part: &Value| T::deserialize(part).is_err_and(|other| other.to_string() == message);
        DecodeError {
            path: place(value, &fails),
            message,
        }
    })
}

/// Where the error of `whole` is. Values are read in order, so it is in the last of the fewest first children with which
/// the error still comes; and where it comes without any, it is about the object itself.
fn place(whole: &Value, fails: &dyn Fn(&Value) -> bool) -> String {
    let mut whole = whole.clone();
    let (mut pointer, mut path) = (String::new(), String::new());
    let mut looks = LOOKS;
    for _ in 0..DEPTH {
        let children = whole.pointer(&pointer).map_or(0, length);
        // As many attempts as halvings, and the one without children.
        let attempts = (usize::BITS - children.leading_zeros()) as usize + 1;
        let Some(left) = looks.checked_sub(attempts * count(&whole)) else {
            break;
        };
        looks = left;
        let comes = |first: usize| {
            let mut attempt = whole.clone();
            if let Some(parent) = attempt.pointer_mut(&pointer) {
                keep(parent, first);
            }
            fails(&attempt)
        };
        if children == 0 || comes(0) {
            break;
        }
        let (mut without, mut with) = (0, children);
        while with - without > 1 {
            let middle = without + (with - without) / 2;
            if comes(middle) {
                with = middle;
            } else {
                without = middle;
            }
        }
        let Some(parent) = whole.pointer_mut(&pointer) else {
            break;
        };
        keep(parent, with);
        match parent {
            Value::Object(fields) => {
                let Some(name) = fields.keys().next_back() else {
                    break;
                };
                let dot = if path.is_empty() { "" } else { "." };
                path.push_str(&format!("{dot}{name}"));
                pointer.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            }
            _ => {
                path.push_str(&format!("[{}]", with - 1));
                pointer.push_str(&format!("/{}", with - 1));
            }
        }
    }
    path
}

fn length(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

/// Leaves the first children of a value.
fn keep(value: &mut Value, first: usize) {
    match value {
        Value::Object(fields) => {
            let kept: Map<_, _> = std::mem::take(fields).into_iter().take(first).collect();
            *fields = kept;
        }
        Value::Array(items) => items.truncate(first),
        _ => {}
    }
}

/// Number of values in a value. Its depth is bounded by whoever read the JSON.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevirt_api::VirtualMachine;
    use serde_json::json;

    #[test]
    fn an_object_is_read_and_a_wrong_field_is_named() {
        let mut object = json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "a" },
            "spec": { "runStrategy": "Always", "template": { "spec": { "domain": {
                "devices": { "disks": [{ "name": "root", "disk": { "bus": "virtio" } }] },
                "resources": { "requests": { "memory": "64Mi" } },
            } } } },
        });
        let read: VirtualMachine = decode(&object).unwrap();
        let direct: VirtualMachine = serde_json::from_value(object.clone()).unwrap();
        assert_eq!(read, direct);
        let disks = "/spec/template/spec/domain/devices/disks/0/name";
        *object.pointer_mut(disks).unwrap() = json!(7);
        let error = decode::<VirtualMachine>(&object).unwrap_err();
        assert_eq!(
            error.path,
            "spec.template.spec.domain.devices.disks[0].name"
        );
        assert!(error.message.contains("string"), "{error}");
    }

    #[test]
    fn of_two_faults_the_first_is_told() {
        let disk = json!({ "name": 7, "disk": {} });
        let object = json!({ "spec": { "template": { "spec": { "domain": { "devices": {
            "disks": [{ "name": "a", "disk": {} }, disk, disk],
        } } } } } });
        let error = decode::<VirtualMachine>(&object).unwrap_err();
        assert_eq!(
            error.path,
            "spec.template.spec.domain.devices.disks[1].name"
        );
    }

    #[test]
    fn a_large_object_is_told_less_precisely() {
        let path = |many: usize| {
            let many: Vec<_> = (0..many).map(|number| json!(number.to_string())).collect();
            let object = json!({ "spec": { "runStrategy": 7, "template": { "many": many } } });
            decode::<VirtualMachine>(&object).unwrap_err().path
        };
        assert_eq!(path(10_000), "spec.runStrategy");
        assert_eq!(path(LOOKS), "");
    }

    #[test]
    fn the_whole_may_be_wrong() {
        let error = decode::<VirtualMachine>(&json!("text")).unwrap_err();
        assert_eq!(error.path, "");
        assert!(!error.to_string().starts_with(':'));
    }
}
