use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Access, Beneath, Owner, PathError};

fn me() -> Owner {
    Owner {
        uid: rustix::process::getuid().as_raw(),
        gid: rustix::process::getgid().as_raw(),
    }
}

fn pod() -> (tempfile::TempDir, Beneath) {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("outside")).unwrap();
    fs::create_dir_all(directory.path().join("pod/sub")).unwrap();
    fs::write(directory.path().join("outside/secret"), "secret").unwrap();
    fs::write(directory.path().join("pod/sub/file"), "content").unwrap();
    let beneath = Beneath::open_root(&directory.path().join("pod")).unwrap();
    (directory, beneath)
}

#[test]
fn ordinary_files() {
    let (_directory, pod) = pod();
    assert_eq!(pod.read_bounded("sub/file", 7).unwrap(), b"content");
    assert!(matches!(
        pod.read_bounded("sub/file", 6),
        Err(PathError::TooLarge { .. })
    ));
    assert!(pod.read_bounded("sub/none", 6).unwrap_err().is_missing());
    assert_eq!(pod.names(5).unwrap(), ["sub"]);
    assert!(pod.names(0).is_err());
    let sub = pod.open_dir("sub").unwrap();
    sub.open_file("file", Access::Write)
        .unwrap()
        .write_all(b"C")
        .unwrap();
    assert_eq!(sub.read_bounded("file", 100).unwrap(), b"Content");
}

#[test]
fn nothing_leads_out() {
    let (directory, pod) = pod();
    let root = directory.path().join("pod");
    let secret = directory.path().join("outside/secret");
    symlink(&secret, root.join("link")).unwrap();
    symlink("../outside", root.join("up")).unwrap();
    symlink("/proc/self/root", root.join("magic")).unwrap();
    let absolute = secret.to_str().unwrap();
    for path in [
        "link",
        "up/secret",
        "magic/etc/passwd",
        "../outside/secret",
        "sub/../../outside/secret",
        absolute,
    ] {
        let error = pod.read_bounded(path, 100).unwrap_err();
        assert!(
            matches!(error, PathError::Refused { .. }),
            "{path}: {error}"
        );
        let error = pod.follow_within(path).unwrap_err();
        assert!(
            matches!(error, PathError::Refused { .. }),
            "{path}: {error}"
        );
    }
    assert!(matches!(pod.open_dir("up"), Err(PathError::Refused { .. })));
    assert!(pod.write_new("up/new", b"x", me(), 0o600).is_err());
    assert!(pod.create_dir("up/new/deep", me(), 0o700).is_err());
    assert!(pod.create_dir("../escaped", me(), 0o700).is_err());
    assert!(!directory.path().join("outside/new").exists());
    assert!(!directory.path().join("escaped").exists());
}

#[test]
fn other_kinds_are_refused_without_waiting() {
    let (directory, pod) = pod();
    let path = directory.path().join("pod/fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o666),
        0,
    )
    .unwrap();
    // Opening a FIFO for real would wait for ever.
    let error = pod.open_file("fifo", Access::Read).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is a FIFO where a regular file is needed"),
        "{error}"
    );
    assert!(pod.connect_unix("fifo").is_err());
    assert!(pod.connect_unix("sub/file").is_err());
    let _listener = UnixListener::bind(directory.path().join("pod/socket")).unwrap();
    assert!(pod.open_file("socket", Access::Read).is_err());
}

#[test]
fn sockets() {
    let (directory, pod) = pod();
    let path = directory.path().join("pod/socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut stream = pod.connect_unix("socket").unwrap();
    let (mut other, _) = listener.accept().unwrap();
    stream.write_all(b"hi").unwrap();
    let mut buffer = [0; 2];
    other.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"hi");

    // A held path stays with the socket that was found, whatever is put in its place.
    let held = pod.hold_socket("socket").unwrap();
    fs::rename(&path, directory.path().join("pod/moved")).unwrap();
    symlink(directory.path().join("outside/secret"), &path).unwrap();
    std::os::unix::net::UnixStream::connect(held.path()).unwrap();
    assert!(listener.accept().is_ok());
    let error = pod.connect_unix("socket").unwrap_err();
    assert!(matches!(error, PathError::Refused { .. }), "{error}");
}

