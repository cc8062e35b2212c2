//! Reading JSON objects of Kubernetes without caring which part of them is missing.

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

/// The text at a JSON pointer; empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The list at a JSON pointer; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The number at a JSON pointer; 0 when there is none.
pub(crate) fn number(value: &Value, pointer: &str) -> i64 {
    value
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// The object's name.
pub(crate) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// Whether the object is being deleted.
pub(crate) fn is_deleting(object: &Value) -> bool {
    !text(object, "/metadata/deletionTimestamp").is_empty()
}

/// The RFC 3339 time at a JSON pointer.
pub(crate) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

/// The condition of this type in `status.conditions`.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "/status/conditions")
        .iter()
        .find(|condition| text(condition, "/type") == kind)
}

/// The condition of this type when its status is `status`.
pub(crate) fn condition_is<'a>(object: &'a Value, kind: &str, status: &str) -> Option<&'a Value> {
    condition(object, kind).filter(|condition| text(condition, "/status") == status)
}

/// Reason and message of a condition or an event in one line.
pub(crate) fn told(value: &Value) -> String {
    match (text(value, "/reason"), text(value, "/message")) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

/// When an event was last seen, or when the object was made.
pub(crate) fn seen(event: &Value) -> Option<Timestamp> {
    [
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/eventTime",
        "/metadata/creationTimestamp",
    ]
    .iter()
    .find_map(|pointer| time(event, pointer))
}

/// A span of seconds as a person says it: `45s`, `12m`, `3h10m`, `4d`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7200 => format!("{}m", seconds / 60),
        seconds @ 7200..172_800 => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// The number of bytes that a Kubernetes quantity says.
pub(crate) fn bytes(quantity: &str) -> Option<f64> {
    let split = quantity
        .find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))
        .unwrap_or(quantity.len());
    let (number, unit) = quantity.split_at_checked(split)?;
    let factor: f64 = match unit {
        "" => 1.0,
        "m" => 0.001,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

/// Bytes as a person says them: `512B`, `1.5Ki`, `128Mi`.
pub(crate) fn size(bytes: f64) -> String {
    let mut value = bytes.max(0.0);
    for unit in ["B", "Ki", "Mi", "Gi", "Ti"] {
        if value < 1000.0 || unit == "Ti" {
            let whole = (value * 10.0).round() % 10.0 == 0.0;
            return if unit == "B" || whole || value >= 99.95 {
                format!("{value:.0}{unit}")
            } else {
                format!("{value:.1}{unit}")
            };
        }
        value /= 1024.0;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_short() {
        let spans: Vec<_> = [5, 119, 120, 7199, 11_400, 400_000].map(span).into();
        assert_eq!(spans, ["5s", "119s", "2m", "119m", "3h10m", "4d"]);
        let sizes: Vec<_> = [0.0, 999.0, 1536.0, 134_217_728.0, 1e13].map(size).into();
        assert_eq!(sizes, ["0B", "999B", "1.5Ki", "128Mi", "9.1Ti"]);
    }

    #[test]
    fn quantities_are_read() {
        assert_eq!(bytes("1Ki"), Some(1024.0));
        assert_eq!(bytes("500m"), Some(0.5));
        assert_eq!(bytes("7"), Some(7.0));
        assert_eq!(bytes("many"), None);
    }
}
