//! Finding a launcher's socket, and refusing what only looks like one.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kubevirt_node::launcher::{LauncherError, connect, wait_and_connect};

const UID: &str = "0b9f7a52-1c11-4a0e-9f43-0123456789ab";

fn sockets(root: &Path) -> PathBuf {
    root.join("pods")
        .join(UID)
        .join("volumes/kubernetes.io~empty-dir/public/sockets")
}

/// A socket's address has 107 bytes at most: it is made elsewhere and moved.
fn listen(root: &Path) -> UnixListener {
    let listener = UnixListener::bind(root.join("s")).unwrap();
    fs::rename(root.join("s"), sockets(root).join("launcher-sock")).unwrap();
    listener
}

#[tokio::test]
async fn a_process_outside_of_the_pod_is_not_spoken_to() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(sockets(root.path())).unwrap();
    let _listener = listen(root.path());
    let error = connect(root.path(), UID).await.unwrap_err();
    assert!(matches!(error, LauncherError::Peer(_)), "{error}");
    assert!(
        error.to_string().contains("not in a cgroup of pod"),
        "{error}"
    );
}

#[tokio::test]
async fn a_linked_socket_is_refused_at_once() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(sockets(root.path())).unwrap();
    let elsewhere = root.path().join("containerd.sock");
    let listener = UnixListener::bind(&elsewhere).unwrap();
    listener.set_nonblocking(true).unwrap();
    symlink(&elsewhere, sockets(root.path()).join("launcher-sock")).unwrap();
    let began = Instant::now();
    let limit = Duration::from_secs(20);
    let error = wait_and_connect(root.path(), UID, limit).await.unwrap_err();
    assert!(matches!(error, LauncherError::Path(_)), "{error}");
    assert!(began.elapsed() < limit / 2);
    assert!(listener.accept().is_err(), "nobody was connected to it");
}

#[tokio::test]
async fn a_socket_that_appears_is_found_soon() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(sockets(root.path()).parent().unwrap()).unwrap();
    let path = root.path().to_owned();
    let maker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        fs::create_dir(sockets(&path)).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let made = Instant::now();
        (listen(&path), made)
    });
    let limit = Duration::from_secs(20);
    let error = wait_and_connect(root.path(), UID, limit).await.unwrap_err();
    let found = Instant::now();
    let (_listener, made) = maker.join().unwrap();
    // It was connected to and turned out to be ours, not the pod's.
    assert!(matches!(error, LauncherError::Peer(_)), "{error}");
    assert!(found.saturating_duration_since(made) < Duration::from_secs(2));
}

#[tokio::test]
async fn a_socket_that_never_appears() {
    let root = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(200);
    let error = wait_and_connect(root.path(), UID, limit).await.unwrap_err();
    assert!(error.is_not_yet(), "{error}");
    assert!(error.to_string().contains(UID), "{error}");
    let error = connect(root.path(), "../../etc").await.unwrap_err();
    assert!(!error.is_not_yet(), "{error}");
}
