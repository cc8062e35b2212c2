//! Text that a guest wrote.

/// Longest text that is taken over from a guest, in bytes.
const MOST_BYTES: usize = 256;
/// Longest message with a guest's words in it, in bytes.
const MOST_MESSAGE_BYTES: usize = 512;

/// A guest's text as it may be shown: one line of at most 256 bytes without control characters.
pub(crate) fn clean(text: &str) -> String {
    bounded(text, MOST_BYTES)
}

/// A message that may repeat a guest's words: one line of at most 512 bytes without control characters.
pub(crate) fn message(text: &impl ToString) -> String {
    bounded(&text.to_string(), MOST_MESSAGE_BYTES)
}

fn bounded(text: &str, limit: usize) -> String {
    let mut kept = String::new();
    // Characters that turn the direction of text or have no width can make one text look like another.
    for character in text
        .chars()
        .filter(|character| !character.is_control() && !is_invisible(*character))
    {
        if kept.len() + character.len_utf8() > limit {
            break;
        }
        kept.push(character);
    }
    kept
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guests_text_is_one_short_line() {
        assert_eq!(clean("vda1\u{1b}[2J\n\r\0x\u{7f}\u{9b}y"), "vda1[2Jxy");
        assert_eq!(clean("a\u{202e}b\u{200b}c"), "abc");
        assert_eq!(clean(&"\u{e4}".repeat(1000)).len(), 256);
        assert_eq!(clean(&"a".repeat(1000)).len(), 256);
        assert_eq!(message(&"a\n".repeat(1000)).len(), 512);
    }
}
