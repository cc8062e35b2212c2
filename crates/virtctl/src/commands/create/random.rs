//! The random end of generated names, as Kubernetes' generateName makes it.

/// No vowels and nothing that is read as another character, so that no word comes about.
const CHARACTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// `prefix` and five random characters.
pub(super) fn name(prefix: &str) -> String {
    let random = (0..5).map(|_| {
        let index = fastrand::usize(..CHARACTERS.len());
        char::from(CHARACTERS.get(index).copied().unwrap_or(b'x'))
    });
    prefix.chars().chain(random).collect()
}
