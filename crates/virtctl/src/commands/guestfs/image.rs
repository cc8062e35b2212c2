//! The image with libguestfs' tools.

use anyhow::{Context, ensure};

use crate::client::Cluster;
use crate::objects::{self, text};

const PATH: &str = "/apis/subresources.kubevirt.io/v1/guestfs";
const NAME: &str = "libguestfs-tools";

/// The image that belongs to the installed KubeVirt, as virt-api tells it.
pub(super) async fn installed(cluster: &Cluster) -> anyhow::Result<String> {
    let remedy = "give one with --image";
    let info = objects::get(&cluster.client, PATH).await;
    let info = info
        .and_then(|info| info.context("the cluster does not know it"))
        .with_context(|| format!("could not get guestfs image info ({remedy})"))?;
    let whole = text(&info, "/gsImage");
    if !whole.is_empty() {
        return Ok(whole.to_owned());
    }
    let (registry, tag, digest) = (
        text(&info, "/registry"),
        text(&info, "/tag"),
        text(&info, "/digest"),
    );
    ensure!(
        !registry.is_empty() && (!tag.is_empty() || !digest.is_empty()),
        "could not get guestfs image info: registry, or tag and digest, are empty ({remedy})"
    );
    let version = if digest.is_empty() {
        format!(":{tag}")
    } else {
        format!("@{digest}")
    };
    Ok(format!(
        "{registry}/{}{NAME}{version}",
        text(&info, "/imagePrefix")
    ))
}
