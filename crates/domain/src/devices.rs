//! The `devices` element, and the small devices in it.

use crate::Error;
use crate::context::Context;
use crate::controllers::{Slots, controllers};
use crate::disks::disks;
use crate::display::{graphics, serial};
use crate::interfaces::interfaces;
use crate::io_threads::IoThreads;
use crate::memory::balloon;
use crate::xml::Element;

/// Name of the channel that QEMU's guest agent listens on.
pub(crate) const AGENT_CHANNEL: &str = "org.qemu.guest_agent.0";

pub(crate) fn devices(context: &Context<'_>, threads: &IoThreads) -> Result<Element, Error> {
    let mut slots = Slots::new(context);
    Ok(Element::new("devices")
        .child(Element::new("emulator").text(&context.environment.emulator))
        .children(disks(context, threads, &mut slots)?)
        .children(controllers(context, threads, &mut slots)?)
        .children(interfaces(context, &mut slots)?)
        .children(serial(context))
        .child(agent())
        .children(inputs(context, &mut slots)?)
        .children(tpm(context))
        .children(graphics(context))
        .children(sound(context))
        .children(watchdog(context))
        .child(balloon(context, &mut slots)?)
        .children(rng(context, &mut slots)?)
        .children(panics(context)))
}

fn agent() -> Element {
    let target = Element::new("target")
        .attribute("type", "virtio")
        .attribute("name", AGENT_CHANNEL);
    Element::new("channel")
        .attribute("type", "unix")
        .child(target)
}

fn alias(name: &str) -> Option<Element> {
    (!name.is_empty()).then(|| Element::new("alias").attribute("name", format!("ua-{name}")))
}

fn inputs(context: &Context<'_>, slots: &mut Slots) -> Result<Vec<Element>, Error> {
    let mut elements = Vec::new();
    for input in &context.devices().inputs {
        let bus = input
            .bus
            .as_deref()
            .filter(|bus| !bus.is_empty())
            .unwrap_or("usb");
        let kind = if input.type_.is_empty() {
            "tablet"
        } else {
            &input.type_
        };
        let virtio = bus == "virtio";
        let element = Element::new("input")
            .attribute("type", kind)
            .attribute("bus", bus)
            .optional("model", virtio.then_some("virtio"))
            .children(alias(&input.name));
        elements.push(if virtio {
            element.children(slots.next()?)
        } else {
            element
        });
    }
    Ok(elements)
}

fn rng(context: &Context<'_>, slots: &mut Slots) -> Result<Option<Element>, Error> {
    if context.devices().rng.is_none() {
        return Ok(None);
    }
    let backend = Element::new("backend")
        .attribute("model", "random")
        .text("/dev/urandom");
    let rng = Element::new("rng")
        .attribute("model", context.virtio())
        .child(backend);
    Ok(Some(rng.children(slots.next()?)))
}

fn watchdog(context: &Context<'_>) -> Option<Element> {
    let watchdog = context.devices().watchdog.as_ref()?;
    let card = watchdog.i6300esb.as_ref();
    let action = card
        .and_then(|card| card.action.as_deref())
        .filter(|action| !action.is_empty())
        .unwrap_or("reset");
    Some(
        Element::new("watchdog")
            .attribute("model", "i6300esb")
            .attribute("action", action)
            .children(alias(&watchdog.name)),
    )
}

fn sound(context: &Context<'_>) -> Option<Element> {
    let sound = context.devices().sound.as_ref()?;
    let model = sound
        .model
        .as_deref()
        .filter(|model| !model.is_empty())
        .unwrap_or("ich9");
    Some(
        Element::new("sound")
            .attribute("model", model)
            .children(alias(&sound.name)),
    )
}

fn tpm(context: &Context<'_>) -> Option<Element> {
    context
        .devices()
        .tpm
        .as_ref()
        .filter(|tpm| tpm.enabled != Some(false))
        .map(|_| {
            let backend = Element::new("backend")
                .attribute("type", "emulator")
                .attribute("version", "2.0");
            Element::new("tpm")
                .attribute("model", "tpm-tis")
                .child(backend)
        })
}

fn panics(context: &Context<'_>) -> Vec<Element> {
    let devices = &context.devices().panic_devices;
    devices
        .iter()
        .map(|device| Element::new("panic").optional("model", device.model.as_deref()))
        .collect()
}
