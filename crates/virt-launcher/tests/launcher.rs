//! The program itself, with the machine's own libvirtd and QEMU, as the first process of a PID namespace.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{chown, symlink};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(40);
/// Everybody has this user; libvirtd looks it up.
const NOBODY: u32 = 65534;

struct Launcher {
    root: tempfile::TempDir,
    process: Child,
    stream: Option<BufReader<UnixStream>>,
}

fn can_run() -> bool {
    let root = rustix::process::geteuid().is_root();
    let missing = [
        "/usr/sbin/libvirtd",
        "/usr/bin/virsh",
        "/usr/bin/qemu-img",
        "/usr/bin/qemu-system-x86_64",
    ]
    .into_iter()
    .find(|path| !Path::new(path).exists());
    match missing {
        _ if !root => eprintln!("skipped: a PID namespace and another user need root"),
        Some(path) => eprintln!("skipped: {path} is not installed"),
        None => return true,
    }
    false
}

impl Launcher {
    fn new(prepare: impl FnOnce(&Path), arguments: &[&str]) -> Self {
        let root = tempfile::tempdir_in("/var/tmp").unwrap();
        let path = root.path();
        for directory in [
            "usr/sbin",
            "usr/bin",
            "usr/share/kubevirt/libvirt",
            "var/run/libvirt",
            "var/run/kubevirt",
            "var/run/kubevirt-private/vmi-disks/data",
            "var/run/kubevirt-ephemeral-disks",
            "var/run/kubevirt-image-volume/disk_0/disk",
        ] {
            fs::create_dir_all(path.join(directory)).unwrap();
        }
        for program in ["usr/sbin/libvirtd", "usr/bin/virsh", "usr/bin/qemu-img"] {
            symlink(Path::new("/").join(program), path.join(program)).unwrap();
        }
        let sources =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images/rootfs/files/libvirt");
        for name in ["libvirtd.conf", "qemu.conf"] {
            fs::copy(
                sources.join(name),
                path.join("usr/share/kubevirt/libvirt").join(name),
            )
            .unwrap();
        }
        // A place that nobody may execute, such as below /root, would not do.
        fs::copy(
            env!("CARGO_BIN_EXE_virt-launcher"),
            path.join("virt-launcher"),
        )
        .unwrap();
        prepare(path);
        give(path);
        let process = Command::new("unshare")
            .args(["--pid", "--fork", "--kill-child", "--mount-proc"])
            .args([
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
            ])
            .arg(path.join("virt-launcher"))
            .args(["--name", "vm", "--namespace", "default", "--uid", "1-2"])
            .args(["--grace-period-seconds", "6"])
            .args(arguments)
            .env("VIRT_LAUNCHER_ROOT", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path.join("log")).unwrap())
            .spawn()
            .unwrap();
        Self {
            root,
            process,
            stream: None,
        }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    fn connect(&mut self) {
        let path = self.path("var/run/kubevirt/sockets/launcher-sock");
        let stream = wait_for(|| UnixStream::connect(&path).ok());
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        self.stream = Some(BufReader::new(stream));
        assert_eq!(self.say("hello 1"), "ok 1");
    }

