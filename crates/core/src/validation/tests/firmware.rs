use FaultReason::{FieldValueInvalid as Invalid, FieldValueRequired as Required};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check};

fn boot(container: Value) -> Value {
    json!({"domain": {"firmware": {"kernelBoot": {"kernelArgs": "quiet", "container": container}}}})
}

/// Tables of a guest with a volume that is a secret, beside one that is none.
fn tables(acpi: Value) -> Value {
    json!({
        "domain": {"firmware": {"acpi": acpi}},
        "volumes": [
            {"name": "root", "containerDisk": {"image": "registry.example/disks/small:1"}},
            {"name": "data", "secret": {"secretName": "tables"}},
        ],
    })
}

#[rstest]
#[case::uuid(json!({"domain": {"firmware": {"uuid": "5d307ca9-b3ef-428c-8861-06e72d69f223"}}}), json!({"domain": {"firmware": {"uuid": "5d307ca9"}}}), "spec.domain.firmware.uuid", Invalid, "8-4-4-4-12")]
#[case::loaders(json!({"domain": {"firmware": {"bootloader": {"bios": {}}}}}), json!({"domain": {"firmware": {"bootloader": {"bios": {}, "efi": {"secureBoot": false}}}}}), "spec.domain.firmware.bootloader", Invalid, "take one of them out")]
#[case::secure_boot(json!({"domain": {"features": {"smm": {}}, "firmware": {"bootloader": {"efi": {}}}}}), json!({"domain": {"firmware": {"bootloader": {"efi": {}}}}}), "spec.domain.firmware.bootloader.efi.secureBoot", Invalid, "features.smm")]
#[case::smm_off(json!({"domain": {"firmware": {"bootloader": {"efi": {"secureBoot": false}}}}}), json!({"domain": {"features": {"smm": {"enabled": false}}, "firmware": {"bootloader": {"efi": {"secureBoot": true}}}}}), "spec.domain.firmware.bootloader.efi.secureBoot", Invalid, "features.smm")]
#[case::arguments(boot(json!({"image": "a", "kernelPath": "/vmlinuz"})), json!({"domain": {"firmware": {"kernelBoot": {"kernelArgs": "quiet"}}}}), "spec.domain.firmware.kernelBoot.container", Required, "kernelArgs")]
#[case::image(boot(json!({"image": "a", "initrdPath": "/boot/initrd"})), boot(json!({"image": "", "kernelPath": "/vmlinuz"})), "spec.domain.firmware.kernelBoot.container.image", Required, "image")]
#[case::paths(boot(json!({"image": "a", "kernelPath": "/k", "initrdPath": "/i"})), boot(json!({"image": "a"})), "spec.domain.firmware.kernelBoot.container", Required, "kernelPath")]
#[case::kernel_path(json!({"domain": {"firmware": {"kernelBoot": {}}}}), boot(json!({"image": "a", "kernelPath": "vmlinuz"})), "spec.domain.firmware.kernelBoot.container.kernelPath", Invalid, "begin it with /")]
#[case::initrd_path(json!({}), boot(json!({"image": "a", "initrdPath": "/a/../b"})), "spec.domain.firmware.kernelBoot.container.initrdPath", Invalid, "leave out ..")]
#[case::no_table(tables(json!({"slicNameRef": "data"})), tables(json!({})), "spec.domain.firmware.acpi", Required, "slicNameRef")]
#[case::no_volume(tables(json!({"msdmNameRef": "data"})), tables(json!({"msdmNameRef": "other"})), "spec.domain.firmware.acpi.msdmNameRef", Invalid, "no volume")]
#[case::no_secret(tables(json!({"slicNameRef": "data", "msdmNameRef": "data"})), tables(json!({"slicNameRef": "root"})), "spec.domain.firmware.acpi.slicNameRef", Invalid, "no secret")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, field, reason, message);
}