#[test]
fn a_listener_that_never_accepts_does_not_block() {
    let (directory, pod) = pod();
    let _listener = UnixListener::bind(directory.path().join("pod/full")).unwrap();
    let mut held = Vec::new();
    let refused = (0..20_000).any(|_| match pod.connect_unix("full") {
        Ok(stream) => {
            held.push(stream);
            held.len() > 4000
        }
        Err(_) => true,
    });
    assert!(refused);
}

#[test]
fn kubernetes_volumes() {
    let (directory, pod) = pod();
    let volume = directory.path().join("pod/secret");
    fs::create_dir_all(volume.join("..2026_01_01")).unwrap();
    fs::write(volume.join("..2026_01_01/userdata"), "#cloud-config").unwrap();
    symlink("..2026_01_01", volume.join("..data")).unwrap();
    symlink("..data/userdata", volume.join("userdata")).unwrap();
    let secret = pod.open_dir("secret").unwrap();
    assert_eq!(
        secret.read_within("userdata", 100).unwrap(),
        b"#cloud-config"
    );
    assert!(secret.read_bounded("userdata", 100).is_err());
    // Replaced by a link out of the volume.
    fs::remove_file(volume.join("..data")).unwrap();
    symlink("../../outside", volume.join("..data")).unwrap();
    symlink("../outside/secret", volume.join("direct")).unwrap();
    assert!(secret.read_within("userdata", 100).is_err());
    assert!(secret.read_within("direct", 100).is_err());
}

#[test]
fn writing() {
    let (directory, pod) = pod();
    pod.write_new("sub/new", b"one", me(), 0o640).unwrap();
    let path = directory.path().join("pod/sub/new");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
    let again = pod.write_new("sub/new", b"two", me(), 0o640).unwrap_err();
    assert!(matches!(again, PathError::Exists { .. }));
    pod.write_atomic("sub/new", b"two", me(), 0o600).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");

    // A link is replaced, what it leads to is not touched.
    let secret = directory.path().join("outside/secret");
    let owner = fs::metadata(&secret).unwrap().uid();
    symlink(&secret, directory.path().join("pod/sub/link")).unwrap();
    assert!(pod.write_new("sub/link", b"x", me(), 0o600).is_err());
    pod.write_atomic("sub/link", b"x", me(), 0o600).unwrap();
    assert_eq!(fs::read(&secret).unwrap(), b"secret");
    assert_eq!(fs::metadata(&secret).unwrap().uid(), owner);
    assert_eq!(pod.read_bounded("sub/link", 10).unwrap(), b"x");
    let names = pod.open_dir("sub").unwrap().names(10).unwrap();
    assert_eq!(names, ["file", "link", "new"], "nothing unfinished is left");
}

#[test]
fn directories() {
    let (directory, pod) = pod();
    let made = pod.create_dir("a/b/c", me(), 0o750).unwrap();
    made.write_new("file", b"", me(), 0o600).unwrap();
    let path = directory.path().join("pod/a/b/c");
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o750
    );
    fs::set_permissions(
        directory.path().join("pod/a"),
        fs::Permissions::from_mode(0o711),
    )
    .unwrap();
    pod.create_dir("a/b/c", me(), 0o700).unwrap();
    let kept = fs::metadata(directory.path().join("pod/a")).unwrap();
    assert_eq!(
        kept.permissions().mode() & 0o777,
        0o711,
        "what exists is kept"
    );
}

/// Somebody swaps a directory for a link as fast as possible: what is read is the content or nothing, never the secret.
#[test]
fn hostile_renames() {
    let (directory, pod) = pod();
    let root = directory.path().join("pod");
    fs::write(directory.path().join("outside/file"), "secret").unwrap();
    symlink(directory.path().join("outside"), root.join("evil")).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let swap = |a: &Path, b: &Path| {
                    rustix::fs::renameat_with(
                        rustix::fs::CWD,
                        a,
                        rustix::fs::CWD,
                        b,
                        rustix::fs::RenameFlags::EXCHANGE,
                    )
                };
                let _ = swap(&root.join("sub"), &root.join("evil"));
            }
        });
        let mut read = 0;
        for _ in 0..5000 {
            if let Ok(bytes) = pod.read_bounded("sub/file", 100) {
                assert_eq!(bytes, b"content");
                read += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(read > 0);
    });
}
