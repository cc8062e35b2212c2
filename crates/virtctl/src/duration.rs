//! Durations as kubectl's flags take them.

use std::time::Duration;

/// Units, and how many nanoseconds they have.
const UNITS: [(&str, f64); 7] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
];

/// Reads `90s`, `1m30s`, `1.5h`, `300ms`, and a bare number as seconds.
///
/// # Errors
/// Tells the forms, for clap to print beside the flag.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let wrong = || {
        format!("{text:?} is not a duration: write a number with a unit, such as 30s, 2m or 1h30m")
    };
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        // `m` would also be the beginning of `ms`.
        let (unit, nanoseconds) = UNITS
            .iter()
            .filter(|(unit, _)| rest.starts_with(unit))
            .max_by_key(|(unit, _)| unit.len())
            .ok_or_else(wrong)?;
        rest = &rest[unit.len()..];
        sum += number * nanoseconds;
    }
    if text.is_empty() {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(sum / 1e9).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_kubectl_are_known() {
        for (text, milliseconds) in [
            ("0", 0),
            ("7", 7_000),
            ("0s", 0),
            ("5s", 5_000),
            ("1m", 60_000),
            ("300ms", 300),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("1m0.5s", 60_500),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "5x",
            "-1s",
            "1m5",
            "five",
            "1..5s",
            "99999999999999999h",
            "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
