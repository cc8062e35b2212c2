//! MAC addresses of guests.

use uuid::Uuid;

/// The MAC address of a guest's interface that has none in the specification: the same for the life of the
/// VirtualMachineInstance, on whatever node, locally administered, and different between interfaces.
///
/// `owner` is the UID of the VirtualMachineInstance; any text gives an address.
pub(super) fn derived(owner: &str, interface: &str) -> String {
    let namespace = Uuid::parse_str(owner)
        .unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_OID, owner.as_bytes()));
    let [first, rest @ ..] = *Uuid::new_v5(&namespace, interface.as_bytes()).as_bytes();
    // Bit 1 of the first byte: locally administered. Bit 0: group addresses, which a card must not have.
    let first = (first | 0b10) & !0b01;
    let [second, third, fourth, fifth, sixth, ..] = rest;
    format!("{first:02x}:{second:02x}:{third:02x}:{fourth:02x}:{fifth:02x}:{sixth:02x}")
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn stable_local_and_distinct() {
        let uid = "e6101f34-ec23-4178-a6ab-cdd09aed4409";
        let address = derived(uid, "default");
        assert_eq!(address, derived(uid, "default"));
        assert_ne!(address, derived(uid, "second"));
        assert_ne!(
            address,
            derived("e6101f34-ec23-4178-a6ab-cdd09aed4408", "default")
        );
        let first = u8::from_str_radix(&address[..2], 16).unwrap();
        assert_eq!(first & 0b11, 0b10, "{address}");
        assert_eq!(address.len(), 17);
    }
}
