//! The bodies of start, stop and restart.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::status::Refusal;

/// Most bytes of a body.
pub(crate) const BODY: usize = 64 * 1024;

/// Body of start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StartOptions {
    pub(crate) paused: bool,
    pub(crate) dry_run: Option<Vec<String>>,
}

/// Body of stop.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StopOptions {
    /// Seconds.
    pub(crate) grace_period: Option<i64>,
    pub(crate) dry_run: Option<Vec<String>>,
}

/// Body of restart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RestartOptions {
    pub(crate) grace_period_seconds: Option<i64>,
    pub(crate) dry_run: Option<Vec<String>>,
}

/// Reads a body: JSON or YAML, whatever its content type says; an empty one means the defaults.
pub(crate) fn decode<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Refusal> {
    match value(body)? {
        Some(value) => serde_json::from_value(value).map_err(undecodable),
        None => Ok(T::default()),
    }
}

/// The body as JSON, without its nulls, by which clients mean that they say nothing; none when it is empty.
pub(crate) fn value(body: &[u8]) -> Result<Option<Value>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let mut value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) => {
            let text = std::str::from_utf8(body).map_err(|_| {
                Refusal::bad_request("the request body is not text: send JSON, YAML or nothing")
            })?;
            serde_saphyr::from_str(text).map_err(undecodable)?
        }
    };
    without_nulls(&mut value);
    Ok(Some(value))
}

fn undecodable(error: impl std::fmt::Display) -> Refusal {
    Refusal::bad_request(format!("the request body cannot be decoded: {error}"))
}

/// The depth is bounded by whoever read the value.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Whether nothing is to be kept. The only value that Kubernetes knows is `All`.
pub(crate) fn dry_run(values: Option<&[String]>) -> Result<bool, Refusal> {
    match values
        .unwrap_or_default()
        .iter()
        .find(|value| *value != "All")
    {
        Some(value) => Err(Refusal::bad_request(format!(
            "dryRun: {value:?} is not supported: only \"All\" is"
        ))),
        None => Ok(values.is_some_and(|values| !values.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    #[test]
    fn json_yaml_and_nothing() {
        assert!(decode::<StartOptions>(b"{\"paused\":true}").unwrap().paused);
        assert!(decode::<StartOptions>(b"paused: true\n").unwrap().paused);
        assert!(!decode::<StartOptions>(b" \n").unwrap().paused);
        let nothing = b"{\"paused\":null,\"dryRun\":null}";
        assert!(!decode::<StartOptions>(nothing).unwrap().paused);
        assert_eq!(
            decode::<StopOptions>(b"{\"gracePeriod\":0}")
                .unwrap()
                .grace_period,
            Some(0)
        );
        for wrong in [&b"{\"paused\":\"maybe\"}"[..], b"[1", b"\xff\xfe"] {
            assert_eq!(
                decode::<StartOptions>(wrong).unwrap_err().code,
                StatusCode::BAD_REQUEST
            );
        }
    }

    #[test]
    fn dry_run_is_all_or_nothing() {
        assert!(!dry_run(None).unwrap());
        assert!(!dry_run(Some(&[])).unwrap());
        assert!(dry_run(Some(&["All".to_owned()])).unwrap());
        assert!(dry_run(Some(&["Some".to_owned()])).is_err());
    }
}
