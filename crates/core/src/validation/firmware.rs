//! Firmware, kernels started without it, and its tables.

use kubevirt_api::{ACPI, Bootloader, FeatureState, KernelBoot};

use super::{Faults, Path, text, vmi::Context};
use crate::config::Architecture;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let Some(firmware) = &context.spec.domain.firmware else {
        return;
    };
    let path = context.domain().field("firmware");
    if let Some(uuid) = firmware
        .uuid
        .as_deref()
        .filter(|uuid| uuid::Uuid::parse_str(uuid).is_err())
    {
        faults.invalid(
            &path.field("uuid"),
            format!("{uuid:?} is not a UUID: write 32 hexadecimal digits in groups of 8-4-4-4-12, or leave it out"),
        );
    }
    if let Some(loader) = &firmware.bootloader {
        boot_loader(faults, context, &path.field("bootloader"), loader);
    }
    if let Some(boot) = &firmware.kernel_boot {
        kernel(faults, &path.field("kernelBoot"), boot);
    }
    if let Some(acpi) = &firmware.acpi {
        tables(faults, context, &path.field("acpi"), acpi);
    }
}

fn boot_loader(faults: &mut Faults, context: &Context<'_>, path: &Path, loader: &Bootloader) {
    if loader.bios.is_some() && loader.efi.is_some() {
        faults.invalid(path, "has both bios and efi: take one of them out");
    }
    if loader.bios.is_some() && context.architecture == Architecture::Arm64 {
        faults.not_supported(&path.field("bios"), "arm64 guests have no BIOS: use efi");
    }
    let Some(efi) = &loader.efi else { return };
    let path = path.field("efi");
    let secure = efi.secure_boot != Some(false);
    let smm = context
        .spec
        .domain
        .features
        .as_ref()
        .and_then(|features| features.smm.as_ref());
    let security = context.spec.domain.launch_security.as_ref();
    // A trust domain has no system management mode, and keeps the firmware's variables safe without it. Of SEV and SNP,
    // the rules of launch security say that they have no secure boot.
    let protected = security.is_some_and(|security| {
        security.tdx.is_some() || security.sev.is_some() || security.snp.is_some()
    });
    if secure && !protected && !FeatureState::is_on(smm) {
        faults.invalid(
            &path.field("secureBoot"),
            "secure boot, the default, needs system management mode: set domain.features.smm.enabled to true, or secureBoot to false",
        );
    }
    if secure && context.architecture == Architecture::Arm64 {
        faults.not_supported(
            &path.field("secureBoot"),
            "arm64 guests have no secure boot: set it to false",
        );
    }
    let stateless =
        security.is_some_and(|security| security.snp.is_some() || security.tdx.is_some());
    if efi.persistent == Some(true) && stateless {
        faults.invalid(
            &path.field("persistent"),
            "the firmware of snp and tdx guests keeps no variables: set it to false",
        );
    }
}

fn kernel(faults: &mut Faults, path: &Path, boot: &KernelBoot) {
    let path_of_container = path.field("container");
    let Some(container) = &boot.container else {
        if boot
            .kernel_args
            .as_ref()
            .is_some_and(|args| !args.is_empty())
        {
            faults.required(
                &path_of_container,
                "kernelArgs need a kernel: name the image that has it, or take kernelArgs out",
            );
        }
        return;
    };
    let path = path_of_container;
    if container.image.is_empty() {
        faults.required(
            &path.field("image"),
            "must name the image that has the kernel",
        );
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (kernel, initrd) = (given(&container.kernel_path), given(&container.initrd_path));
    if kernel.is_none() && initrd.is_none() {
        faults.required(
            &path,
            "must say what to start: set kernelPath, initrdPath or both",
        );
    }
    for (field, given) in [("kernelPath", kernel), ("initrdPath", initrd)] {
        if let Some(given) = given.filter(|given| !text::is_clean_absolute_path(given)) {
            faults.invalid(
                &path.field(field),
                format!("{given:?} is not the absolute path of a file: begin it with / and leave out .. and //"),
            );
        }
    }
}

fn tables(faults: &mut Faults, context: &Context<'_>, path: &Path, acpi: &ACPI) {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let names = [
        ("slicNameRef", given(&acpi.slic_name_ref)),
        ("msdmNameRef", given(&acpi.msdm_name_ref)),
    ];
    if names.iter().all(|(_, name)| name.is_none()) {
        faults.required(
            path,
            "must name a table: set slicNameRef, msdmNameRef or both, or take acpi out",
        );
    }
    for (field, name) in names {
        let Some(name) = name else { continue };
        let path = path.field(field);
        match context.spec.volumes.iter().find(|one| one.name == name) {
            None => faults.invalid(
                &path,
                format!("there is no volume {name:?}: add one with a secret that has the table"),
            ),
            Some(volume) if volume.secret.is_none() => faults.invalid(
                &path,
                format!("the volume {name:?} is no secret: name one that is"),
            ),
            Some(_) => {}
        }
    }
}
