//! The identity of guests from before each VirtualMachine got a random one.

use uuid::Uuid;

/// Namespace of the identifiers that follow from a name.
const NAMESPACE: Uuid = Uuid::from_u128(0x6a1a_24a1_4061_4607_8bf4_a396_3d0c_5895);

/// Firmware UUID of a VirtualMachine that was stored without one. It follows from the name alone, so guests that were
/// licensed for it keep it.
pub fn legacy_firmware_uuid(name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}
