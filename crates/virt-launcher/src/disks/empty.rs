use super::qemu_img::{Content, create};
use crate::children::Children;
use crate::layout::Layout;
use crate::libvirt::make_directory;

const MEBIBYTE: u64 = 1 << 20;

/// An empty disk that lives as long as the pod.
pub(super) fn prepare(
    layout: &Layout,
    children: &Children,
    volume: &str,
    bytes: u64,
) -> Result<(), String> {
    let size = bytes / MEBIBYTE * MEBIBYTE;
    if size == 0 {
        return Err(format!(
            "its capacity is {bytes} bytes, an empty disk has at least 1Mi"
        ));
    }
    let directory = layout.ephemeral_disks().join("empty-disks");
    make_directory(&directory, 0o770).map_err(|failure| failure.message)?;
    let image = directory.join(format!("{volume}.qcow2"));
    create(layout, children, &image, &Content::Empty(size))
}
