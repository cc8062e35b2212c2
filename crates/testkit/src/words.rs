//! Texts, from ordinary to odd.

use fastrand::Rng;

/// Names that refer to each other now and then, because there are few.
const NAMES: [&str; 8] = [
    "root", "data", "default", "blue", "red", "a", "disk-0", "x1",
];

/// Texts that break things.
const ODD: [&str; 18] = [
    "",
    " ",
    "\0",
    "\n",
    "-",
    ".",
    "..",
    "../../etc/passwd",
    "/",
    "a/b/c/d",
    "UPPER",
    "%s%n",
    "<x>&\"'",
    "{{.}}",
    "\u{202e}lor",
    "e\u{301}\u{1F600}\u{10FFFF}",
    "\u{feff}a\u{200b}",
    "null",
];

/// Amounts at the edges of the notation and beyond.
const AMOUNTS: [&str; 16] = [
    "0",
    "-1",
    "0.0000000001",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999999999999999999",
    "8Ei",
    "7.999Ei",
    "-8Ei",
    "1e18",
    "1e-40",
    "1e40",
    "1e999999999",
    "0x10",
    "1.2.3",
    "1Mi ",
];

pub(crate) fn name(rng: &mut Rng) -> String {
    let name = one(rng, &NAMES);
    if rng.u8(..4) == 0 {
        return format!("{name}-{}", rng.u16(..100));
    }
    name.to_owned()
}

/// A text of the schema's length that means nothing.
pub(crate) fn text(rng: &mut Rng, least: usize, most: usize) -> String {
    let mut text = name(rng);
    while text.len() < least {
        text.push('a');
    }
    text.truncate(most);
    text
}

/// An amount as a text, in units of all kinds.
pub(crate) fn amount(rng: &mut Rng) -> String {
    let unit = one(rng, &["", "k", "M", "G", "Ki", "Mi", "Gi", "m"]);
    format!("{}{unit}", rng.u16(1..2000))
}

/// A time as Kubernetes writes it.
pub(crate) fn time(rng: &mut Rng, micro: bool) -> String {
    let fraction = if micro {
        format!(".{:06}", rng.u32(1..999_999))
    } else {
        String::new()
    };
    format!(
        "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z",
        rng.u8(10..40),
        rng.u8(1..13),
        rng.u8(1..29),
        rng.u8(..24),
        rng.u8(..60),
        rng.u8(..60)
    )
}

/// A text that nobody expects.
pub(crate) fn odd(rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0 => "a".repeat(rng.usize(..300)),
        1 => one(rng, &["é", "\u{1F600}", "/", "-", "a.", "\0"]).repeat(rng.usize(..5000)),
        2 | 3 => one(rng, &AMOUNTS).to_owned(),
        4 => (0..rng.usize(..24)).map(|_| rng.char('\0'..)).collect(),
        _ => one(rng, &ODD).to_owned(),
    }
}

/// One of a list that is not empty; an empty text for one that is.
pub(crate) fn one<'a>(rng: &mut Rng, all: &[&'a str]) -> &'a str {
    rng.choice(all.iter().copied()).unwrap_or_default()
}
