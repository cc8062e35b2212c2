//! Serial console, VNC display and graphics card.

use crate::context::Context;
use crate::paths;
use crate::xml::Element;

/// Video memory in KiB.
const VIDEO_MEMORY: u32 = 16384;

/// The first serial port, on a socket that virt-handler connects to.
pub(crate) fn serial(context: &Context<'_>) -> Vec<Element> {
    if context.devices().autoattach_serial_console == Some(false) {
        return Vec::new();
    }
    let socket = Element::new("source")
        .attribute("mode", "bind")
        .attribute("path", paths::serial_socket(context.uid));
    vec![
        Element::new("serial")
            .attribute("type", "unix")
            .child(socket)
            .child(Element::new("target").attribute("port", 0)),
        // libvirt makes the console the serial port's alias.
        Element::new("console").attribute("type", "pty").child(
            Element::new("target")
                .attribute("type", "serial")
                .attribute("port", 0),
        ),
    ]
}

/// The VNC display on a socket, and the card that it shows.
pub(crate) fn graphics(context: &Context<'_>) -> Vec<Element> {
    if context.devices().autoattach_graphics_device == Some(false) {
        return Vec::new();
    }
    let listen = Element::new("listen")
        .attribute("type", "socket")
        .attribute("socket", paths::vnc_socket(context.uid));
    let wish = context
        .devices()
        .video
        .as_ref()
        .and_then(|video| video.type_.as_deref());
    let model = Element::new("model");
    let model = match wish.filter(|wish| !wish.is_empty()) {
        // Only these two have memory of a size that can be chosen.
        Some(kind @ ("vga" | "cirrus")) => model
            .attribute("type", kind)
            .attribute("vram", VIDEO_MEMORY),
        Some(kind) => model.attribute("type", kind),
        None if context.efi() => model.attribute("type", "bochs"),
        None => model
            .attribute("type", "vga")
            .attribute("vram", VIDEO_MEMORY),
    };
    vec![
        // Several may look at once, and one whose viewer asks for the display alone neither turns the others out (QEMU's
        // default) nor is turned away itself (force-shared): the wish is not heard.
        Element::new("graphics")
            .attribute("type", "vnc")
            .attribute("sharePolicy", "ignore")
            .child(listen),
        Element::new("video").child(model.attribute("heads", 1)),
    ]
}
