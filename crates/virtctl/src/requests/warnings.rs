//! Warnings beside an answer, which the API server and KubeVirt send for the user to read.

use http::HeaderMap;
use http::header::WARNING;

/// Tells them on standard error, as kubectl does.
pub(super) fn tell(headers: &HeaderMap) {
    for value in headers.get_all(WARNING) {
        if let Some(text) = text(value.as_bytes()) {
            eprintln!("Warning: {text}");
        }
    }
}

/// The text of `299 - "text"`; none for other codes, which are for proxies.
fn text(value: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(value);
    let quoted = value.trim().strip_prefix("299 ")?.split_once(' ')?.1;
    let quoted = quoted.trim_start().strip_prefix('"')?;
    let mut text = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(text),
            '\\' => text.extend(letters.next()),
            // Nothing of it may steer the terminal.
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quoted_text_is_told() {
        let told = |value: &str| text(value.as_bytes());
        let expected = Some("the \"guest\" runs".to_owned());
        assert_eq!(told(r#"299 - "the \"guest\" runs""#), expected);
        assert_eq!(told("299 - \"a\tb\""), Some("a b".to_owned()));
        for other in [
            "110 - \"stale\"",
            "299",
            "299 - plain",
            "299 - \"cut off",
            "",
        ] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
