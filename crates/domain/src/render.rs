//! The domain XML as a whole.

use kubevirt_api::VirtualMachineInstance;

use crate::context::Context;
use crate::io_threads::IoThreads;
use crate::xml::Element;
use crate::{Environment, Error, boot, clock, cpu, devices, features, identity, memory};

/// Writes the domain XML of a VirtualMachineInstance as the webhook completes it.
///
/// Whether the domain starts with its processors stopped is not part of the XML: see [`starts_paused`].
///
/// # Errors
/// When a field's value cannot be had on this node, or the environment lacks a volume or an interface.
pub fn render(vmi: &VirtualMachineInstance, environment: &Environment) -> Result<String, Error> {
    let context = Context::new(vmi, environment)?;
    let threads = IoThreads::new(&context);
    let domain = Element::new("domain")
        .attribute("type", if environment.emulation { "qemu" } else { "kvm" })
        .child(Element::new("name").text(identity::domain_name(context.namespace, context.name)))
        .child(identity::metadata(&context))
        .child(memory::memory(&context))
        .children(memory::backing(&context))
        .child(cpu::vcpu(&context))
        .children((threads.total > 0).then(|| Element::new("iothreads").text(threads.total)))
        .child(identity::sysinfo(&context))
        .child(boot::os(&context))
        .child(features::features(&context)?)
        .child(cpu::cpu(&context)?)
        .children(clock::clock(&context))
        .child(devices::devices(&context, &threads)?);
    domain.write()
}

/// Whether the guest starts with its processors stopped.
pub fn starts_paused(vmi: &VirtualMachineInstance) -> bool {
    vmi.spec.start_strategy.as_deref() == Some("Paused")
}
