//! Network interfaces on taps that virt-handler made.

use kubevirt_api::Interface;

use crate::Error;
use crate::context::{Context, is_virtio};
use crate::controllers::Slots;
use crate::pci;
use crate::xml::Element;

pub(crate) fn interfaces(context: &Context<'_>, slots: &mut Slots) -> Result<Vec<Element>, Error> {
    let interfaces = context.devices().interfaces.iter().enumerate();
    interfaces
        .filter(|(_, interface)| !is_absent(interface))
        .map(|(index, interface)| self::interface(context, interface, index, slots))
        .collect()
}

/// Whether the guest is to be without this interface for now.
pub fn is_absent(interface: &Interface) -> bool {
    interface.state.as_deref() == Some("absent")
}

fn interface(
    context: &Context<'_>,
    interface: &Interface,
    index: usize,
    slots: &mut Slots,
) -> Result<Element, Error> {
    let field = format!("spec.domain.devices.interfaces[{index}]");
    let attachment = context
        .environment
        .interfaces
        .get(&interface.name)
        .ok_or_else(|| {
            Error::new(
                format!("{field}.name"),
                format!(
                    "the launcher pod has no network for interface {:?}, see the events",
                    interface.name
                ),
            )
        })?;
    let virtio = is_virtio(interface);
    let model = if virtio {
        context.virtio()
    } else {
        interface.model.as_deref().unwrap_or_default()
    };
    let mut element = Element::new("interface")
        .attribute("type", "ethernet")
        .child(Element::new("mac").attribute("address", &attachment.mac))
        .child(
            Element::new("target")
                .attribute("dev", &attachment.tap)
                .attribute("managed", "no"),
        )
        .child(Element::new("model").attribute("type", model));
    let driver = Element::new("driver")
        .optional("name", (virtio && attachment.vhost).then_some("vhost"))
        .optional(
            "queues",
            (virtio && attachment.queues > 1).then_some(attachment.queues),
        );
    if !driver.is_empty() {
        element = element.child(driver);
    }
    if attachment.mtu > 0 {
        element = element.child(Element::new("mtu").attribute("size", attachment.mtu));
    }
    if let Some(index) = interface.acpi_index.filter(|index| *index > 0) {
        element = element.child(Element::new("acpi").attribute("index", index));
    }
    if interface.state.as_deref() == Some("down") {
        element = element.child(Element::new("link").attribute("state", "down"));
    }
    // The card's boot program costs time; it is there for those that boot from the network.
    element = match interface.boot_order {
        Some(order) => element.child(Element::new("boot").attribute("order", order)),
        None => element.child(Element::new("rom").attribute("enabled", "no")),
    };
    element =
        element.child(Element::new("alias").attribute("name", format!("ua-{}", interface.name)));
    match &interface.pci_address {
        Some(text) => Ok(element.child(pci::address(|| format!("{field}.pciAddress"), text)?)),
        None if virtio => Ok(element.children(slots.next()?)),
        None => Ok(element),
    }
}
