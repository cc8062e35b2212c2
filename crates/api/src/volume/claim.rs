//! The PersistentVolumeClaim behind a volume.

use super::Volume;

/// A PersistentVolumeClaim that a volume names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeClaim<'a> {
    /// Its name.
    pub name: &'a str,
    /// It is mounted without the right to write.
    pub read_only: bool,
}

impl Volume {
    /// The PersistentVolumeClaim that holds the contents and keeps what the guest writes: the volume's own, or that of its
    /// DataVolume, which has the DataVolume's name.
    pub fn claim(&self) -> Option<VolumeClaim<'_>> {
        match (&self.persistent_volume_claim, &self.data_volume) {
            (Some(source), _) => Some(VolumeClaim {
                name: &source.claim_name,
                read_only: source.read_only == Some(true),
            }),
            (None, Some(source)) => Some(VolumeClaim {
                name: &source.name,
                read_only: false,
            }),
            (None, None) => None,
        }
    }
}
