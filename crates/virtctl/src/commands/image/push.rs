//! Making the image on its way to the registry.

use std::io::ErrorKind;
use std::time::Duration;

use anyhow::Context;

use super::build::Build;
use super::layer::{Layer, Packer};
use super::manifest::{self, Made};
use super::reference::Reference;
use super::registry::{Access, Registry};
use crate::progress::{Measured, Progress};
use crate::transfer::Outgoing;

/// How long the thread may take to notice that the connection is gone.
const ENDING: Duration = Duration::from_secs(30);

/// Pushes layer, configuration and manifest, in this order. The layer is made anew when the connection breaks.
pub(super) async fn push(
    arguments: &Build,
    packer: &Packer,
    reference: &Reference,
    access: Access,
    progress: &Progress,
) -> anyhow::Result<Made> {
    let mut registry = Registry::connect(reference, access).await?;
    let mut left = arguments.retry();
    let layer = loop {
        match push_layer(&mut registry, arguments, packer, progress).await {
            Ok(layer) => break layer,
            Err(error) if left > 0 && !error.is::<super::registry::Denied>() => {
                left -= 1;
                eprintln!("{error:#}; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                progress.reset();
            }
            Err(error) => return Err(error),
        }
    };
    let made = manifest::make(layer, arguments.arch(), packer.modified)?;
    registry.put_blob(&made.config_digest, &made.config).await?;
    registry
        .put_manifest(&reference.tag, manifest::MANIFEST, &made)
        .await?;
    Ok(made)
}

async fn push_layer(
    registry: &mut Registry,
    arguments: &Build,
    packer: &Packer,
    progress: &Progress,
) -> anyhow::Result<Layer> {
    let location = registry.begin_upload().await?;
    let (writer, body, pulse) = Outgoing::channel();
    let disk = Measured::new(arguments.open()?, progress.clone());
    let packer = packer.clone();
    let work = tokio::task::spawn_blocking(move || {
        let (writer, layer) = packer.pack(disk, writer)?;
        writer.finish()?;
        std::io::Result::Ok(layer)
    });
    let sent = registry.stream(&location, body, &pulse).await;
    // When the connection is gone the thread ends at its next write; its own failure is the cause of a broken stream.
    let packed = match tokio::time::timeout(ENDING, work).await {
        Ok(packed) => packed.context("the work on the layer broke off")?,
        Err(_) => Err(ErrorKind::BrokenPipe.into()),
    };
    match (sent, packed) {
        (Ok(location), Ok(layer)) => {
            registry.end_upload(&location, &layer.digest).await?;
            Ok(layer)
        }
        (_, Err(error)) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot make the layer")
        }
        (Err(error), _) => Err(error),
        (Ok(_), Err(error)) => Err(error).context("the registry took only a part of the layer"),
    }
}
