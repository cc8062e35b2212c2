//! Texts that must have a certain form.

/// What [`is_dns_label`] demands, for messages.
pub const DNS_LABEL: &str = "lower-case letters, digits and -, at most 63 characters, with a letter or digit first and last";
/// What [`is_dns_subdomain`] demands, for messages.
pub const DNS_SUBDOMAIN: &str = "lower-case letters, digits, - and ., at most 253 characters, with a letter or digit first and last";

/// A DNS label as RFC 1123 has it, in lower case.
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_dns_part(text)
}

/// DNS labels separated by dots.
pub fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_dns_part)
}

fn is_dns_part(text: &str) -> bool {
    text.bytes()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        && !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The value of a label, or the part of its name behind the slash; not empty.
pub fn is_label_value(text: &str) -> bool {
    let ends = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c))
}

/// The name of a label: an optional DNS subdomain and a slash, then a name.
pub fn is_label_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_label_value(name),
        None => is_label_value(text),
    }
}

/// The name of a service's port as RFC 6335 has it.
pub fn is_port_name(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && is_dns_part(text)
        && !text.contains("--")
        && text.bytes().any(|c| c.is_ascii_lowercase())
}

/// A PCI address: domain, bus, slot and function, such as `0000:81:01.0`.
pub fn is_pci_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let [domain, bus, slot, function] = parts[..] else {
        return false;
    };
    let hex = |part: &str, digits: usize, most: u32| {
        part.len() == digits
            && part.bytes().all(|c| c.is_ascii_hexdigit())
            && u32::from_str_radix(part, 16).is_ok_and(|value| value <= most)
    };
    text.matches(':').count() == 2
        && text.rfind(':') < text.find('.')
        && hex(domain, 4, 0xffff)
        && hex(bus, 2, 0xff)
        && hex(slot, 2, 0x1f)
        && hex(function, 1, 7)
}

/// The six bytes of a MAC address, such as `de:ad:00:00:be:af` or with `-`.
pub fn mac_address(text: &str) -> Option<[u8; 6]> {
    let separator = if text.contains('-') { '-' } else { ':' };
    let parts: Vec<&str> = text.split(separator).collect();
    let mut bytes = [0; 6];
    if parts.len() != bytes.len() {
        return None;
    }
    for (byte, part) in bytes.iter_mut().zip(parts) {
        if part.len() != 2 || !part.bytes().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    Some(bytes)
}

/// A path from the root without empty parts, `.` and `..`, other than the root itself.
pub fn is_clean_absolute_path(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| {
        rest.split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(
            is_dns_label("a-1")
                && !is_dns_label("A")
                && !is_dns_label("-a")
                && !is_dns_label("a.b")
                && !is_dns_label("")
        );
        assert!(!is_dns_label(&"a".repeat(64)));
        assert!(
            is_dns_subdomain("a.b-c")
                && !is_dns_subdomain("a..b")
                && !is_dns_subdomain("a.")
                && !is_dns_subdomain("")
        );
        assert!(
            is_label_name("kubevirt.io/vm")
                && is_label_name("a_B.c")
                && !is_label_name("/a")
                && !is_label_name("a/b/c")
        );
        assert!(
            is_port_name("http")
                && !is_port_name("80")
                && !is_port_name("a--b")
                && !is_port_name("a234567890123456")
        );
    }

    #[test]
    fn addresses() {
        assert!(
            is_pci_address("0000:81:01.0")
                && !is_pci_address("81:01.0")
                && !is_pci_address("0000:81:20.0")
        );
        assert!(!is_pci_address("0000.81:01:0") && !is_pci_address("0000:81:01.8"));
        assert_eq!(mac_address("02:00:00:00:00:0a"), Some([2, 0, 0, 0, 0, 10]));
        assert_eq!(mac_address("02-00-00-00-00-0a"), Some([2, 0, 0, 0, 0, 10]));
        assert!(
            mac_address("02:00:00:00:00").is_none() && mac_address("02:00:00:00:00:+1").is_none()
        );
    }

    #[test]
    fn paths() {
        assert!(is_clean_absolute_path("/disk/a.img"));
        for bad in ["", "/", "disk", "/a/../b", "/a//b", "/a/", "/./a"] {
            assert!(!is_clean_absolute_path(bad), "{bad}");
        }
    }
}
