//! What several parts of the domain XML depend on.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::{Devices, DomainSpec, FeatureState, VirtualMachineInstance, quantity};

use crate::{Environment, Error};

/// Virtual CPUs that one device's queues may number.
const MOST_QUEUES: u32 = 256;
/// libvirt's bound for QEMU's q35 is lower or equal; the webhook's is 512.
const MOST_CPUS: u64 = 512;

/// A VirtualMachineInstance on its way to XML.
pub(crate) struct Context<'a> {
    pub(crate) vmi: &'a VirtualMachineInstance,
    pub(crate) environment: &'a Environment,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) uid: &'a str,
    /// Number of virtual CPUs.
    pub(crate) cpus: u32,
    /// Guest memory in bytes.
    pub(crate) memory: u64,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        vmi: &'a VirtualMachineInstance,
        environment: &'a Environment,
    ) -> Result<Self, Error> {
        let required = |value: &'a Option<String>, field: &str| {
            value
                .as_deref()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Error::new(
                        field,
                        "is missing: the object has to come from the API server",
                    )
                })
        };
        let architecture = vmi.spec.architecture.as_deref().unwrap_or("amd64");
        if architecture != "amd64" {
            return Err(Error::new(
                "spec.architecture",
                format!("{architecture} guests cannot run here yet, use amd64"),
            ));
        }
        Ok(Self {
            vmi,
            environment,
            namespace: required(&vmi.metadata.namespace, "metadata.namespace")?,
            name: required(&vmi.metadata.name, "metadata.name")?,
            uid: required(&vmi.metadata.uid, "metadata.uid")?,
            cpus: virtual_cpus(vmi)?,
            memory: guest_memory(vmi)?,
        })
    }

    pub(crate) fn domain(&self) -> &'a DomainSpec {
        &self.vmi.spec.domain
    }

    pub(crate) fn devices(&self) -> &'a Devices {
        &self.vmi.spec.domain.devices
    }

    /// The model of virtio devices.
    pub(crate) fn virtio(&self) -> &'static str {
        if self.devices().use_virtio_transitional == Some(true) {
            "virtio-transitional"
        } else {
            "virtio-non-transitional"
        }
    }

    /// Whether an annotation has a value.
    pub(crate) fn annotated(&self, key: &str, value: &str) -> bool {
        self.vmi
            .metadata
            .annotations
            .as_ref()
            .and_then(|all| all.get(key))
            .is_some_and(|found| found == value)
    }

    /// Whether huge pages back the guest's memory.
    pub(crate) fn hugepages(&self) -> bool {
        self.domain()
            .memory
            .as_ref()
            .is_some_and(|memory| memory.hugepages.is_some())
    }

    /// Whether the guest starts with EFI.
    pub(crate) fn efi(&self) -> bool {
        self.domain()
            .firmware
            .as_ref()
            .and_then(|firmware| firmware.bootloader.as_ref())
            .is_some_and(|l| l.efi.is_some())
    }

    /// Whether the guest starts with EFI that demands signed boot loaders.
    pub(crate) fn secure_boot(&self) -> bool {
        let bootloader = self
            .domain()
            .firmware
            .as_ref()
            .and_then(|firmware| firmware.bootloader.as_ref());
        bootloader
            .and_then(|loader| loader.efi.as_ref())
            .is_some_and(|efi| efi.secure_boot != Some(false))
    }

    /// Queues of a virtio disk or controller that has as many as CPUs.
    pub(crate) fn queues(&self) -> u32 {
        self.cpus.min(MOST_QUEUES)
    }
}

/// Whether the guest has ACPI: unless it is switched off.
pub fn acpi_enabled(vmi: &VirtualMachineInstance) -> bool {
    let feature = vmi
        .spec
        .domain
        .features
        .as_ref()
        .and_then(|features| features.acpi.as_ref());
    feature.is_none_or(|acpi: &FeatureState| acpi.enabled != Some(false))
}

/// Whether an interface's model is virtio.
pub fn is_virtio(interface: &kubevirt_api::Interface) -> bool {
    matches!(interface.model.as_deref(), None | Some("" | "virtio"))
}

