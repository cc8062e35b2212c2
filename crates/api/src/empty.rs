//! Empty texts that mean the same as an absent field.

use serde::{Deserialize, Deserializer};

/// Reads a text whose empty value means that the field was not given, as clients that write every field send it.
pub(crate) fn as_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.filter(|text: &String| !text.is_empty()))
}
