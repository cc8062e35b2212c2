use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::format::Format;
use crate::children::Children;
use crate::layout::Layout;

const LIMIT: Duration = Duration::from_secs(60);

/// What a new qcow2 image has in it.
pub(super) enum Content<'a> {
    /// Nothing, this many bytes of it.
    Empty(u64),
    /// What another image has, with its size.
    Base(&'a Path, Format),
}

/// Makes a qcow2 image, unless it is there already.
pub(super) fn create(
    layout: &Layout,
    children: &Children,
    image: &Path,
    content: &Content<'_>,
) -> Result<(), String> {
    if fs::symlink_metadata(image).is_ok_and(|found| found.is_file()) {
        return Ok(());
    }
    // Under another name until it is whole, so that an interrupted run leaves nothing that looks ready.
    let unfinished = image.with_extension("qcow2.new");
    let mut command = Command::new(layout.qemu_img());
    command.args(["create", "-q", "-f", "qcow2"]);
    if let Content::Base(path, format) = content {
        command.args(["-F", format.name(), "-b"]).arg(path);
    }
    command.arg(&unfinished);
    if let Content::Empty(bytes) = content {
        command.arg(bytes.to_string());
    }
    let (status, output) = children
        .run(&mut command, LIMIT)
        .map_err(|error| format!("cannot run {}: {error}", layout.qemu_img().display()))?;
    if status != 0 {
        let said = if output.is_empty() {
            format!("exit status {status}")
        } else {
            output
        };
        return Err(format!(
            "cannot make {}: qemu-img says: {said}",
            image.display()
        ));
    }
    fs::rename(&unfinished, image)
        .map_err(|error| format!("cannot rename {}: {error}", unfinished.display()))
}
