//! DataVolumes that are created for a VirtualMachine.

use std::collections::BTreeSet;

use kubevirt_api::{
    DataVolumeTemplateSpec, VirtualMachine,
    data_volume::{DataVolumeSource, DataVolumeSpec},
};

use super::{Faults, Path};
use crate::validation::text;

pub(super) fn validate(faults: &mut Faults, path: &Path, vm: &VirtualMachine) {
    let mut names = BTreeSet::new();
    for (index, template) in vm.spec.data_volume_templates.iter().enumerate() {
        let path = path.index(index);
        named(faults, &path.field("metadata"), vm, template, &mut names);
        specification(faults, &path.field("spec"), &template.spec);
    }
}

fn named<'a>(
    faults: &mut Faults,
    path: &Path,
    vm: &VirtualMachine,
    template: &'a DataVolumeTemplateSpec,
    names: &mut BTreeSet<&'a str>,
) {
    let metadata = template.metadata.as_ref();
    let name = metadata
        .and_then(|metadata| metadata.name.as_deref())
        .unwrap_or_default();
    let at = path.field("name");
    if name.is_empty() {
        faults.required(&at, "must name the DataVolume");
    } else if !text::is_dns_subdomain(name) {
        faults.invalid(
            &at,
            format!(
                "{name:?} cannot be the name of a DataVolume: use {}",
                text::DNS_SUBDOMAIN
            ),
        );
    } else if !names.insert(name) {
        faults.duplicate(
            &at,
            format!("{name:?} names another template too: rename one"),
        );
    } else {
        let used = vm
            .spec
            .template
            .spec
            .volumes
            .iter()
            .any(|volume| volume.claim().is_some_and(|claim| claim.name == name));
        if !used {
            faults.required(
                &at,
                format!("no volume uses the DataVolume {name:?}: add one with dataVolume to template.spec.volumes, or take the template out"),
            );
        }
    }
    let namespace = metadata
        .and_then(|metadata| metadata.namespace.as_deref())
        .filter(|namespace| !namespace.is_empty());
    if let (Some(namespace), Some(own)) = (namespace, vm.metadata.namespace.as_deref())
        && namespace != own
    {
        faults.invalid(
            &path.field("namespace"),
            format!("{namespace:?} is not the namespace of the virtual machine: take it out"),
        );
    }
}

fn specification(faults: &mut Faults, path: &Path, spec: &DataVolumeSpec) {
    match (&spec.pvc, &spec.storage) {
        (None, None) => faults.required(path, "must say what volume to make: add storage or pvc"),
        (Some(_), Some(_)) => {
            faults.invalid(path, "pvc and storage exclude each other: keep one of them");
        }
        _ => {}
    }
    // A volume that names an object to be filled from is filled by the storage itself.
    let populated = spec
        .pvc
        .as_ref()
        .is_some_and(|pvc| pvc.data_source.is_some() || pvc.data_source_ref.is_some())
        || spec.storage.as_ref().is_some_and(|storage| {
            storage.data_source.is_some() || storage.data_source_ref.is_some()
        });
    let given = [spec.source.is_some(), spec.source_ref.is_some(), populated];
    match given.into_iter().filter(|is_set| *is_set).count() {
        0 => faults.required(
            path,
            "must say what the volume is filled with: add source (blank: {} for nothing) or sourceRef",
        ),
        1 => {}
        _ => faults.invalid(
            path,
            "has more than one source: keep one of source, sourceRef and the volume's dataSource",
        ),
    }
    if let Some(source) = &spec.source {
        let path = path.field("source");
        match kinds(source) {
            0 => faults.required(
                &path,
                "is empty: add one of blank, gcs, http, imageio, pvc, registry, s3, snapshot, upload and vddk",
            ),
            1 => {}
            _ => faults.invalid(&path, "has more than one source: keep one"),
        }
    }
}

fn kinds(source: &DataVolumeSource) -> usize {
    [
        source.blank.is_some(),
        source.gcs.is_some(),
        source.http.is_some(),
        source.imageio.is_some(),
        source.pvc.is_some(),
        source.registry.is_some(),
        source.s3.is_some(),
        source.snapshot.is_some(),
        source.upload.is_some(),
        source.vddk.is_some(),
    ]
    .into_iter()
    .filter(|is_set| *is_set)
    .count()
}
