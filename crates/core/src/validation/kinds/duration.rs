//! Durations as Go writes them: `300ms`, `1.5h`, `2h45m`.

use super::{Faults, Path};

/// Nanoseconds of each unit.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
/// Most digits of a number: more can only be nonsense.
const DIGITS: usize = 20;

/// Nanoseconds of a duration: numbers with units, added up, such as `1h30m`; `0` needs no unit. None for another text and for
/// more than 292 years.
pub fn go_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(unit);
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(nanoseconds(number, *factor)?)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// A decimal number times a factor, rounded down.
fn nanoseconds(number: &str, factor: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > DIGITS || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| match text {
        "" => Some(0_i128),
        text => text.parse().ok(),
    };
    // Digits beyond those are less than a nanosecond.
    let fraction = fraction.get(..fraction.len().min(DIGITS))?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let whole = digits(whole)?.checked_mul(factor)?;
    let fraction = digits(fraction)?.checked_mul(factor)? / scale;
    whole.checked_add(fraction)
}

/// A duration that must not be negative, nor 0 when it must be `positive`.
pub(super) fn duration(faults: &mut Faults, path: &Path, text: Option<&str>, positive: bool) {
    let Some(text) = text else { return };
    match go_duration(text) {
        None => faults.invalid(
            path,
            format!(
                "{text:?} is not a duration: write numbers with units such as 30s, 5m or 1h30m"
            ),
        ),
        Some(nanoseconds) if nanoseconds < 0 => {
            faults.invalid(path, "must not be negative: write a duration such as 5m");
        }
        Some(0) if positive => faults.invalid(path, "must be more than 0, such as 5m"),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("0s", 0),
            ("-0", 0),
            ("5m", 300_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("+1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("-2ms", -2_000_000),
            ("1\u{b5}s2ns", 1_002),
            ("0.333333333333333333333333s", 333_333_333),
        ] {
            assert_eq!(go_duration(text), Some(nanoseconds), "{text}");
        }
        for text in [
            "",
            "-",
            "5",
            "m",
            ".s",
            "1.2.3s",
            "5 m",
            "5d",
            "1h 30m",
            "--5s",
            "inf",
            "NaNs",
            "9999999999h",
            "99999999999999999999999999999999999999999h",
        ] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }
}
