//! Volumes on the node: empty disks, files of the node, directories of the container.

use kubevirt_api::{HostDisk, Volume, quantity::Amount};

use super::{Context, Faults, Path, text};
use crate::{config::Gate, validation::memory::amount};

/// Smallest empty disk in bytes: sizes are rounded down to whole mebibytes.
const LEAST_DISK: i64 = 1 << 20;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>, path: &Path, volume: &Volume) {
    if let Some(source) = &volume.empty_disk {
        let path = path.field("emptyDisk").field("capacity");
        if amount(faults, &path, &source.capacity)
            .is_some_and(|size| size < Amount::whole(LEAST_DISK))
        {
            faults.invalid(
                &path,
                "is less than 1Mi, the smallest disk: give a unit, for example 2Gi",
            );
        }
    }
    if let Some(source) = &volume.host_disk {
        let path = path.field("hostDisk");
        context.needs(faults, &path, Gate::HostDisk);
        host_disk(faults, &path, source);
    }
    if let Some(source) = &volume.container_path {
        let path = path.field("containerPath");
        context.needs(faults, &path, Gate::ContainerPathVolumes);
        if !text::is_clean_absolute_path(&source.path) && source.path != "/" {
            faults.invalid(
                &path.field("path"),
                format!(
                    "{:?} is not the path of a directory in the container: start with /, without . and .. and doubled /",
                    source.path
                ),
            );
        }
        if source.read_only == Some(false) {
            faults.invalid(
                &path.field("readOnly"),
                "a directory of the container can only be read: set readOnly to true",
            );
        }
    }
}

fn host_disk(faults: &mut Faults, path: &Path, source: &HostDisk) {
    if !text::is_clean_absolute_path(&source.path) {
        faults.invalid(
            &path.field("path"),
            format!(
                "{:?} is not the path of a file of the node: start with /, without . and .. and doubled /",
                source.path
            ),
        );
    }
    faults.one_of(
        &path.field("type"),
        Some(&source.type_),
        &["Disk", "DiskOrCreate"],
    );
    let path = path.field("capacity");
    match (source.type_.as_str(), &source.capacity) {
        ("DiskOrCreate", None) => faults.required(
            &path,
            "must say how large the file is when it is made: for example 2Gi",
        ),
        ("DiskOrCreate", Some(capacity)) => {
            amount(faults, &path, capacity);
        }
        ("Disk", Some(_)) => faults.invalid(
            &path,
            "a file that exists has its size: take capacity out, or use the type DiskOrCreate",
        ),
        _ => {}
    }
}
