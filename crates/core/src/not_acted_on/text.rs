//! Warnings within the bounds that the API server sets: it cuts all that is said about a request at 4 KiB, and then each
//! text at 256 characters.

use super::row::{Effect, Row};

/// Most warnings about one object, the last one that counts the rest not included.
const MOST: usize = 16;
/// Most bytes of them together: other warnings need room too.
const MOST_BYTES: usize = 3 * 1024;
/// Most bytes of a path; of a longer one, which only a long key of a map makes, the beginning is told.
const MOST_PATH_BYTES: usize = 160;

const SAID: &str = "accepted, not acted on yet";

/// Warnings found so far.
#[derive(Default)]
pub(super) struct Collected {
    warnings: Vec<String>,
    bytes: usize,
    more: usize,
}

impl Collected {
    pub(super) fn add(&mut self, kind: &str, path: &str, row: &Row) {
        if self.warnings.len() == MOST || self.more > 0 {
            self.more += 1;
            return;
        }
        let place = if path.is_empty() { kind } else { path };
        let mut text = shortened(place);
        text.push_str(": ");
        text.push_str(SAID);
        if row.effect == Effect::NotStarted {
            text.push_str("; the guest is not started while it is there");
        }
        if self.bytes + text.len() > MOST_BYTES {
            self.more = 1;
            return;
        }
        self.bytes += text.len();
        self.warnings.push(text);
    }

    pub(super) fn into_warnings(mut self) -> Vec<String> {
        if self.more > 0 {
            self.warnings
                .push(format!("and {} more: {SAID}", self.more));
        }
        self.warnings
    }
}

fn shortened(path: &str) -> String {
    if path.len() <= MOST_PATH_BYTES {
        return path.to_owned();
    }
    format!("{}…", &path[..path.floor_char_boundary(MOST_PATH_BYTES)])
}
