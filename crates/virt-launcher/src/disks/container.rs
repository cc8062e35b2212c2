use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, RawDir};

use super::beneath::{explain, kind, open, open_root, reopen};
use super::format::{self, Format};
use super::qemu_img::{Content, create};
use crate::children::Children;
use crate::layout::Layout;
use crate::libvirt::make_directory;

/// Where an image has its disk.
const FOLDER: &str = "disk";

/// Finds the disk in an image volume, links it to where the domain looks for it, and puts an overlay on it.
pub(super) fn prepare(
    layout: &Layout,
    children: &Children,
    volume: &str,
    index: u32,
    path: Option<&str>,
) -> Result<(), String> {
    let mount = layout.image_volume(index);
    let (relative, format) = find(&mount, path)?;
    let links = layout.public().join("container-disks");
    make_directory(&links, 0o755).map_err(|failure| failure.message)?;
    let link = links.join(format!("disk_{index}.img"));
    set_link(&mount.join(relative), &link)
        .map_err(|error| format!("cannot make link {}: {error}", link.display()))?;

    let directory = layout.ephemeral_disks().join("disk-data").join(volume);
    make_directory(&directory, 0o770).map_err(|failure| failure.message)?;
    let overlay = directory.join("disk.qcow2");
    create(layout, children, &overlay, &Content::Base(&link, format))
}

/// The disk's path beneath the mount, and its format.
fn find(mount: &Path, path: Option<&str>) -> Result<(PathBuf, Format), String> {
    let root = open_root(mount)?;
    let relative = match path {
        Some(path) => path.trim_start_matches('/').to_owned(),
        None => only_file(&root)?,
    };
    let shown = format!("/{relative} in the image");
    let found = open(&root, &relative, OFlags::PATH, Mode::empty())
        .map_err(|errno| format!("{shown}: {}", explain(errno)))?;
    match kind(&found) {
        Ok(FileType::RegularFile) => {}
        Ok(_) => return Err(format!("{shown}: it is not a regular file")),
        Err(errno) => return Err(format!("{shown}: {errno}")),
    }
    let file =
        reopen(&found, OFlags::RDONLY).map_err(|errno| format!("{shown}: {}", explain(errno)))?;
    let format =
        format::of_file(File::from(file)).map_err(|message| format!("{shown}: {message}"))?;
    Ok((PathBuf::from(relative), format))
}

fn only_file(root: &OwnedFd) -> Result<String, String> {
    const REMEDY: &str =
        "a container disk image has exactly one disk in /disk, or containerDisk.path names it";
    let folder = open(
        root,
        FOLDER,
        OFlags::RDONLY | OFlags::DIRECTORY,
        Mode::empty(),
    )
    .map_err(|errno| format!("/{FOLDER} in the image: {}; {REMEDY}", explain(errno)))?;
    let mut names: Vec<String> = Vec::new();
    let mut buffer = Vec::with_capacity(4096);
    let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry =
            entry.map_err(|errno| format!("cannot list /{FOLDER} in the image: {errno}"))?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let name = name
            .to_str()
            .ok_or_else(|| format!("/{FOLDER} in the image has a file name that is not UTF-8"))?;
        if name != "." && name != ".." && names.len() < 5 {
            names.push(name.to_owned());
        }
    }
    match names.as_slice() {
        [only] => Ok(format!("{FOLDER}/{only}")),
        [] => Err(format!("/{FOLDER} in the image is empty; {REMEDY}")),
        several => {
            let mut several = several.to_vec();
            several.sort();
            Err(format!(
                "/{FOLDER} in the image has several files ({}); {REMEDY}",
                several.join(", ")
            ))
        }
    }
}

fn set_link(target: &Path, link: &Path) -> std::io::Result<()> {
    if fs::read_link(link).is_ok_and(|now| now == target) {
        return Ok(());
    }
    let new = link.with_extension("new");
    // One of an interrupted run.
    let _ = fs::remove_file(&new);
    std::os::unix::fs::symlink(target, &new)?;
    fs::rename(&new, link)
}
