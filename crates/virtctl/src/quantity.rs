//! Kubernetes quantities, as far as a user can get them wrong.

use anyhow::{Context, ensure};

const SUFFIXES: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// The bytes that a quantity says, rounded up. Fractions and all suffixes but `m` are understood.
pub(crate) fn bytes(text: &str) -> anyhow::Result<u64> {
    let wrong =
        || format!("{text:?} is not a size: write a number with a suffix, such as 10Gi or 500Mi");
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = text.split_at(split.unwrap_or(text.len()));
    let factor: u64 = match suffix {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "P" => 1_000_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        _ => anyhow::bail!(wrong()),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).with_context(wrong);
    }
    let fraction: f64 = number.parse().ok().with_context(wrong)?;
    let bytes = (fraction * factor as f64).ceil();
    anyhow::ensure!((0.0..1e18).contains(&bytes), wrong());
    Ok(bytes as u64)
}

/// Checks a size such as `512Mi`, `1.5Gi`, `1000000` or `1e9`.
pub(crate) fn check(text: &str) -> anyhow::Result<()> {
    let number = text.trim_start_matches(['+', '-']);
    let digits =
        number.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    let value = number
        .get(..number.len() - digits.len())
        .unwrap_or_default();
    let counted =
        value.bytes().any(|byte| byte.is_ascii_digit()) && value.matches('.').count() <= 1;
    let exponent = digits
        .strip_prefix(['e', 'E'])
        .is_some_and(|power| power.parse::<i8>().is_ok());
    ensure!(
        counted && text.len() - number.len() <= 1 && (SUFFIXES.contains(&digits) || exponent),
        "{text:?} is not a quantity: write a number with a suffix, such as 512Mi, 1.5Gi or 2G"
    );
    ensure!(
        !text.starts_with('-') && value.bytes().any(|byte| (b'1'..=b'9').contains(&byte)),
        "{text:?} must be greater than zero"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, expected) in [
            ("1Gi", 1 << 30),
            ("1.5Ki", 1536),
            ("10M", 10_000_000),
            ("7", 7),
        ] {
            assert_eq!(bytes(text).unwrap(), expected);
        }
        for text in ["", "Gi", "1gb", "-1", "1e3x", "99999999999Ti", "1.2.3"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn quantities_are_checked() {
        for good in ["1", "512Mi", "1.5Gi", "+2G", "1e9", "100m", ".5Gi"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "", "x", "1Zi", "1.2.3", "Mi", "--1", "0", "-1Gi", "0Mi", "1 Gi", "1GiB",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
