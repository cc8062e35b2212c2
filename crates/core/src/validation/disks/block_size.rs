//! Sizes of sectors.

use kubevirt_api::{BlockSize, CustomBlockSize, FeatureState};

use super::{Faults, Path};

/// Smallest and largest size of sectors in bytes.
const SECTOR_SIZES: std::ops::RangeInclusive<u32> = 512..=2_097_152;

pub(super) fn validate(faults: &mut Faults, path: &Path, size: &BlockSize, bus: Option<&str>) {
    let Some(sizes) = &size.custom else { return };
    let matches = size.match_volume.as_ref();
    if matches.is_some() && FeatureState::is_on(matches) {
        faults.invalid(
            path,
            "custom and matchVolume exclude each other: keep one of them",
        );
        return;
    }
    custom(faults, &path.field("custom"), sizes, bus);
}

fn custom(faults: &mut Faults, path: &Path, size: &CustomBlockSize, bus: Option<&str>) {
    let mut fine = true;
    for (name, value) in [("logical", size.logical), ("physical", size.physical)] {
        if !value.is_power_of_two() || !SECTOR_SIZES.contains(&value) {
            faults.invalid(
                &path.field(name),
                format!(
                    "{value} is not a size of sectors: set a power of two from {} to {}",
                    SECTOR_SIZES.start(),
                    SECTOR_SIZES.end()
                ),
            );
            fine = false;
        }
    }
    if fine && size.logical > size.physical {
        faults.invalid(
            &path.field("logical"),
            "is larger than physical: lower logical or raise physical",
        );
    }
    if fine && bus == Some("sata") && size.logical != 512 {
        faults.invalid(
            &path.field("logical"),
            "a sata disk has sectors of 512 bytes: set logical to 512, or use another bus",
        );
    }
    if let Some(granularity) = size
        .discard_granularity
        .filter(|granularity| fine && granularity % size.logical != 0)
    {
        faults.invalid(
            &path.field("discardGranularity"),
            format!(
                "{granularity} is not a multiple of logical: choose a multiple of {}",
                size.logical
            ),
        );
    }
}
