//! Addresses on the guest's PCI bus.

use crate::Error;
use crate::context::Context;
use crate::xml::Element;

/// Slots of bus 0 that devices may take: below come the host bridge and the display, above what the chipset has.
const FIRST_SLOT: u8 = 0x02;
const LAST_SLOT: u8 = 0x1a;

/// Addresses for devices that have no address of their own.
pub(crate) struct Slots {
    /// The next slot of bus 0, or `None` when libvirt chooses (a root port for each device).
    next: Option<u8>,
}

impl Slots {
    pub(crate) fn new(context: &Context<'_>) -> Self {
        Self {
            next: on_root_complex(context).then_some(FIRST_SLOT),
        }
    }

    /// The address element of the next device, if it needs one.
    pub(crate) fn next(&mut self) -> Result<Option<Element>, Error> {
        let Some(slot) = self.next else {
            return Ok(None);
        };
        if slot > LAST_SLOT {
            return Err(Error::new(
                "metadata.annotations[kubevirt.io/placePCIDevicesOnRootComplex]",
                "more devices than bus 0 has slots: remove devices or the annotation",
            ));
        }
        self.next = Some(slot + 1);
        Ok(Some(element(0, 0, slot, 0)))
    }
}

/// Whether devices sit on bus 0 instead of root ports.
pub(crate) fn on_root_complex(context: &Context<'_>) -> bool {
    context.annotated("kubevirt.io/placePCIDevicesOnRootComplex", "true")
}

/// Reads an address such as `0000:81:01.0`.
pub(crate) fn address(field: impl Fn() -> String, text: &str) -> Result<Element, Error> {
    parse(text).map(|(domain, bus, slot, function)| element(domain, bus, slot, function)).ok_or_else(|| {
        Error::new(field(), format!("{text:?} is not a PCI address: write domain:bus:slot.function, such as 0000:81:01.0"))
    })
}

fn parse(text: &str) -> Option<(u16, u8, u8, u8)> {
    let (rest, function) = text.split_once('.')?;
    let mut parts = rest.split(':');
    let (domain, bus, slot) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some()
        || domain.len() != 4
        || bus.len() != 2
        || slot.len() != 2
        || function.len() != 1
    {
        return None;
    }
    let hexadecimal = |text: &str| u16::from_str_radix(text, 16).ok();
    let byte = |text: &str| hexadecimal(text).and_then(|number| u8::try_from(number).ok());
    let (slot, function) = (byte(slot)?, byte(function)?);
    (slot < 32 && function < 8).then_some((hexadecimal(domain)?, byte(bus)?, slot, function))
}

fn element(domain: u16, bus: u8, slot: u8, function: u8) -> Element {
    Element::new("address")
        .attribute("type", "pci")
        .attribute("domain", format!("0x{domain:04x}"))
        .attribute("bus", format!("0x{bus:02x}"))
        .attribute("slot", format!("0x{slot:02x}"))
        .attribute("function", format!("0x{function:x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(parse("0000:81:01.0"), Some((0, 0x81, 1, 0)));
        assert_eq!(parse("abcd:ff:1f.7"), Some((0xabcd, 0xff, 0x1f, 7)));
        for wrong in [
            "",
            "81:01.0",
            "0000:81:01",
            "0000:81:01.8",
            "0000:81:20.0",
            "0000:8:1.0",
            "+000:81:01.0x",
            "0000:81:01:00.0",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
