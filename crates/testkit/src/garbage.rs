//! Spoils an object here and there.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::words::{name, odd};

/// One value in so many is spoilt.
const ONE_IN: usize = 12;
/// Deepest nesting that is made up; JSON readers stop at 128.
const MOST_DEPTH: usize = 100;
/// About how many bytes an object may get in all.
const MOST_BYTES: usize = 1 << 20;

/// Spoils the value, or some of what is in it.
pub(crate) fn spoil(rng: &mut Rng, value: &mut Value) {
    let mut bytes = 0;
    within(rng, value, &mut bytes, 0);
}

fn within(rng: &mut Rng, value: &mut Value, bytes: &mut usize, depth: usize) {
    if depth > 0 && rng.usize(..ONE_IN) == 0 {
        spoil_one(rng, value, bytes);
    }
    match value {
        Value::Array(items) => {
            // What was repeated a thousand times is spoilt in its first items only.
            for item in items.iter_mut().take(16) {
                within(rng, item, bytes, depth + 1);
            }
        }
        Value::Object(object) if depth < MOST_DEPTH => {
            for value in object.values_mut().take(64) {
                within(rng, value, bytes, depth + 1);
            }
            if rng.usize(..ONE_IN) == 0 {
                object.insert(odd(rng).chars().take(300).collect(), extreme(rng));
            }
        }
        _ => {}
    }
}

fn spoil_one(rng: &mut Rng, value: &mut Value, bytes: &mut usize) {
    if let Value::Array(items) = value
        && let Some(item) = rng.choice(items.iter()).cloned()
    {
        let size = item.to_string().len().max(1);
        let room = MOST_BYTES.saturating_sub(*bytes) / size;
        let count = match rng.u8(..3) {
            0 => 1,
            1 => rng.usize(..64),
            _ => rng.usize(..4096),
        };
        let count = count.min(room);
        *bytes += count * size;
        items.extend(std::iter::repeat_n(item, count));
        return;
    }
    *value = match (rng.u8(..10), &*value) {
        (0, _) => Value::Null,
        (1, _) => json!({}),
        (2, _) => json!([]),
        (3, _) => nested(rng),
        (4, before) => json!([before, before]),
        (5, before) => json!({ name(rng): before }),
        (6, Value::String(text)) => json!(format!("{text}{}", odd(rng))),
        (_, Value::String(_)) => json!(odd(rng)),
        (_, Value::Number(_)) => extreme(rng),
        (_, Value::Bool(is)) => json!(!is),
        (7, _) => json!(odd(rng)),
        (8, _) => extreme(rng),
        (_, before) => before.clone(),
    };
    *bytes += value.to_string().len();
}

fn extreme(rng: &mut Rng) -> Value {
    match rng.u8(..11) {
        0 => json!(i64::MIN),
        1 => json!(i64::MAX),
        2 => json!(u64::MAX),
        3 => json!(u32::MAX),
        4 => json!(-1),
        5 => json!(0),
        6 => json!(1e308),
        7 => json!(-0.0),
        8 => json!(9_007_199_254_740_993_i64),
        9 => json!(0.1),
        _ => json!(rng.i64(..)),
    }
}

fn nested(rng: &mut Rng) -> Value {
    let mut value = extreme(rng);
    for _ in 0..rng.usize(..MOST_DEPTH) {
        value = if rng.bool() {
            json!([value])
        } else {
            json!({ name(rng): value })
        };
    }
    value
}
