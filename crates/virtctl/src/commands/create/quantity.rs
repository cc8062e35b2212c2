//! Kubernetes' quantities, as far as a manifest's author can get them wrong.

use anyhow::ensure;

const SUFFIXES: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// Checks a size such as `512Mi`, `1.5Gi`, `1000000` or `1e9`.
pub(super) fn check(text: &str) -> anyhow::Result<()> {
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
    fn quantities() {
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
