//! Objects of one kind.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::garbage::spoil;
use crate::swell::swell;
use crate::value::Values;
use crate::words::name;

/// Makes objects of one kind in one version.
#[derive(Clone, Debug)]
pub struct Manifests {
    api_version: String,
    kind: String,
    namespaced: bool,
    schema: Value,
}

impl Manifests {
    /// From a CustomResourceDefinition as JSON and the name of one of its versions; none when it has no such version.
    pub fn new(crd: &Value, version: &str) -> Option<Self> {
        let spec = &crd["spec"];
        let versions = spec["versions"].as_array()?;
        let found = versions.iter().find(|found| found["name"] == version)?;
        Some(Self {
            api_version: format!("{}/{version}", spec["group"].as_str()?),
            kind: spec["names"]["kind"].as_str()?.to_owned(),
            namespaced: spec["scope"] == "Namespaced",
            schema: found["schema"]["openAPIV3Schema"].clone(),
        })
    }

    /// The schema that the objects follow.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// The kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// An object that the schema allows but for its CEL rules: some of the optional fields, values from all over their ranges.
    pub fn valid(&self, seed: u64) -> Value {
        self.make(&mut Rng::with_seed(seed))
    }

    /// An object with values that the schema forbids: other types, extreme numbers and amounts, odd texts, duplicates, long
    /// lists, unknown fields. At most about 1 MiB.
    pub fn garbage(&self, seed: u64) -> Value {
        let mut rng = Rng::with_seed(seed);
        let mut object = self.make(&mut rng);
        for part in ["metadata", "spec", "status"] {
            if let Some(part) = object.get_mut(part) {
                spoil(&mut rng, part);
            }
        }
        object
    }

    /// An object whose lists, wherever they are, have up to `items` items of different names. At most about 1 MiB.
    pub fn swollen(&self, seed: u64, items: usize) -> Value {
        let mut rng = Rng::with_seed(seed);
        let mut object = self.make(&mut rng);
        swell(&mut object, items);
        object
    }

    fn make(&self, rng: &mut Rng) -> Value {
        let mut object = match Values::new(rng).of(&self.schema) {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        object.insert("apiVersion".to_owned(), json!(self.api_version));
        object.insert("kind".to_owned(), json!(self.kind));
        object.insert("metadata".to_owned(), self.metadata(rng));
        Value::Object(object)
    }

    fn metadata(&self, rng: &mut Rng) -> Value {
        let mut metadata = json!({ "name": name(rng) });
        if self.namespaced {
            metadata["namespace"] = json!(name(rng));
        }
        for field in ["labels", "annotations"] {
            if rng.bool() {
                metadata[field] = json!({ format!("{}.example/{field}", name(rng)): name(rng) });
            }
        }
        metadata
    }
}
