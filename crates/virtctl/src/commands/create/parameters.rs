//! The flags that describe one thing in `key:value,key:value`.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};

/// The keys and values of one flag. Whoever reads takes what is known; [`Parameters::end`] refuses the rest.
#[derive(Debug)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Splits `text`. A value may hold colons, as URLs do.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parameters = BTreeMap::new();
        for part in text.split(',') {
            let (key, value) = part.split_once(':').with_context(|| {
                format!("params need to have at least one colon: {part}; write key:value,key:value")
            })?;
            ensure!(
                !key.is_empty(),
                "params need a key before the colon: {part}"
            );
            let before = parameters.insert(key.to_ascii_lowercase(), value.to_owned());
            ensure!(before.is_none(), "param {key} was given twice");
        }
        Ok(Self(parameters))
    }

    /// Takes an optional value. An empty one counts as not given.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key).filter(|value| !value.is_empty())
    }

    /// Takes a value that must be there.
    pub(super) fn need(&mut self, key: &str) -> anyhow::Result<String> {
        self.take(key)
            .with_context(|| format!("{key} must be specified"))
    }

    /// Takes a list whose items are separated by semicolons.
    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let list = self.take(key)?;
        Some(list.split(';').map(str::to_owned).collect())
    }

    /// Takes the place in the order of booting, from 1.
    pub(super) fn boot_order(&mut self) -> anyhow::Result<Option<u64>> {
        let Some(text) = self.take("bootorder") else {
            return Ok(None);
        };
        let order: u64 = text
            .parse()
            .with_context(|| format!("bootorder {text:?} is not a number"))?;
        ensure!(order > 0, "bootorder must be greater than 0");
        Ok(Some(order))
    }

    /// Takes a source, `[namespace/]name`.
    pub(super) fn source(&mut self) -> anyhow::Result<(Option<String>, String)> {
        prefixed(&self.need("src")?)
    }

    /// Refuses what nobody took.
    pub(super) fn end(self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rest: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .collect();
        bail!("unknown param(s): {}", rest.join(","))
    }
}

/// Splits `[prefix/]name`.
pub(super) fn prefixed(text: &str) -> anyhow::Result<(Option<String>, String)> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [name] if !name.is_empty() => Ok((None, (*name).to_owned())),
        [prefix, name] if !prefix.is_empty() && !name.is_empty() => {
            Ok((Some((*prefix).to_owned()), (*name).to_owned()))
        }
        [_] | [_, _] => bail!("{text:?} lacks a name: write name or prefix/name"),
        _ => bail!(
            "invalid count {} of slashes in prefix/name",
            parts.len() - 1
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_colons() {
        let mut parameters =
            Parameters::parse("url:http://a:1/b,size:1Gi,extraheaders:a;b").unwrap();
        assert_eq!(parameters.need("url").unwrap(), "http://a:1/b");
        assert_eq!(parameters.list("extraheaders").unwrap(), ["a", "b"]);
        assert_eq!(
            parameters.end().unwrap_err().to_string(),
            "unknown param(s): size:1Gi"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            ("src", "at least one colon"),
            (":a", "a key"),
            ("src:a,src:b", "twice"),
        ] {
            assert!(
                Parameters::parse(text)
                    .unwrap_err()
                    .to_string()
                    .contains(words),
                "{text}"
            );
        }
        assert!(Parameters::parse("src:").unwrap().need("src").is_err());
        assert!(
            Parameters::parse("bootorder:0")
                .unwrap()
                .boot_order()
                .is_err()
        );
        assert!(
            Parameters::parse("bootorder:x")
                .unwrap()
                .boot_order()
                .is_err()
        );
        assert!(prefixed("a/b/c").is_err());
        assert!(prefixed("/b").is_err());
        assert!(prefixed("").is_err());
    }
}
