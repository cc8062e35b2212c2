//! Output that is data: JSON or YAML.

use clap::ValueEnum;
use serde::Serialize;

use crate::say;

/// What `-o` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Yaml,
}

/// `value` in that format, with an end of line.
pub(crate) fn text<T: Serialize>(value: &T, format: Format) -> anyhow::Result<String> {
    Ok(match format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(value)?),
        Format::Yaml => serde_saphyr::to_string(value)?,
    })
}

/// Prints `value` in that format.
pub(crate) fn print<T: Serialize>(value: &T, format: Format) -> anyhow::Result<()> {
    say::all(text(value, format)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn both_formats_end_in_one_line_end() {
        let value = json!({"a": [1, "true"]});
        assert_eq!(
            text(&value, Format::Json).unwrap(),
            "{\n  \"a\": [\n    1,\n    \"true\"\n  ]\n}\n"
        );
        let yaml = text(&value, Format::Yaml).unwrap();
        assert!(yaml.ends_with('\n') && !yaml.ends_with("\n\n"), "{yaml:?}");
        assert_eq!(
            serde_saphyr::from_str::<Value>(&yaml).unwrap(),
            value,
            "{yaml}"
        );
    }
}
