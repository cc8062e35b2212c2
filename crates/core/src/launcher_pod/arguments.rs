//! virt-launcher's command line.

use kubevirt_api::Volume;
use kubevirt_api::quantity;

use super::{Claim, Input, RenderError, grace_period, name_of, parsed, uid_of};

const MEBIBYTE: u64 = 1 << 20;

pub(super) fn arguments(input: &Input<'_>) -> Result<Vec<String>, RenderError> {
    let instance = input.instance;
    let mut arguments: Vec<String> = [
        ("--name", name_of(instance).to_owned()),
        (
            "--namespace",
            instance.metadata.namespace.clone().unwrap_or_default(),
        ),
        ("--uid", uid_of(instance).to_owned()),
        // Before kubelet's own patience ends, which is 15 s longer.
        (
            "--grace-period-seconds",
            grace_period(&instance.spec).saturating_add(15).to_string(),
        ),
    ]
    .into_iter()
    .flat_map(|(option, value)| [option.to_owned(), value])
    .collect();
    for (index, volume) in instance.spec.volumes.iter().enumerate() {
        if let Some((option, value)) = disk(input, index, volume)? {
            arguments.extend([option.to_owned(), value]);
        }
    }
    Ok(arguments)
}

/// What virt-launcher has to do about a volume before the guest starts.
fn disk(
    input: &Input<'_>,
    index: usize,
    volume: &Volume,
) -> Result<Option<(&'static str, String)>, RenderError> {
    let name = &volume.name;
    if let Some(source) = &volume.container_disk {
        let path = source.path.as_deref().filter(|path| !path.is_empty());
        let path = path.map(|path| format!("={path}")).unwrap_or_default();
        return Ok(Some(("--container-disk", format!("{name}={index}{path}"))));
    }
    if let Some(source) = &volume.empty_disk {
        let bytes = parsed(
            &source.capacity,
            &format!("the capacity of the emptyDisk {name}"),
        )?;
        // Disks consist of whole sectors.
        return Ok(Some((
            "--empty-disk",
            format!("{name}={}", bytes.max(1).next_multiple_of(MEBIBYTE)),
        )));
    }
    if let Some(source) = volume.claim() {
        let filesystem = input.claims.get(source.name).filter(|claim| !claim.block);
        return Ok(filesystem
            .and_then(disk_bytes)
            .map(|bytes| ("--filesystem-disk", format!("{name}={bytes}"))));
    }
    Ok(None)
}

/// Size of a new disk on a Filesystem volume: what was asked for, or what there is when that is less, in whole mebibytes.
fn disk_bytes(claim: &Claim) -> Option<u64> {
    let sizes = [&claim.requested, &claim.capacity];
    let smallest = sizes
        .into_iter()
        .flatten()
        .filter_map(|size| quantity::bytes(size).ok())
        .min()?;
    Some(smallest / MEBIBYTE * MEBIBYTE).filter(|bytes| *bytes > 0)
}
