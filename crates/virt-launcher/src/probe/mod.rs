//! `virt-launcher probe`: what libvirt finds out about this node's QEMU, once for all pods. Runs in virt-handler's init
//! container, from the same image as the launcher pods.
//!
//! libvirt takes a cached answer for valid when these are as they were (`virQEMUCapsIsValid` of libvirt): the change times of
//! the emulator, of libvirt's own files and of QEMU's module directory, libvirt's version, whether /dev/kvm can be opened,
//! and with KVM the kernel's version, the CPU and its microcode and nesting. All but KVM come with the image and the node, so
//! the only thing to arrange is that /dev/kvm is here as it will be in the launcher pods.

mod kvm;

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{Gid, Uid, chown};
use rustix::process::{Pid, Signal, WaitOptions, wait};

use crate::children::{Children, signal};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::libvirt::{Home, make_directory};

/// QEMU's user in every launcher pod.
const USER: u32 = 107;
/// Without the cache a probe of KVM and TCG takes some 2 s on a slow node.
const LIMIT: Duration = Duration::from_secs(120);
const PERIOD: Duration = Duration::from_millis(3);
/// Answers are some 20 KB each.
const ANSWER_LIMIT: u64 = 8 << 20;

/// What is left for virt-handler: the host, what guests can have under emulation and with KVM, and every feature of host-model.
const CAPABILITIES: &str = "capabilities.xml";
const DOMAIN_QEMU: &str = "domcapabilities-qemu.xml";
const DOMAIN_KVM: &str = "domcapabilities-kvm.xml";
const HOST_FEATURES: &str = "host-features.xml";

pub(crate) fn probe(layout: &Layout, output: &Path) -> Result<(), Failure> {
    Children::adopt_orphans()
        .map_err(|error| Failure::new("probe", format!("cannot adopt orphans: {error}")))?;
    let root = rustix::process::geteuid().is_root();
    let work = Work::new(layout, root)?;
    let result =
        kvm::arrange(&work.directory, root).and_then(|kvm| ask(layout, &work, output, kvm));
    kvm::uncover(&work.directory);
    work.remove();
    result
}

fn ask(layout: &Layout, work: &Work, output: &Path, kvm: bool) -> Result<(), Failure> {
    let deadline = Instant::now() + LIMIT;
    let mut daemon = Daemon::start(layout, work, deadline)?;
    let answers = daemon.answers(layout, work, kvm, deadline);
    daemon.stop();
    let answers = answers?;

    let cache = output.join("capabilities");
    make_directory(&cache, 0o755)?;
    let found = work.home.private.join("libvirt/qemu/cache/capabilities");
    let mut copied = 0;
    for file in list(&found)? {
        if file.extension().is_some_and(|extension| extension == "xml")
            && let Some(name) = file.file_name()
        {
            let bytes = fs::read(&file).map_err(|error| cannot("read", &file, &error))?;
            write(&cache.join(name), &bytes)?;
            copied += 1;
        }
    }
    if copied == 0 {
        let message = format!("libvirtd left no capability cache in {}", found.display());
        return Err(Failure::new("probe", message));
    }
    // What an earlier probe left, before KVM went away.
    for name in [DOMAIN_KVM, HOST_FEATURES] {
        if answers.iter().any(|(answered, _)| *answered == name) {
            continue;
        }
        let stale = output.join(name);
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot("remove", &stale, &error));
            }
            _ => {}
        }
    }
    for (name, text) in answers {
        write(&output.join(name), &text)?;
    }
    Ok(())
}

/// The directory that libvirtd works in.
struct Work {
    directory: PathBuf,
    home: Home,
    /// Whether children change to [`USER`].
    drop_root: bool,
}

impl Work {
    fn new(layout: &Layout, root: bool) -> Result<Self, Failure> {
        let directory = layout
            .runtime()
            .join(format!("virt-launcher-probe-{}", std::process::id()));
        let home = Home {
            runtime: directory.join("run"),
            private: directory.join("private"),
        };
        for path in [&directory, &home.runtime, &home.private] {
            make_directory(path, 0o755)?;
        }
        home.configure(layout)?;
        if root {
            let configuration = home.private.join("libvirt");
            let file = configuration.join("qemu.conf");
            for path in [&home.runtime, &home.private, &configuration, &file] {
                let (uid, gid) = (Uid::from_raw(USER), Gid::from_raw(USER));
                chown(path, Some(uid), Some(gid))
                    .map_err(|errno| cannot("set the owner of", path, &errno.into()))?;
            }
        }
        Ok(Self {
            directory,
            home,
            drop_root: root,
        })
    }

    fn as_user(&self, command: &mut Command) {
        if self.drop_root {
            // Also drops root's supplementary groups.
            command.uid(USER).gid(USER);
        }
    }

    fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            eprintln!(
                "virt-launcher: cannot remove {}: {error}",
                self.directory.display()
            );
        }
    }
}

/// libvirtd; what it orphans is reaped whenever something is waited for.
struct Daemon {
    pid: i32,
    status: Option<i32>,
}

