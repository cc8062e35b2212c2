//! Names of images: `[REGISTRY/]NAME[:TAG]`.

use std::fmt;
use std::str::FromStr;

use anyhow::{bail, ensure};

const DEFAULT_REGISTRY: &str = "docker.io";

/// Where an image is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Host, maybe with a port.
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) tag: String,
}

impl Reference {
    /// The host that answers for the registry.
    pub(super) fn host(&self) -> &str {
        match self.registry.as_str() {
            DEFAULT_REGISTRY => "registry-1.docker.io",
            other => other,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}/{}:{}",
            self.registry, self.repository, self.tag
        )
    }
}

impl FromStr for Reference {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let fault = |what: &str| {
            format!("the image's name {text:?} {what}: it has the form REGISTRY/NAME:TAG")
        };
        let text = text.strip_prefix("docker://").unwrap_or(text);
        if text.contains('@') {
            bail!(
                "{}",
                fault("has a digest, which is not known before the image is made")
            );
        }
        // The first part is a host when it looks like one, as container engines decide.
        let (registry, rest) = match text.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (first, rest)
            }
            _ => (DEFAULT_REGISTRY, text),
        };
        let (repository, tag) = rest.rsplit_once(':').unwrap_or((rest, "latest"));
        ensure!(is_host(registry), fault("has a registry that is no host"));
        ensure!(
            !repository.is_empty() && repository.len() <= 255 && repository.split('/').all(is_part),
            fault("has a NAME with other characters than a-z, 0-9, '.', '_', '-' and '/'")
        );
        ensure!(
            is_tag(tag),
            fault("has a TAG with other characters than letters, digits, '.', '_' and '-'")
        );
        let repository = match registry {
            DEFAULT_REGISTRY if !repository.contains('/') => format!("library/{repository}"),
            _ => repository.to_owned(),
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.to_owned(),
        })
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse::<u16>().is_ok()),
        None => (text, true),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    port && !host.is_empty() && host.bytes().all(plain)
}

fn is_part(part: &str) -> bool {
    let edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    edge(part.bytes().next()) && edge(part.bytes().last()) && part.bytes().all(inner)
}

fn is_tag(tag: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !tag.is_empty() && tag.len() <= 128 && !tag.starts_with(['.', '-']) && tag.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_container_engines_read_them() {
        for (text, shown, host) in [
            ("quay.io/me/disk:1", "quay.io/me/disk:1", "quay.io"),
            (
                "192.168.0.1:5000/disk",
                "192.168.0.1:5000/disk:latest",
                "192.168.0.1:5000",
            ),
            ("localhost/disk:v1", "localhost/disk:v1", "localhost"),
            (
                "me/disk",
                "docker.io/me/disk:latest",
                "registry-1.docker.io",
            ),
            ("disk:1", "docker.io/library/disk:1", "registry-1.docker.io"),
            (
                "docker://registry:5000/a/b/c:x",
                "registry:5000/a/b/c:x",
                "registry:5000",
            ),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(
                (reference.to_string().as_str(), reference.host()),
                (shown, host)
            );
        }
    }

    #[test]
    fn wrong_names_are_refused() {
        for text in [
            "",
            "Disk",
            "quay.io/",
            "quay.io/a//b",
            "quay.io/../b",
            "quay.io/a:",
            "quay.io/a:b c",
            "a@sha256:00",
            "host:port/a:1",
            "quay.io/a?x",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
