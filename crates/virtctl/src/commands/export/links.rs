//! Choosing what to download from an export's status.

use anyhow::{Context, bail};
use serde_json::Value;

use super::arguments::Format;
use crate::objects::text;

/// From where the links are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// By the cluster's Ingress or Route.
    External,
    /// By the export's Service.
    Internal,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) url: String,
    /// The data is to be unpacked here.
    pub(super) unpack: bool,
}

/// The links of one side.
pub(super) fn of(export: &Value, side: Side) -> anyhow::Result<&Value> {
    let (pointer, remedy) = match side {
        Side::External => (
            "/status/links/external",
            "make the Service virt-exportproxy known by an Ingress or Route, or use --port-forward",
        ),
        Side::Internal => ("/status/links/internal", "wait until the export is ready"),
    };
    let links = export.pointer(pointer).filter(|links| links.is_object());
    let side = if side == Side::External {
        "from outside of the cluster"
    } else {
        "within the cluster"
    };
    links.with_context(|| format!("the export has no links {side}: {remedy}"))
}

/// The link of a volume. With one volume its name does not matter, as it may be that of the machine's volume.
pub(super) fn volume(links: &Value, name: Option<&str>, format: Format) -> anyhow::Result<Link> {
    if format == Format::Oci {
        let url = manifest(links, "oci").context("the export is not offered as an OCI image")?;
        return Ok(Link { url, unpack: false });
    }
    let volumes = links
        .get("volumes")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names = || {
        volumes
            .iter()
            .map(|volume| text(volume, "/name"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let volume = match (volumes, name) {
        ([], _) => bail!("the export has no volumes"),
        ([only], _) => only,
        (several, Some(name)) => several
            .iter()
            .find(|volume| text(volume, "/name") == name)
            .with_context(|| format!("the export has no volume {name}: it has {}", names()))?,
        (_, None) => bail!(
            "detected more than one downloadable volume: name one of {} with --volume",
            names()
        ),
    };
    let formats = volume
        .get("formats")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let url = |wanted: &str| {
        let format = formats
            .iter()
            .find(|format| text(format, "/format") == wanted)?;
        Some(text(format, "/url").to_owned()).filter(|url| !url.is_empty())
    };
    // The compressed form is the faster one over a network, whatever the file is to be.
    let (wanted, unpack) = match format {
        Format::Raw => (["gzip", "raw"], true),
        _ => (["gzip", "tar.gz"], false),
    };
    if let Some(link) = url(wanted[0]) {
        return Ok(Link { url: link, unpack });
    }
    let other = url(wanted[1]).or_else(|| url("raw"));
    let link = other.with_context(|| {
        let offered = formats
            .iter()
            .map(|format| text(format, "/format"))
            .collect::<Vec<_>>()
            .join(", ");
        format!(
            "the volume {} is not offered in that form: it is offered as {offered}",
            text(volume, "/name")
        )
    })?;
    Ok(Link {
        url: link,
        unpack: false,
    })
}

/// The link of a manifest: `all` or `auth-header-secret`.
pub(super) fn manifest(links: &Value, kind: &str) -> anyhow::Result<String> {
    let manifests = links
        .get("manifests")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let found = manifests
        .iter()
        .find(|manifest| text(manifest, "/type") == kind);
    let url = found.map(|manifest| text(manifest, "/url").to_owned());
    url.filter(|url| !url.is_empty())
        .with_context(|| format!("the export offers no manifest of type {kind}: only virtual machines and snapshots of them have manifests"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn links() -> Value {
        json!({
            "volumes": [
                { "name": "disk", "formats": [{ "format": "raw", "url": "R" }, { "format": "gzip", "url": "G" }] },
                { "name": "files", "formats": [{ "format": "dir", "url": "D" }, { "format": "tar.gz", "url": "T" }] },
            ],
            "manifests": [{ "type": "all", "url": "A" }],
        })
    }

    #[test]
    fn the_form_is_chosen() {
        let link =
            |name, format| volume(&links(), Some(name), format).map(|link| (link.url, link.unpack));
        assert_eq!(link("disk", Format::Gzip).unwrap(), ("G".to_owned(), false));
        assert_eq!(link("disk", Format::Raw).unwrap(), ("G".to_owned(), true));
        assert_eq!(
            link("files", Format::Gzip).unwrap(),
            ("T".to_owned(), false)
        );
        assert!(
            link("files", Format::Raw)
                .unwrap_err()
                .to_string()
                .contains("dir, tar.gz")
        );
        assert!(
            link("disk", Format::Oci)
                .unwrap_err()
                .to_string()
                .contains("OCI")
        );
        assert!(
            link("other", Format::Gzip)
                .unwrap_err()
                .to_string()
                .contains("disk, files")
        );
    }

    #[test]
    fn a_single_volume_needs_no_name_and_several_do() {
        assert!(
            volume(&links(), None, Format::Gzip)
                .unwrap_err()
                .to_string()
                .contains("--volume")
        );
        let one =
            json!({ "volumes": [{ "name": "a", "formats": [{ "format": "raw", "url": "R" }] }] });
        let link = Link {
            url: "R".to_owned(),
            unpack: false,
        };
        assert_eq!(volume(&one, None, Format::Gzip).unwrap(), link);
        assert_eq!(volume(&one, Some("b"), Format::Raw).unwrap(), link);
    }

    #[test]
    fn manifests_are_found_by_type() {
        assert_eq!(manifest(&links(), "all").unwrap(), "A");
        assert!(manifest(&links(), "auth-header-secret").is_err());
        assert!(
            of(&json!({}), Side::External)
                .unwrap_err()
                .to_string()
                .contains("--port-forward")
        );
    }
}
