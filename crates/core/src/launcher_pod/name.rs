//! Names of launcher pods.
//!
//! A launcher pod is posted under a name that follows from the VMI's UID, so posting it twice (after a time-out, a restart or
//! a change of leader) cannot make two pods: the second POST is answered with 409. To users it looks like a generated name.

use sha1::{Digest, Sha1};

/// Prefix of every launcher pod's name.
const PREFIX: &str = "virt-launcher-";
/// Kubernetes cuts a `generateName` so that name and suffix fit 63 characters.
const BASE_LENGTH: usize = 63 - SUFFIX_LENGTH;
const SUFFIX_LENGTH: usize = 5;
/// The letters that Kubernetes makes generated suffixes of: no vowel, nothing that looks like another letter.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// `metadata.generateName` of the launcher pod of the VMI called `vmi`.
pub fn generate_name(vmi: &str) -> String {
    format!("{PREFIX}{vmi}-")
}

/// `metadata.name` of the launcher pod of the VMI `vmi` with UID `uid`.
///
/// `attempt` is 0 unless an unrelated pod was found under the name.
pub fn pod_name(vmi: &str, uid: &str, attempt: u32) -> String {
    let mut name: String = generate_name(vmi).chars().take(BASE_LENGTH).collect();
    let digest = Sha1::digest(format!("{uid}/{attempt}"));
    for byte in digest.iter().take(SUFFIX_LENGTH) {
        name.push(char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    name
}

/// Value of the label `vmi.kubevirt.io/id`: the name, or 54 characters of it and a hash where it is longer than a label may be.
pub fn id_label(vmi: &str) -> String {
    if vmi.len() <= 63 {
        return vmi.to_owned();
    }
    let digest = Sha1::digest(vmi);
    let hash: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let head: String = vmi.chars().take(54).collect();
    format!("{head}-{hash}")
}

/// The guest's host name: the one asked for, else the VMI's name, cut at the first dot and to 63 characters.
pub fn host_name(asked: Option<&str>, vmi: &str) -> String {
    let name = asked.filter(|name| !name.is_empty()).unwrap_or(vmi);
    let first = name.split('.').next().unwrap_or(name);
    let cut: String = first.chars().take(63).collect();
    cut.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instance_gives_the_same_name() {
        let name = pod_name("gold", "e6101f34", 0);
        assert_eq!(name, pod_name("gold", "e6101f34", 0));
        assert!(name.starts_with("virt-launcher-gold-"));
        assert_eq!(name.len(), "virt-launcher-gold-".len() + 5);
        assert_ne!(name, pod_name("gold", "e6101f34", 1));
        assert_ne!(name, pod_name("gold", "e6101f35", 0));
    }

    #[test]
    fn long_names_are_cut_as_kubernetes_cuts_them() {
        let name = pod_name(&"a".repeat(200), "u", 0);
        assert_eq!(name.len(), 63);
    }

    #[test]
    fn labels_stay_within_63_characters() {
        assert_eq!(id_label("gold"), "gold");
        assert_eq!(id_label(&"a".repeat(63)), "a".repeat(63));
        let long = id_label(&"a".repeat(64));
        assert_eq!(long.len(), 63);
        assert!(long.starts_with(&format!("{}-", "a".repeat(54))));
    }

    #[test]
    fn host_names_are_one_label() {
        assert_eq!(host_name(None, "gold.example.org"), "gold");
        assert_eq!(host_name(Some("db"), "gold"), "db");
        assert_eq!(host_name(Some(""), "gold"), "gold");
        assert_eq!(
            host_name(None, &format!("{}-x", "a".repeat(62))),
            "a".repeat(62)
        );
    }
}