impl Daemon {
    fn start(layout: &Layout, work: &Work, deadline: Instant) -> Result<Self, Failure> {
        let mut command = work.home.libvirtd(layout);
        work.as_user(&mut command);
        let pid = Children::default().spawn(&mut command).map_err(|error| {
            let path = layout.libvirtd();
            Failure::new(
                "libvirtd",
                format!("cannot run {}: {error}", path.display()),
            )
        })?;
        let mut daemon = Self { pid, status: None };
        while !work.home.accepts() {
            daemon.reap(None);
            if let Some(status) = daemon.status {
                let message = format!("it has exited with status {status}, see its messages above");
                return Err(Failure::new("libvirtd", message));
            }
            if Instant::now() > deadline {
                daemon.stop();
                return Err(Failure::new("libvirtd", "it does not accept connections"));
            }
            sleep(PERIOD);
        }
        Ok(daemon)
    }

    fn answers(
        &mut self,
        layout: &Layout,
        work: &Work,
        kvm: bool,
        deadline: Instant,
    ) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
        let machine = ["--arch", "x86_64", "--machine", "q35", "--virttype"];
        let mut answers = Vec::new();
        let words = ["capabilities"];
        answers.push((CAPABILITIES, self.virsh(layout, work, &words, deadline)?));
        let mut domain = |kind, name| {
            let words = [&["domcapabilities"], &machine[..], &[kind]].concat();
            let text = self.virsh(layout, work, &words, deadline)?;
            answers.push((name, text.clone()));
            Ok(text)
        };
        let mut known = ("qemu", domain("qemu", DOMAIN_QEMU)?);
        if kvm {
            known = ("kvm", domain("kvm", DOMAIN_KVM)?);
        }
        // What host-model amounts to, with each feature that its model implies. The question is asked with a file.
        let (kind, text) = known;
        let question = work.directory.join("host-model.xml");
        write(&question, &text)?;
        let question = question.display().to_string();
        let baseline = ["hypervisor-cpu-baseline", "--features"];
        let words = [&baseline[..], &machine, &[kind, &question]].concat();
        match self.virsh(layout, work, &words, deadline) {
            Ok(text) => answers.push((HOST_FEATURES, text)),
            // A host without a host-model. virt-handler then knows fewer features of it, and everything else.
            Err(failure) => {
                eprintln!("virt-launcher: the host's CPU features stay unknown: {failure}")
            }
        }
        Ok(answers)
    }

    fn virsh(
        &mut self,
        layout: &Layout,
        work: &Work,
        words: &[&str],
        deadline: Instant,
    ) -> Result<Vec<u8>, Failure> {
        let failed = |message: String| Failure::new(format!("virsh {}", words.join(" ")), message);
        let mut command = work.home.virsh(layout, words);
        work.as_user(&mut command);
        command.stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| failed(format!("cannot be run: {error}")))?;
        let reader = read_output(&mut child);
        let pid = i32::try_from(child.id()).map_err(|error| failed(error.to_string()))?;
        let status = loop {
            if let Some(status) = self.reap(Some(pid)) {
                break status;
            }
            if Instant::now() > deadline {
                signal(pid, Signal::KILL);
                return Err(failed(format!("no answer within {LIMIT:?}")));
            }
            sleep(PERIOD);
        };
        if status != 0 {
            return Err(failed(format!(
                "exit status {status}, see its message above"
            )));
        }
        reader
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the reader failed")))
            .map_err(|error| failed(format!("cannot read the answer: {error}")))
    }

    /// Reaps what has exited; gives the status of `wanted` when it was among them.
    fn reap(&mut self, wanted: Option<i32>) -> Option<i32> {
        let mut found = None;
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid: Pid = pid;
            let status = crate::children::status_of(status);
            let pid = pid.as_raw_nonzero().get();
            if pid == self.pid {
                self.status = Some(status);
            }
            if Some(pid) == wanted {
                found = Some(status);
            }
        }
        found
    }

    fn stop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        signal(self.pid, Signal::TERM);
        while self.status.is_none() && Instant::now() < deadline {
            self.reap(None);
            sleep(PERIOD);
        }
        if self.status.is_none() {
            signal(self.pid, Signal::KILL);
        }
    }
}

fn read_output(child: &mut Child) -> std::thread::JoinHandle<io::Result<Vec<u8>>> {
    let stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(stdout) = stdout {
            stdout.take(ANSWER_LIMIT).read_to_end(&mut text)?;
        }
        Ok(text)
    })
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(|error| cannot("list", directory, &error))?;
    let paths: io::Result<Vec<PathBuf>> = entries
        .take(100)
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    paths.map_err(|error| cannot("list", directory, &error))
}

/// Replaced in one step: virt-handler may be reading what an earlier run left.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let new = path.with_extension("new");
    fs::write(&new, bytes)
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| cannot("write", path, &error))
}

fn cannot(action: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        "probe",
        format!("cannot {action} {}: {error}", path.display()),
    )
}
