//! USB, SCSI, virtio-serial and PCI controllers.

use kubevirt_api::Disk;

use crate::Error;
use crate::context::{Context, is_virtio};
use crate::disks::bus;
use crate::io_threads::IoThreads;
pub(crate) use crate::pci::Slots;
use crate::pci::on_root_complex;
use crate::xml::Element;

/// Buses that a guest can have beside bus 0.
const MOST_PORTS: usize = 31;
/// Guests above this have more root ports, if the annotation asks for the layout that has spare ones.
const LARGE_GUEST: u64 = 2 << 30;
/// Interfaces that a guest of the first layout has room for.
const INTERFACES: usize = 4;

pub(crate) fn controllers(
    context: &Context<'_>,
    threads: &IoThreads,
    slots: &mut Slots,
) -> Result<Vec<Element>, Error> {
    let mut controllers = Vec::new();
    let usb = Element::new("controller")
        .attribute("type", "usb")
        .attribute("index", 0);
    controllers.push(if needs_usb(context) {
        usb.attribute("model", "qemu-xhci").children(slots.next()?)
    } else {
        usb.attribute("model", "none")
    });

    let scsi = Element::new("controller")
        .attribute("type", "scsi")
        .attribute("index", 0)
        .attribute("model", context.virtio());
    let driver = threads.scsi.map(|thread| {
        Element::new("driver")
            .attribute("iothread", thread)
            .attribute("queues", context.queues())
    });
    controllers.push(scsi.children(driver).children(slots.next()?));

    let serial = Element::new("controller")
        .attribute("type", "virtio-serial")
        .attribute("index", 0)
        .attribute("model", context.virtio());
    controllers.push(serial.children(slots.next()?));

    if is_pcie(context) {
        let root = Element::new("controller")
            .attribute("type", "pci")
            .attribute("index", 0)
            .attribute("model", "pcie-root");
        let hole = context
            .annotated("kubevirt.io/disablePCIHole64", "true")
            .then(|| Element::new("pcihole64").attribute("unit", "KiB").text(0));
        controllers.push(root.children(hole));
        controllers.extend((1..=root_ports(context)).map(|index| {
            Element::new("controller")
                .attribute("type", "pci")
                .attribute("index", index)
                .attribute("model", "pcie-root-port")
        }));
    }
    Ok(controllers)
}

/// Whether the machine has PCI Express.
fn is_pcie(context: &Context<'_>) -> bool {
    context
        .domain()
        .machine
        .as_ref()
        .is_none_or(|machine| machine.type_.is_empty() || machine.type_.contains("q35"))
}

fn needs_usb(context: &Context<'_>) -> bool {
    let devices = context.devices();
    devices.disks.iter().any(|disk| bus(disk) == "usb")
        || devices
            .inputs
            .iter()
            .any(|input| !matches!(input.bus.as_deref(), Some("virtio")))
}

/// Root ports: one for each device that sits on one, and free ones for devices that are plugged in later. Each costs the
/// guest time when it boots.
///
/// The first layout leaves room for four interfaces in all. The later ones, chosen by annotation, leave room for the
/// given number, and have at least 8 ports with 3 free, or 16 with 6 free above 2 GiB.
fn root_ports(context: &Context<'_>) -> usize {
    if on_root_complex(context) {
        return 0;
    }
    let annotations = context.vmi.metadata.annotations.as_ref();
    let annotation = |key: &str| annotations.and_then(|all| all.get(key)).map(String::as_str);
    let interfaces = context.devices().interfaces.len();
    let used = used_ports(context);
    let ports = if matches!(
        annotation("kubevirt.io/pci-topology-version"),
        Some("v2" | "v3")
    ) {
        let count = annotation("kubevirt.io/pci-interface-slot-count")
            .and_then(|count| count.parse::<usize>().ok());
        let reserved = count.unwrap_or(0).saturating_sub(interfaces);
        let (total, free) = if context.memory > LARGE_GUEST {
            (16, 6)
        } else {
            (8, 3)
        };
        used.saturating_add(reserved)
            .max(total)
            .max(used.saturating_add(free))
    } else {
        used + INTERFACES.saturating_sub(interfaces)
    };
    ports.min(MOST_PORTS)
}

/// Devices that libvirt puts on root ports. One too few here is no harm: libvirt adds ports that are missing.
fn used_ports(context: &Context<'_>) -> usize {
    let devices = context.devices();
    let express = ["e1000e", "igb"];
    let other_interfaces = devices
        .interfaces
        .iter()
        .filter(|interface| {
            interface
                .model
                .as_deref()
                .is_some_and(|model| express.contains(&model))
        })
        .count();
    let count = usize::from(needs_usb(context)) + other_interfaces;
    if devices.use_virtio_transitional == Some(true) {
        // Transitional devices are conventional PCI devices; all share one bridge.
        return count + 1;
    }
    let on_port = |disk: &&Disk| {
        bus(disk) == "virtio"
            && disk
                .disk
                .as_ref()
                .is_none_or(|disk| disk.pci_address.is_none())
    };
    let scsi_and_serial = 2;
    count
        + scsi_and_serial
        + devices.disks.iter().filter(on_port).count()
        + devices
            .interfaces
            .iter()
            .filter(|interface| is_virtio(interface) && interface.pci_address.is_none())
            .count()
        + devices
            .inputs
            .iter()
            .filter(|input| input.bus.as_deref() == Some("virtio"))
            .count()
        + usize::from(devices.rng.is_some())
        + usize::from(devices.autoattach_mem_balloon != Some(false))
}
