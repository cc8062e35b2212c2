//! The disks that are made when the pod starts: overlays of container disks, empty disks, and disk.img in volumes that have
//! none. What exists already is kept, so that all of it may be repeated.

mod beneath;
mod container;
mod empty;
mod filesystem;
mod format;
mod qemu_img;

use crate::args::{Disk, Source};
use crate::children::Children;
use crate::failure::Failure;
use crate::layout::Layout;

/// Prepares all disks; the first failure is told.
pub(crate) fn prepare(layout: &Layout, children: &Children, disks: &[Disk]) -> Result<(), Failure> {
    for disk in disks {
        let prepared = match &disk.source {
            Source::Container { index, path } => {
                container::prepare(layout, children, &disk.volume, *index, path.as_deref())
            }
            Source::Empty { bytes } => empty::prepare(layout, children, &disk.volume, *bytes),
            Source::Filesystem { bytes } => filesystem::prepare(layout, &disk.volume, *bytes),
        };
        prepared.map_err(|message| Failure::new(format!("volume {}", disk.volume), message))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