/// Queues that an interface's tap should have: 1, or as many as CPUs with networkInterfaceMultiqueue.
pub fn interface_queues(vmi: &VirtualMachineInstance, interface: &kubevirt_api::Interface) -> u32 {
    let wanted =
        vmi.spec.domain.devices.network_interface_multiqueue == Some(true) && is_virtio(interface);
    if wanted {
        virtual_cpus(vmi).unwrap_or(1).min(MOST_QUEUES)
    } else {
        1
    }
}

/// Number of virtual CPUs: sockets × cores × threads, or the CPU limit or request when there is no topology.
///
/// # Errors
/// When the number is 0 or beyond what a guest can have, or an amount cannot be read.
pub fn virtual_cpus(vmi: &VirtualMachineInstance) -> Result<u32, Error> {
    let (sockets, cores, threads) = topology(vmi)?;
    let product = u64::from(sockets)
        .saturating_mul(u64::from(cores))
        .saturating_mul(u64::from(threads));
    match u32::try_from(product) {
        Ok(count) if count > 0 && product <= MOST_CPUS => Ok(count),
        _ => Err(Error::new(
            "spec.domain.cpu",
            format!("sockets x cores x threads is {product}, it must be from 1 to {MOST_CPUS}"),
        )),
    }
}

/// Sockets, cores and threads.
pub(crate) fn topology(vmi: &VirtualMachineInstance) -> Result<(u32, u32, u32), Error> {
    let domain = &vmi.spec.domain;
    let cpu = domain.cpu.as_ref();
    let given = cpu
        .map(|cpu| (cpu.sockets, cpu.cores, cpu.threads))
        .unwrap_or_default();
    if given != (None, None, None) {
        return Ok((
            given.0.unwrap_or(1),
            given.1.unwrap_or(1),
            given.2.unwrap_or(1),
        ));
    }
    let amount = resource(domain, "cpu");
    let sockets = match amount {
        Some((quantity, field)) => {
            let millis =
                quantity::millis(quantity).map_err(|error| Error::new(field, error.to_string()))?;
            u32::try_from(millis.div_ceil(1000))
                .unwrap_or(u32::MAX)
                .max(1)
        }
        None => 1,
    };
    Ok((sockets, 1, 1))
}

/// Guest memory in bytes: what memory.guest says, else the request, else the limit, else one huge page.
fn guest_memory(vmi: &VirtualMachineInstance) -> Result<u64, Error> {
    let domain = &vmi.spec.domain;
    let memory = domain.memory.as_ref();
    let page = memory
        .and_then(|memory| memory.hugepages.as_ref())
        .and_then(|hugepages| hugepages.page_size.clone())
        .map(Quantity);
    let request = domain
        .resources
        .as_ref()
        .and_then(|resources| resources.request("memory"));
    let limit = domain
        .resources
        .as_ref()
        .and_then(|resources| resources.limit("memory"));
    let (quantity, field) = memory
        .and_then(|memory| memory.guest.as_ref())
        .map(|guest| (guest, "spec.domain.memory.guest"))
        .or(request.map(|request| (request, "spec.domain.resources.requests.memory")))
        .or(limit.map(|limit| (limit, "spec.domain.resources.limits.memory")))
        .or(page
            .as_ref()
            .map(|page| (page, "spec.domain.memory.hugepages.pageSize")))
        .ok_or_else(|| {
            Error::new(
                "spec.domain.memory.guest",
                "is missing: say how much memory the guest has",
            )
        })?;
    match quantity::bytes(quantity) {
        Ok(0) => Err(Error::new(field, "is 0: say how much memory the guest has")),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(Error::new(field, error.to_string())),
    }
}

/// A resource's limit, or else its request, and the field's name.
fn resource<'a>(domain: &'a DomainSpec, name: &str) -> Option<(&'a Quantity, String)> {
    let resources = domain.resources.as_ref()?;
    let limit = resources
        .limit(name)
        .map(|limit| (limit, format!("spec.domain.resources.limits.{name}")));
    limit.or_else(|| {
        resources
            .request(name)
            .map(|request| (request, format!("spec.domain.resources.requests.{name}")))
    })
}
