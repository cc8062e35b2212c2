//! Who the domain is: name, metadata, SMBIOS.

use kubevirt_api::VirtualMachineInstance;

use crate::context::Context;
use crate::xml::Element;

/// Namespace of KubeVirt's element in the domain's metadata.
pub const METADATA_NAMESPACE: &str = "http://kubevirt.io";

/// Seconds a guest has to shut down when the spec does not say.
const DEFAULT_GRACE_PERIOD: i64 = 30;

/// The domain's name: namespace and name with `_` between them, which neither can contain.
pub fn domain_name(namespace: &str, name: &str) -> String {
    format!("{namespace}_{name}")
}

/// Seconds the guest has to shut down.
pub fn grace_period_seconds(vmi: &VirtualMachineInstance) -> i64 {
    vmi.spec
        .termination_grace_period_seconds
        .unwrap_or(DEFAULT_GRACE_PERIOD)
        .max(0)
}

/// The metadata element, from which any later virt-handler knows whose domain it is.
pub(crate) fn metadata(context: &Context<'_>) -> Element {
    let grace = Element::new("graceperiod")
        .child(Element::new("deletionGracePeriodSeconds").text(grace_period_seconds(context.vmi)));
    Element::new("metadata").child(
        Element::new("kubevirt")
            .attribute("xmlns", METADATA_NAMESPACE)
            .child(Element::new("uid").text(context.uid))
            .child(grace),
    )
}

/// SMBIOS: the system from the cluster's configuration and spec.domain.firmware, the chassis from spec.domain.chassis.
/// libvirt takes the domain's UUID from here.
pub(crate) fn sysinfo(context: &Context<'_>) -> Element {
    let smbios = &context.environment.smbios;
    let firmware = context.domain().firmware.as_ref();
    let system = entries(
        "system",
        &[
            ("manufacturer", smbios.manufacturer.as_ref()),
            ("product", smbios.product.as_ref()),
            ("version", smbios.version.as_ref()),
            (
                "serial",
                firmware.and_then(|firmware| firmware.serial.as_ref()),
            ),
            ("uuid", firmware.and_then(|firmware| firmware.uuid.as_ref())),
            ("sku", smbios.sku.as_ref()),
            ("family", smbios.family.as_ref()),
        ],
    );
    let chassis = context.domain().chassis.as_ref().map(|chassis| {
        entries(
            "chassis",
            &[
                ("manufacturer", chassis.manufacturer.as_ref()),
                ("version", chassis.version.as_ref()),
                ("serial", chassis.serial.as_ref()),
                ("asset", chassis.asset.as_ref()),
                ("sku", chassis.sku.as_ref()),
            ],
        )
    });
    let parts = [Some(system), chassis]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty());
    Element::new("sysinfo")
        .attribute("type", "smbios")
        .children(parts)
}

fn entries(name: &'static str, values: &[(&'static str, Option<&String>)]) -> Element {
    let given = values.iter().filter_map(|(key, value)| {
        value
            .filter(|value| !value.is_empty())
            .map(|value| (key, value))
    });
    Element::new(name).children(
        given.map(|(key, value)| Element::new("entry").attribute("name", key).text(value)),
    )
}
