//! Memory, what backs it, and the balloon.

use crate::Error;
use crate::context::Context;
use crate::controllers::Slots;
use crate::xml::Element;

pub(crate) fn memory(context: &Context<'_>) -> Element {
    Element::new("memory")
        .attribute("unit", "b")
        .text(context.memory)
}

/// Whether guest memory is a file that other processes can map.
pub(crate) fn uses_memfd(context: &Context<'_>) -> bool {
    context.hugepages() && !context.annotated("kubevirt.io/memfd", "false")
}

pub(crate) fn backing(context: &Context<'_>) -> Option<Element> {
    if !context.hugepages() {
        return None;
    }
    let source = uses_memfd(context).then(|| Element::new("source").attribute("type", "memfd"));
    Some(
        Element::new("memoryBacking")
            .child(Element::new("hugepages"))
            .children(source),
    )
}

pub(crate) fn balloon(context: &Context<'_>, slots: &mut Slots) -> Result<Element, Error> {
    let balloon = Element::new("memballoon");
    if context.devices().autoattach_mem_balloon == Some(false) {
        return Ok(balloon.attribute("model", "none"));
    }
    // Freed pages cannot be given back while huge pages back them.
    let reporting = !context.hugepages()
        && !context.annotated("kubevirt.io/free-page-reporting-disabled", "true");
    let period = context.environment.memballoon_period;
    let statistics = (period > 0).then(|| Element::new("stats").attribute("period", period));
    Ok(balloon
        .attribute("model", context.virtio())
        .attribute("freePageReporting", if reporting { "on" } else { "off" })
        .children(statistics)
        .children(slots.next()?))
}
