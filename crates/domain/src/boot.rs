//! What starts the guest: machine type, firmware, boot menu.

use crate::context::Context;
use crate::paths;
use crate::render::starts_paused;
use crate::xml::Element;

pub(crate) fn os(context: &Context<'_>) -> Element {
    let machine = context
        .domain()
        .machine
        .as_ref()
        .map(|machine| machine.type_.as_str())
        .filter(|m| !m.is_empty());
    let kind = Element::new("type")
        .attribute("arch", "x86_64")
        .attribute("machine", machine.unwrap_or("q35"))
        .text("hvm");
    let mut os = Element::new("os").child(kind).children(efi(context));
    // With the processors stopped there is time to open the display and choose.
    if starts_paused(context.vmi) {
        os = os.child(
            Element::new("bootmenu")
                .attribute("enable", "yes")
                .attribute("timeout", 10000),
        );
    }
    os = os.child(Element::new("smbios").attribute("mode", "sysinfo"));
    let bios = context
        .domain()
        .firmware
        .as_ref()
        .and_then(|firmware| firmware.bootloader.as_ref());
    if bios
        .and_then(|loader| loader.bios.as_ref())
        .is_some_and(|bios| bios.use_serial == Some(true))
    {
        os = os.child(Element::new("bios").attribute("useserial", "yes"));
    }
    os
}

/// EFI's code, and its variables as a file of the VM's own, made from a template.
fn efi(context: &Context<'_>) -> Vec<Element> {
    if !context.efi() {
        return Vec::new();
    }
    let files = &context.environment.firmware;
    let secure = context.secure_boot();
    let (code, variables) = if secure {
        (&files.secure_code, &files.secure_variables)
    } else {
        (&files.code, &files.variables)
    };
    vec![
        Element::new("loader")
            .attribute("readonly", "yes")
            .attribute("secure", if secure { "yes" } else { "no" })
            .attribute("type", "pflash")
            .text(code),
        Element::new("nvram")
            .attribute("template", variables)
            .text(paths::nvram(context.name)),
    ]
}
