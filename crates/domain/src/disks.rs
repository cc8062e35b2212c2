//! Disks, CD-ROM drives and LUNs.

use kubevirt_api::{Disk, Volume};

use crate::Error;
use crate::context::Context;
use crate::controllers::Slots;
use crate::disk_driver::driver;
use crate::environment::VolumeSource;
use crate::io_threads::IoThreads;
use crate::pci;
use crate::targets::targets;
use crate::xml::Element;

/// What the guest sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Disk,
    Cdrom,
    Lun,
}

impl Kind {
    fn of(disk: &Disk) -> Self {
        match (&disk.cdrom, &disk.lun) {
            (Some(_), _) => Self::Cdrom,
            (None, Some(_)) => Self::Lun,
            (None, None) => Self::Disk,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Cdrom => "cdrom",
            Self::Lun => "lun",
        }
    }
}

/// A disk's bus; amd64 guests have SATA unless the spec says.
pub(crate) fn bus(disk: &Disk) -> &str {
    disk.bus().filter(|bus| !bus.is_empty()).unwrap_or("sata")
}

pub(crate) fn disks(
    context: &Context<'_>,
    threads: &IoThreads,
    slots: &mut Slots,
) -> Result<Vec<Element>, Error> {
    let mut scsi_unit = 0;
    let mut elements = Vec::new();
    let targets = targets(context.vmi);
    for (index, (disk, target)) in context.devices().disks.iter().zip(&targets).enumerate() {
        let field = format!("spec.domain.devices.disks[{index}]");
        let thread = threads.disks.get(index).copied().flatten();
        let mut element = self::disk(context, disk, target, thread, &field)?;
        match bus(disk) {
            "scsi" => {
                element = element.child(
                    Element::new("address")
                        .attribute("type", "drive")
                        .attribute("controller", 0)
                        .attribute("bus", 0)
                        .attribute("unit", scsi_unit),
                );
                scsi_unit += 1;
            }
            "virtio" => {
                let wish = disk
                    .disk
                    .as_ref()
                    .and_then(|disk| disk.pci_address.as_deref());
                element = match wish {
                    Some(text) => {
                        element.child(pci::address(|| format!("{field}.disk.pciAddress"), text)?)
                    }
                    None => element.children(slots.next()?),
                };
            }
            _ => {}
        }
        elements.push(element);
    }
    Ok(elements)
}

fn disk(
    context: &Context<'_>,
    disk: &Disk,
    target: &str,
    thread: Option<usize>,
    field: &str,
) -> Result<Element, Error> {
    let kind = Kind::of(disk);
    let volume = context
        .vmi
        .spec
        .volumes
        .iter()
        .find(|volume| volume.name == disk.name);
    let source = source(context, disk, kind, volume, field)?;
    let block = source.is_none_or(|source| source.block);
    let mut element = Element::new("disk")
        .attribute("type", if block { "block" } else { "file" })
        .attribute("device", kind.name())
        .optional("model", (bus(disk) == "virtio").then(|| context.virtio()))
        .child(driver(context, disk, kind, source, thread, field)?);
    if let Some(source) = source {
        element = element
            .child(
                Element::new("source").attribute(if block { "dev" } else { "file" }, &source.path),
            )
            .children(backing(source));
    }
    let tray = disk
        .cdrom
        .as_ref()
        .and_then(|cdrom| cdrom.tray.as_deref())
        .filter(|tray| !tray.is_empty());
    element = element
        .child(
            Element::new("target")
                .attribute("dev", target)
                .attribute("bus", bus(disk))
                .optional("tray", tray),
        )
        .children(block_sizes(disk))
        .children(
            disk.serial
                .as_ref()
                .map(|serial| Element::new("serial").text(serial)),
        )
        .children(is_readonly(disk, volume).then(|| Element::new("readonly")))
        .children((disk.shareable == Some(true)).then(|| Element::new("shareable")))
        .children(
            disk.boot_order
                .map(|order| Element::new("boot").attribute("order", order)),
        )
        .child(Element::new("alias").attribute("name", format!("ua-{}", disk.name)));
    Ok(element)
}

/// Where the disk's contents are; `None` for a drive without medium.
fn source<'a>(
    context: &Context<'a>,
    disk: &Disk,
    kind: Kind,
    volume: Option<&Volume>,
    field: &str,
) -> Result<Option<&'a VolumeSource>, Error> {
    let source = context.environment.volumes.get(&disk.name);
    match (volume, source) {
        (None, _) if kind == Kind::Cdrom => Ok(None),
        (None, _) => Err(Error::new(
            format!("{field}.name"),
            format!("there is no volume {:?}, add it to spec.volumes", disk.name),
        )),
        (Some(_), None) => Err(Error::new(
            "spec.volumes",
            format!(
                "the launcher pod has nothing for volume {:?}, see the events of its pod",
                disk.name
            ),
        )),
        (Some(_), Some(source)) if kind == Kind::Lun && !source.block => Err(Error::new(
            format!("{field}.lun"),
            "needs a PersistentVolumeClaim of volumeMode Block, use disk for other volumes",
        )),
        (Some(_), Some(source)) => Ok(Some(source)),
    }
}

fn backing(source: &VolumeSource) -> Option<Element> {
    source.backing.as_ref().map(|backing| {
        Element::new("backingStore")
            .attribute("type", "file")
            .child(Element::new("format").attribute("type", backing.format.name()))
            .child(Element::new("source").attribute("file", &backing.path))
            .child(Element::new("backingStore"))
    })
}

fn block_sizes(disk: &Disk) -> Option<Element> {
    let custom = disk.block_size.as_ref()?.custom.as_ref()?;
    Some(
        Element::new("blockio")
            .attribute("logical_block_size", custom.logical)
            .attribute("physical_block_size", custom.physical),
    )
}

/// A CD-ROM is read-only unless it says otherwise, other kinds are when they say so or their claim is mounted so.
fn is_readonly(disk: &Disk, volume: Option<&Volume>) -> bool {
    if let Some(cdrom) = &disk.cdrom {
        return cdrom.readonly != Some(false);
    }
    let wish = disk
        .disk
        .as_ref()
        .and_then(|disk| disk.readonly)
        .or(disk.lun.as_ref().and_then(|lun| lun.readonly));
    let claim = volume.and_then(Volume::claim);
    wish == Some(true) || claim.is_some_and(|claim| claim.read_only)
}
