//! Clock and timers.

use kubevirt_api::Timer;

use crate::context::Context;
use crate::xml::Element;

/// The clock; `None` leaves it to libvirt, which starts it with UTC.
pub(crate) fn clock(context: &Context<'_>) -> Option<Element> {
    let spec = context.domain().clock.as_ref()?;
    let clock = Element::new("clock");
    let clock = match (&spec.timezone, &spec.utc) {
        (Some(timezone), _) if !timezone.is_empty() => clock
            .attribute("offset", "timezone")
            .attribute("timezone", timezone),
        (_, Some(utc)) => {
            let clock = clock.attribute("offset", "utc");
            match utc.offset_seconds {
                Some(seconds) => clock.attribute("adjustment", seconds),
                None => clock.attribute("adjustment", "reset"),
            }
        }
        _ => clock.attribute("offset", "utc"),
    };
    Some(clock.children(spec.timer.as_ref().map(timers).unwrap_or_default()))
}

fn timers(spec: &Timer) -> Vec<Element> {
    let mut timers = Vec::new();
    if let Some(rtc) = &spec.rtc {
        let timer = timer("rtc", rtc.tick_policy.as_ref(), rtc.present);
        timers.push(timer.optional("track", rtc.track.as_ref()));
    }
    if let Some(pit) = &spec.pit {
        timers.push(timer("pit", pit.tick_policy.as_ref(), pit.present));
    }
    if let Some(hpet) = &spec.hpet {
        timers.push(timer("hpet", hpet.tick_policy.as_ref(), hpet.present));
    }
    if let Some(kvm) = &spec.kvm {
        timers.push(timer("kvmclock", None, kvm.present));
    }
    if let Some(hyperv) = &spec.hyperv {
        timers.push(timer("hypervclock", None, hyperv.present));
    }
    timers
}

fn timer(name: &str, tick_policy: Option<&String>, present: Option<bool>) -> Element {
    Element::new("timer")
        .attribute("name", name)
        .optional("tickpolicy", tick_policy)
        .attribute("present", if present == Some(false) { "no" } else { "yes" })
}
