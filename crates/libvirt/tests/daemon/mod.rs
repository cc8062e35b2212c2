//! A libvirtd of our own: session mode, private socket, everything in one temporary directory.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A user that every system has an entry for.
const NOBODY: u32 = 65534;

pub struct Daemon {
    pub directory: TempDir,
    process: Child,
}

impl Daemon {
    /// Starts libvirtd, or says why the test cannot run here. With KUBEVIRT_TEST_LIBVIRTD=require that is a failure.
    pub fn start() -> Option<Self> {
        let missing = ["/usr/sbin/libvirtd", "/usr/bin/qemu-system-x86_64"]
            .into_iter()
            .find(|path| !Path::new(path).exists());
        if let Some(path) = missing {
            assert!(
                std::env::var("KUBEVIRT_TEST_LIBVIRTD").is_err(),
                "{path} is missing: install libvirt-daemon, libvirt-daemon-driver-qemu and qemu-system-x86"
            );
            eprintln!("skipped: {path} is missing");
            return None;
        }
        let directory = TempDir::new().unwrap();
        let root = directory.path();
        std::fs::create_dir_all(root.join("config/libvirt")).unwrap();
        std::fs::create_dir_all(root.join("run")).unwrap();
        std::fs::write(
            root.join("config/libvirt/qemu.conf"),
            "stdio_handler = \"file\"\nsecurity_driver = \"none\"\nnamespaces = []\ncgroup_controllers = []\n",
        )
        .unwrap();
        std::fs::write(
            root.join("libvirtd.conf"),
            "listen_tls = 0\nlisten_tcp = 0\nauth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nlog_outputs = \"3:stderr\"\n",
        )
        .unwrap();
        // Session mode is for users other than root.
        if is_root() {
            for path in ["", "config", "config/libvirt", "run"] {
                chown(root.join(path), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let process = launch(root);
        Some(Self { directory, process })
    }

    /// Starts a new daemon over the old one's files.
    pub fn restart(&mut self) {
        self.kill();
        self.process = launch(self.directory.path());
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("run/libvirt/libvirt-sock")
    }

    /// Waits until the daemon listens.
    pub fn wait(&mut self) {
        let begin = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("libvirtd ended with {status}: {}", self.log());
            }
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "libvirtd does not listen: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Stops the daemon's process without ending it.
    pub fn freeze(&self) {
        signal(self.process.id(), "STOP");
    }

    pub fn thaw(&self) {
        signal(self.process.id(), "CONT");
    }
}

fn launch(root: &Path) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(root.join("log"))
        .unwrap();
    let mut command = Command::new("/usr/sbin/libvirtd");
    command
        .arg("--config")
        .arg(root.join("libvirtd.conf"))
        .env("XDG_RUNTIME_DIR", root.join("run"))
        .env("XDG_CONFIG_HOME", root.join("config"))
        .env("XDG_CACHE_HOME", root.join("cache"))
        .env("HOME", root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().unwrap()
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.thaw();
        // QEMU outlives the daemon: end what its pid files name.
        self.kill();
        for entry in std::fs::read_dir(self.directory.path().join("run/libvirt/qemu/run"))
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "pid")
                && let Ok(text) = std::fs::read_to_string(entry.path())
                && let Ok(process) = text.trim().parse()
            {
                signal(process, "KILL");
            }
        }
    }
}

fn signal(process: u32, name: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &process.to_string()])
        .stderr(Stdio::null())
        .status();
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
