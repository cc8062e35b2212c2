//! Volumes that guests see as file systems.

use std::collections::BTreeSet;

use super::{Context, Faults};
use crate::config::Gate;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    let filesystems = &context.spec.domain.devices.filesystems;
    for (index, filesystem) in filesystems.iter().enumerate() {
        let path = context.devices().field("filesystems").index(index);
        let named = path.field("name");
        if !names.insert(&filesystem.name) {
            faults.duplicate(
                &named,
                format!(
                    "{:?} names another file system too: rename one",
                    filesystem.name
                ),
            );
        }
        let Some(volume) = context
            .spec
            .volumes
            .iter()
            .find(|volume| volume.name == filesystem.name)
        else {
            faults.invalid(
                &named,
                format!(
                    "there is no volume {:?}: add one of this name to volumes",
                    filesystem.name
                ),
            );
            continue;
        };
        if volume.claim().is_some() {
            context.needs(
                faults,
                &path.field("virtiofs"),
                Gate::EnableVirtioFsStorageVolumes,
            );
        }
    }
}
