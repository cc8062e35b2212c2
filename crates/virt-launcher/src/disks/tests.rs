use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::prepare;
use crate::args::{Disk, Source};
use crate::children::Children;
use crate::layout::Layout;

fn root() -> (TempDir, Layout) {
    let root = tempfile::tempdir().unwrap();
    for directory in [
        "var/run/kubevirt-image-volume/disk_0/disk",
        "var/run/kubevirt-private/vmi-disks/data",
        "usr/bin",
    ] {
        fs::create_dir_all(root.path().join(directory)).unwrap();
    }
    let layout = Layout::at(root.path());
    (root, layout)
}

fn fails(layout: &Layout, source: Source) -> String {
    let disk = Disk {
        volume: "data".to_owned(),
        source,
    };
    let failure = prepare(layout, &Children::default(), &[disk]).unwrap_err();
    assert_eq!(failure.subject, "volume data");
    failure.message
}

const UNNAMED: Source = Source::Container {
    index: 0,
    path: None,
};

fn named(path: &str) -> Source {
    Source::Container {
        index: 0,
        path: Some(path.to_owned()),
    }
}

#[test]
fn images_without_their_one_disk() {
    let (root, layout) = root();
    let image = root.path().join("var/run/kubevirt-image-volume/disk_0");
    assert!(fails(&layout, UNNAMED).contains("/disk in the image is empty"));
    fs::write(image.join("disk/b.img"), "").unwrap();
    fs::write(image.join("disk/a.img"), "").unwrap();
    assert!(fails(&layout, UNNAMED).contains("several files (a.img, b.img)"));
    assert!(
        fails(&layout, named("/disk/c.img")).contains("/disk/c.img in the image: it is not there")
    );
    fs::remove_dir_all(image.join("disk")).unwrap();
    assert!(fails(&layout, UNNAMED).contains("/disk in the image: it is not there"));
}

#[test]
fn links_in_images_are_refused() {
    let (root, layout) = root();
    let image = root.path().join("var/run/kubevirt-image-volume/disk_0");
    symlink("/etc/passwd", image.join("disk/disk.img")).unwrap();
    assert!(fails(&layout, UNNAMED).contains("symbolic link"));
    symlink("/etc", image.join("outside")).unwrap();
    assert!(fails(&layout, named("/outside/passwd")).contains("symbolic link"));
    assert!(fails(&layout, named("/disk/../../../../../etc/passwd")).contains("not followed"));
    assert!(fails(&layout, named("/disk")).contains("not a regular file"));
}

#[test]
fn foreign_formats_are_refused() {
    let (root, layout) = root();
    let disk = root
        .path()
        .join("var/run/kubevirt-image-volume/disk_0/disk/disk.vmdk");
    fs::write(disk, b"KDMV0000").unwrap();
    assert!(fails(&layout, UNNAMED).contains("VMDK"));
}

#[test]
fn a_volumes_disk_is_made_once() {
    let (root, layout) = root();
    let disks = [Disk {
        volume: "data".to_owned(),
        source: Source::Filesystem { bytes: 5 << 20 },
    }];
    let children = Children::default();
    prepare(&layout, &children, &disks).unwrap();
    let path = root
        .path()
        .join("var/run/kubevirt-private/vmi-disks/data/disk.img");
    assert_eq!(fs::metadata(&path).unwrap().len(), 5 << 20);
    fs::write(&path, "content").unwrap();
    prepare(&layout, &children, &disks).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"content");
}

#[test]
fn a_volumes_disk_that_is_something_else() {
    let (root, layout) = root();
    let path = root
        .path()
        .join("var/run/kubevirt-private/vmi-disks/data/disk.img");
    let source = Source::Filesystem { bytes: 5 << 20 };
    symlink("/etc/passwd", &path).unwrap();
    assert!(fails(&layout, source.clone()).contains("symbolic link"));
    fs::remove_file(&path).unwrap();
    // Also one that leads nowhere yet.
    symlink(root.path().join("elsewhere"), &path).unwrap();
    assert!(fails(&layout, source.clone()).contains("symbolic link"));
    assert!(!Path::new(&root.path().join("elsewhere")).exists());
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(fails(&layout, source).contains("not a regular file"));
}