    fn say(&mut self, line: &str) -> String {
        let stream = self.stream.as_mut().unwrap();
        stream
            .get_mut()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The launcher and libvirtd by their numbers here.
    fn child_of(parent: u32) -> Option<u32> {
        let children = format!("/proc/{parent}/task/{parent}/children");
        fs::read_to_string(children)
            .ok()?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    }

    fn pid(&self) -> u32 {
        // setpriv becomes virt-launcher.
        wait_for(|| Self::child_of(self.process.id()))
    }

    fn start_guest(&self) {
        let disk = self.path("var/run/kubevirt-ephemeral-disks/disk-data/root/disk.qcow2");
        let xml = format!(
            "<domain type='qemu'><name>default_vm</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='{}'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
            disk.display()
        );
        let file = self.path("vm.xml");
        fs::write(&file, xml).unwrap();
        let socket = self.path("var/run/libvirt/libvirt-sock");
        let output = Command::new("virsh")
            .args([
                "-c",
                &format!("qemu+unix:///session?socket={}", socket.display()),
                "create",
            ])
            .arg(&file)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
    }

    fn ends(&mut self) -> ExitStatus {
        let process = &mut self.process;
        wait_for(|| process.try_wait().unwrap())
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "{}",
                fs::read_to_string(self.path("log")).unwrap_or_default()
            );
        }
        // With unshare goes all of the PID namespace.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            give(&entry.path());
        }
    }
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < LIMIT, "it did not happen in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn with_image(root: &Path) {
    let image = root.join("var/run/kubevirt-image-volume/disk_0/disk/disk.img");
    fs::write(image, vec![0; 1 << 20]).unwrap();
}

const DISKS: [&str; 6] = [
    "--container-disk",
    "root=0",
    "--empty-disk",
    "scratch=2097152",
    "--filesystem-disk",
    "data=3145728",
];

#[test]
fn a_guest_lives_through_a_crash_of_libvirtd() {
    if !can_run() {
        return;
    }
    let mut launcher = Launcher::new(with_image, &DISKS);
    launcher.connect();
    assert_eq!(launcher.say("start"), "ok");
    let disk = fs::metadata(launcher.path("var/run/kubevirt-private/vmi-disks/data/disk.img"));
    assert_eq!(disk.unwrap().len(), 3_145_728);
    assert!(
        launcher
            .path("var/run/kubevirt-ephemeral-disks/empty-disks/scratch.qcow2")
            .exists()
    );
    let pid = launcher.pid();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let rss = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let rss: u64 = rss.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(rss <= 5 * 1024, "virt-launcher takes {rss} KiB");

    launcher.start_guest();
    let daemon = Launcher::child_of(pid).unwrap();
    Command::new("kill")
        .args(["-9", &daemon.to_string()])
        .status()
        .unwrap();
    assert_eq!(launcher.line(), "event libvirtd-exited 137");
    assert_eq!(launcher.say("start"), "ok");

    // virt-handler handles SIGTERM.
    Command::new("kill").arg(pid.to_string()).status().unwrap();
    assert_eq!(launcher.line(), "event sigterm");
    assert_eq!(launcher.say("handling"), "ok");
    assert_eq!(launcher.say("exit"), "ok");
    assert_eq!(launcher.ends().code(), Some(0));
}

#[test]
fn without_virt_handler_the_guest_is_asked_and_ended() {
    if !can_run() {
        return;
    }
    let mut launcher = Launcher::new(with_image, &DISKS);
    launcher.connect();
    assert_eq!(launcher.say("start"), "ok");
    launcher.start_guest();
    launcher.stream = None;
    Command::new("kill")
        .arg(launcher.pid().to_string())
        .status()
        .unwrap();
    assert_eq!(launcher.ends().code(), Some(0));
    let log = fs::read_to_string(launcher.path("log")).unwrap();
    assert!(
        log.contains("virsh shutdown default_vm --mode acpi"),
        "{log}"
    );
    assert!(log.contains("virsh destroy default_vm"), "{log}");
}

#[test]
fn a_bad_image_is_told() {
    if !can_run() {
        return;
    }
    let mut launcher = Launcher::new(|_| (), &["--container-disk", "root=0"]);
    launcher.connect();
    let answer = launcher.say("start");
    assert!(
        answer.starts_with("error volume root: /disk in the image is empty"),
        "{answer}"
    );
    assert_eq!(launcher.say("exit"), "ok");
    assert_eq!(launcher.ends().code(), Some(0));
}

#[test]
fn no_guest_in_time() {
    if !can_run() {
        return;
    }
    let mut launcher = Launcher::new(|_| (), &["--start-timeout", "1"]);
    assert_eq!(launcher.ends().code(), Some(1));
}
