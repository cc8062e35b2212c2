//! A value that a schema allows.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Map, Number, Value, json};

use crate::words::{amount, name, text, time};

/// Deeper than this, only what is required is made.
const MOST_DEPTH: usize = 14;
/// When this many values were made, only what is required is added.
const MOST_VALUES: usize = 400;
/// Items of a list or a map.
const MOST_ITEMS: usize = 3;
/// Part of the pattern of amounts that no other pattern has.
const AMOUNT: &str = "[numkMGTPE]";

/// Makes values until it has made enough.
pub(crate) struct Values<'a> {
    rng: &'a mut Rng,
    made: usize,
}

impl<'a> Values<'a> {
    pub(crate) fn new(rng: &'a mut Rng) -> Self {
        Self { rng, made: 0 }
    }

    /// A value of the schema of an object.
    pub(crate) fn of(&mut self, schema: &Value) -> Value {
        self.value(schema, 0)
    }

    fn property(&mut self, name: &str, schema: &Value, depth: usize) -> Value {
        // Metadata within a specification are not described by the schema.
        if name == "metadata" && schema["properties"].is_null() {
            self.made += 1;
            return json!({ "labels": { "app": self::name(self.rng) } });
        }
        self.value(schema, depth)
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        self.made += 1;
        if let Some(values) = schema["enum"].as_array() {
            return self.rng.choice(values.iter()).cloned().unwrap_or_default();
        }
        if schema["nullable"] == true && self.rng.u8(..4) == 0 {
            return Value::Null;
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return self.number_or_text(schema);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema, depth),
            Some("array") => self.array(schema, depth),
            Some("string") => self.string(schema),
            Some("integer") => self.integer(schema),
            // Quarters are the same in every notation.
            Some("number") => json!(f64::from(self.rng.i16(..)) / 4.0),
            Some("boolean") => json!(self.rng.bool()),
            // No type: anything.
            _ => json!({ "anything": [name(self.rng), 1, true] }),
        }
    }

    fn number_or_text(&mut self, schema: &Value) -> Value {
        let is_amount = schema["pattern"]
            .as_str()
            .is_some_and(|pattern| pattern.contains(AMOUNT));
        match (self.rng.u8(..4), is_amount) {
            (0, _) => json!(self.rng.u16(1..)),
            (_, true) => json!(amount(self.rng)),
            (_, false) => json!(name(self.rng)),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        if let Some(values) = schema
            .get("additionalProperties")
            .filter(|values| values.is_object())
        {
            for _ in 0..self.rng.usize(..=MOST_ITEMS) {
                object.insert(name(self.rng), self.value(values, depth + 1));
            }
        }
        let Some(properties) = schema["properties"].as_object() else {
            if schema["x-kubernetes-preserve-unknown-fields"] == true {
                object.insert("anything".to_owned(), json!([name(self.rng), { "b": 1.5 }]));
            }
            return Value::Object(object);
        };
        let required: BTreeSet<&str> = strings(&schema["required"]).collect();
        let mut optional: Vec<_> = properties
            .iter()
            .filter(|(name, _)| !required.contains(name.as_str()))
            .collect();
        // Which fields come first decides which are there when enough was made.
        self.rng.shuffle(&mut optional);
        let most = match self.rng.u8(..8) {
            0 => optional.len(),
            1 => 0,
            _ => optional.len().min(self.rng.usize(1..6)),
        };
        for name in &required {
            if let Some(property) = properties.get(*name) {
                object.insert((*name).to_owned(), self.property(name, property, depth + 1));
            }
        }
        for (name, property) in optional.into_iter().take(most) {
            if depth >= MOST_DEPTH || self.made >= MOST_VALUES {
                break;
            }
            object.insert(name.clone(), self.property(name, property, depth + 1));
        }
        // As the API server fills them in.
        for (name, property) in properties {
            if let Some(default) = property.get("default")
                && !object.contains_key(name)
            {
                object.insert(name.clone(), default.clone());
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &Value, depth: usize) -> Value {
        let least = size(&schema["minItems"]).unwrap_or(0);
        let most = size(&schema["maxItems"])
            .unwrap_or(MOST_ITEMS)
            .clamp(least, least.max(MOST_ITEMS));
        let keys: Vec<&str> = strings(&schema["x-kubernetes-list-map-keys"]).collect();
        let unique = schema["x-kubernetes-list-type"] == "set" || !keys.is_empty();
        let mut seen = BTreeSet::new();
        let mut items = Vec::new();
        for _ in 0..self.rng.usize(least..=most) {
            let item = self.value(&schema["items"], depth + 1);
            let identity = match keys.as_slice() {
                [] => item.to_string(),
                keys => keys
                    .iter()
                    .map(|key| item[*key].to_string())
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
            if !unique || seen.insert(identity) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn string(&mut self, schema: &Value) -> Value {
        match schema["format"].as_str() {
            Some("date-time") => return json!(time(self.rng, false)),
            Some("date-time-micro") => return json!(time(self.rng, true)),
            Some("byte") => return json!("aGVsbG8="),
            Some("duration") => return json!(format!("{}m", self.rng.u8(1..))),
            _ => {}
        }
        if schema["pattern"]
            .as_str()
            .is_some_and(|pattern| pattern.contains(AMOUNT))
        {
            return json!(amount(self.rng));
        }
        let least = size(&schema["minLength"]).unwrap_or(0);
        let most = size(&schema["maxLength"]).unwrap_or(usize::MAX);
        json!(text(self.rng, least, most))
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let (low, high) = match schema["format"].as_str() {
            Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let low = schema["minimum"]
            .as_f64()
            .map_or(low, |least| (least as i64).max(low));
        let high = schema["maximum"]
            .as_f64()
            .map_or(high, |most| (most as i64).min(high))
            .max(low);
        let number = match self.rng.u8(..6) {
            0 => low,
            1 => high,
            2 | 3 => i64::from(self.rng.u16(..100)).clamp(low, high),
            _ => self.rng.i64(low..=high),
        };
        Value::Number(Number::from(number))
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn size(number: &Value) -> Option<usize> {
    usize::try_from(number.as_u64()?).ok()
}
