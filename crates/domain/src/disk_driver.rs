//! How QEMU reads and writes a disk.

use kubevirt_api::Disk;

use crate::Error;
use crate::context::Context;
use crate::disks::{Kind, bus};
use crate::environment::{ImageFormat, VolumeSource};
use crate::xml::Element;

pub(crate) fn driver(
    context: &Context<'_>,
    disk: &Disk,
    kind: Kind,
    source: Option<&VolumeSource>,
    thread: Option<usize>,
    field: &str,
) -> Result<Element, Error> {
    let format = source.map_or(ImageFormat::Raw, |source| source.format);
    let mut driver = Element::new("driver")
        .attribute("name", "qemu")
        .attribute("type", format.name());
    if let Some(source) = source {
        let cache = cache(disk, source, field)?;
        driver = driver
            .attribute("cache", cache)
            .attribute(
                "error_policy",
                disk.error_policy
                    .as_deref()
                    .filter(|p| !p.is_empty())
                    .unwrap_or("stop"),
            )
            .optional("io", io(disk, source, cache));
        if kind != Kind::Cdrom && !source.preallocated {
            driver = driver.attribute("discard", "unmap");
        }
    }
    if bus(disk) == "virtio" && context.devices().block_multi_queue == Some(true) {
        driver = driver.attribute("queues", context.queues());
    }
    Ok(driver.optional("iothread", thread))
}

/// Without a wish: past the node's cache where the storage can, else written through, which loses nothing either.
fn cache<'a>(disk: &'a Disk, source: &VolumeSource, field: &str) -> Result<&'a str, Error> {
    match disk.cache.as_deref().filter(|cache| !cache.is_empty()) {
        Some("none") if !source.direct_io => Err(Error::new(
            format!("{field}.cache"),
            "none is not possible: the volume's file system cannot open files with O_DIRECT, use writethrough",
        )),
        Some(cache) => Ok(cache),
        None if source.direct_io || disk.shareable == Some(true) => Ok("none"),
        None => Ok("writethrough"),
    }
}

/// Native asynchronous I/O blocks where it would have to allocate, so it is for devices and allocated files.
fn io<'a>(disk: &'a Disk, source: &VolumeSource, cache: &str) -> Option<&'a str> {
    match disk.io.as_deref().filter(|io| !io.is_empty()) {
        Some(io) => Some(io),
        None => (cache == "none" && (source.block || source.preallocated)).then_some("native"),
    }
}
