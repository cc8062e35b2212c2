//! Processors.

use crate::Error;
use crate::context::{Context, topology};
use crate::memory::uses_memfd;
use crate::xml::Element;

/// Memory protection extensions: gone from processors and kernels, but still in models' definitions.
const WITHDRAWN_FEATURE: &str = "mpx";

pub(crate) fn vcpu(context: &Context<'_>) -> Element {
    Element::new("vcpu")
        .attribute("placement", "static")
        .text(context.cpus)
}

pub(crate) fn cpu(context: &Context<'_>) -> Result<Element, Error> {
    let spec = context.domain().cpu.as_ref();
    let model = spec
        .and_then(|cpu| cpu.model.as_deref())
        .filter(|model| !model.is_empty())
        .unwrap_or("host-model");
    let mut cpu = Element::new("cpu");
    let mut named = false;
    match model {
        // The host's processor cannot be passed through an emulator, which libvirt refuses; all that the emulator has
        // is the same wish.
        "host-passthrough" if context.environment.emulation => {
            cpu = cpu.attribute("mode", "maximum")
        }
        "host-passthrough" | "host-model" => cpu = cpu.attribute("mode", model),
        _ => {
            named = true;
            cpu = cpu
                .attribute("mode", "custom")
                .child(Element::new("model").text(model));
        }
    }
    let (sockets, cores, threads) = topology(context.vmi)?;
    cpu = cpu.child(
        Element::new("topology")
            .attribute("sockets", sockets)
            .attribute("cores", cores)
            .attribute("threads", threads),
    );
    let features = spec.map(|cpu| cpu.features.as_slice()).unwrap_or_default();
    for feature in features {
        let policy = feature
            .policy
            .as_deref()
            .filter(|policy| !policy.is_empty())
            .unwrap_or("require");
        cpu = cpu.child(self::feature(&feature.name, policy));
    }
    if named
        && !features
            .iter()
            .any(|feature| feature.name == WITHDRAWN_FEATURE)
    {
        cpu = cpu.child(feature(WITHDRAWN_FEATURE, "disable"));
    }
    if uses_memfd(context) {
        // Shared or file-backed memory is assigned by cells; one cell takes all.
        let last = context.cpus.saturating_sub(1);
        let range = if last == 0 {
            "0".to_owned()
        } else {
            format!("0-{last}")
        };
        let cell = Element::new("cell")
            .attribute("id", 0)
            .attribute("cpus", range)
            .attribute("memory", context.memory / 1024)
            .attribute("unit", "KiB");
        cpu = cpu.child(Element::new("numa").child(cell));
    }
    Ok(cpu)
}

fn feature(name: &str, policy: &str) -> Element {
    Element::new("feature")
        .attribute("policy", policy)
        .attribute("name", name)
}
