//! Amounts in Kubernetes' notation, `64Mi` or `1500m`, exactly.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// Parts that a whole is divided into: amounts are counted in billionths, the smallest that the notation has.
const NANO: i128 = 1_000_000_000;

/// A text that is not an amount, or one too large to calculate with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    text: String,
}

impl std::fmt::Display for QuantityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} is not an amount: write a number below 2^63 with a unit such as 500m, 2, 64Mi or 1Gi",
            self.text
        )
    }
}

impl std::error::Error for QuantityError {}

/// An amount, exact to a billionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    nano: i128,
}

impl Amount {
    /// Reads an amount.
    ///
    /// # Errors
    ///
    /// When the text is not one, or it is 2^63 or more.
    pub fn parse(quantity: &Quantity) -> Result<Self, QuantityError> {
        parse_nano(&quantity.0)
            .map(|nano| Self { nano })
            .ok_or_else(|| QuantityError {
                text: quantity.0.clone(),
            })
    }

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self {
            nano: number as i128 * NANO,
        }
    }

    /// The smallest whole number that is not less.
    pub const fn ceil(self) -> i64 {
        (self.nano.div_euclid(NANO) + (self.nano.rem_euclid(NANO) != 0) as i128) as i64
    }

    /// The smallest number of thousandths that is not less.
    pub const fn milli_ceil(self) -> i128 {
        let milli = NANO / 1000;
        self.nano.div_euclid(milli) + (self.nano.rem_euclid(milli) != 0) as i128
    }

    /// Whether it is a whole number.
    pub const fn is_whole(self) -> bool {
        self.nano % NANO == 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.nano == 0
    }
}

/// An amount of bytes, rounded up. Negative amounts count as 0.
///
/// # Errors
///
/// When the text is not an amount.
pub fn bytes(quantity: &Quantity) -> Result<u64, QuantityError> {
    Ok(u64::try_from(Amount::parse(quantity)?.ceil()).unwrap_or(0))
}

/// An amount of processors in thousandths, rounded up. Negative amounts count as 0.
///
/// # Errors
///
/// When the text is not an amount.
pub fn millis(quantity: &Quantity) -> Result<u64, QuantityError> {
    Ok(u64::try_from(Amount::parse(quantity)?.milli_ceil()).unwrap_or(0))
}

/// Writes an amount of bytes with the largest binary unit that gives a whole number.
pub fn from_bytes(bytes: u64) -> Quantity {
    let mut number = bytes;
    let mut unit = "";
    for next in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
        if number == 0 || !number.is_multiple_of(1024) {
            break;
        }
        number /= 1024;
        unit = next;
    }
    Quantity(format!("{number}{unit}"))
}

/// Writes an amount of processors: whole ones as such, others in thousandths.
pub fn from_millis(millis: u64) -> Quantity {
    Quantity(if millis.is_multiple_of(1000) {
        (millis / 1000).to_string()
    } else {
        format!("{millis}m")
    })
}

fn parse_nano(text: &str) -> Option<i128> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (number, unit) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || number.len() > 40 {
        return None;
    }
    let mut mantissa: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        mantissa = mantissa
            .checked_mul(10)?
            .checked_add(i128::from(digit - b'0'))?;
    }
    let (factor, exponent) = scale(unit)?;
    // In billionths: mantissa * factor * 10^(exponent + 9 - digits of the fraction), rounded up as Kubernetes does.
    let power = exponent
        .checked_add(9)?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scaled = mantissa.checked_mul(factor)?;
    let power_of_ten = 10_i128.checked_pow(power.unsigned_abs());
    let nano = match (power >= 0, power_of_ten) {
        _ if scaled == 0 => 0,
        (true, Some(ten)) => scaled.checked_mul(ten)?,
        (true, None) => return None,
        (false, Some(ten)) => scaled.div_euclid(ten) + i128::from(scaled.rem_euclid(ten) != 0),
        (false, None) => 1,
    };
    (nano <= i128::from(i64::MAX) * NANO).then_some(if negative { -nano } else { nano })
}

/// What a unit multiplies by: a factor and a power of ten.
fn scale(unit: &str) -> Option<(i128, i32)> {
    let decimal = |power| Some((1, power));
    let binary = |shift: u32| Some((1_i128 << shift, 0));
    match unit {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let power = unit.strip_prefix(['e', 'E'])?;
            decimal(
                power
                    .parse::<i32>()
                    .ok()
                    .filter(|power| power.abs() <= 40)?,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nano(text: &str) -> Option<i128> {
        Amount::parse(&Quantity(text.to_owned()))
            .ok()
            .map(|amount| amount.nano)
    }

    #[test]
    fn units() {
        for (text, expected) in [
            ("0", 0),
            ("1", NANO),
            ("100m", NANO / 10),
            ("1.5", NANO * 3 / 2),
            (".5", NANO / 2),
            ("2.", NANO * 2),
            ("64Mi", NANO * 64 * 1024 * 1024),
            ("1.5Gi", NANO * 1536 * 1024 * 1024),
            ("1e3", NANO * 1000),
            ("1E3", NANO * 1000),
            ("1E", NANO * 1_000_000_000_000_000_000),
            ("-5k", -5000 * NANO),
            ("+5k", 5000 * NANO),
            ("0.0000000001", 1),
            ("5e-1", NANO / 2),
        ] {
            assert_eq!(nano(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn not_amounts() {
        for text in [
            "",
            "-",
            ".",
            "1.2.3",
            "64MB",
            "Mi",
            " 1",
            "1 Gi",
            "0x10",
            "9223372036854775808",
            "1e99",
            "99Ei",
            "1e",
            "one",
        ] {
            assert_eq!(nano(text), None, "{text}");
        }
    }

    #[test]
    fn rounding_and_writing() {
        let parse = |text: &str| Amount::parse(&Quantity(text.to_owned())).unwrap();
        assert_eq!(parse("1.2").ceil(), 2);
        assert_eq!(parse("-1.2").ceil(), -1);
        assert_eq!(parse("0.0001").milli_ceil(), 1);
        assert!(!parse("1500m").is_whole());
        assert_eq!(from_bytes(64 << 20).0, "64Mi");
        assert_eq!(from_bytes(1000).0, "1000");
        assert_eq!(from_bytes(0).0, "0");
        assert_eq!(from_millis(1500).0, "1500m");
        assert_eq!(from_millis(2000).0, "2");
        assert_eq!(bytes(&Quantity("-1".to_owned())), Ok(0));
    }
}
