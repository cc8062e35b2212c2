//! Long lists, to find what costs the square of their length.

use serde_json::Value;

/// About how many bytes an object may get in all.
const MOST_BYTES: usize = 1 << 20;

/// Repeats the items of each list up to `items`. Each is named by its number, so that the items of one list refer to those
/// of another.
pub(crate) fn swell(value: &mut Value, items: usize) {
    let mut room = MOST_BYTES.saturating_sub(value.to_string().len());
    lists(value, items, &mut room);
}

fn lists(value: &mut Value, most: usize, room: &mut usize) {
    match value {
        Value::Array(items) => {
            for item in items.iter_mut() {
                lists(item, 2, room);
            }
            let before = items.len();
            if before == 0 {
                return;
            }
            for number in before..most {
                let mut item = items[number % before].clone();
                rename(&mut item, number);
                let size = item.to_string().len() + 1;
                if size > *room {
                    return;
                }
                *room -= size;
                items.push(item);
            }
        }
        Value::Object(object) => {
            for value in object.values_mut() {
                lists(value, most, room);
            }
        }
        _ => {}
    }
}

fn rename(item: &mut Value, number: usize) {
    if let Some(Value::String(name)) = item.get_mut("name") {
        *name = format!("n{number}");
    } else if let Value::String(text) = item {
        text.push_str(&number.to_string());
    }
}
