//! `virtctl image-upload`

use clap::Args;

use crate::cli::Connection;

/// Upload an image to a DataVolume or PersistentVolumeClaim.
#[derive(Debug, Args)]
pub(crate) struct ImageUpload {}

/// Upload an image to a DataVolume or PersistentVolumeClaim.
pub(crate) async fn run(_flags: &Connection, _arguments: &ImageUpload) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
