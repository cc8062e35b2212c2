//! Configuration and manifest of the image, as the OCI image specification has them.

use anyhow::Context;
use k8s_openapi::jiff::Timestamp;
use serde_json::json;

use super::digest;
use super::layer::{Compression, Layer};

/// Media type of the manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// An image without the bytes of its layer.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Of the manifest.
    pub(super) digest: String,
    pub(super) manifest: Vec<u8>,
    pub(super) config: Vec<u8>,
    pub(super) config_digest: String,
    pub(super) layer: Layer,
}

/// Writes both for a layer. `modified` is in seconds since 1970.
pub(super) fn make(layer: Layer, architecture: &str, modified: u64) -> anyhow::Result<Made> {
    let created = i64::try_from(modified)
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok());
    let created = created.with_context(|| format!("{modified} is no time that can be written"))?;
    let config = serde_json::to_vec(&json!({
        "created": created.to_string(),
        "architecture": architecture,
        "os": "linux",
        "config": { "User": "107:107" },
        "rootfs": { "type": "layers", "diff_ids": [layer.diff_id] },
    }))?;
    let config_digest = digest::of(&config);
    let media_type = match layer.compression {
        Compression::None => "application/vnd.oci.image.layer.v1.tar",
        Compression::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
    };
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": config_digest, "size": config.len() },
        "layers": [{ "mediaType": media_type, "digest": layer.digest, "size": layer.size }],
    }))?;
    Ok(Made {
        digest: digest::of(&manifest),
        manifest,
        config,
        config_digest,
        layer,
    })
}

/// This computer's processor as images name it.
pub(super) fn host_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
