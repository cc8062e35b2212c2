//! A pod, a world outside and a guest, each a network namespace that is removed again.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Address of the pod's device and of the gateway behind it.
pub(crate) const POD: &str = "10.99.7.5";
pub(crate) const GATEWAY: &str = "10.99.7.1";
/// Something that the world has beside the gateway.
pub(crate) const OUTSIDE: &str = "192.0.2.1";

pub(crate) struct Pod {
    prefix: String,
}

/// False, with the reason printed, where these tests cannot be run.
pub(crate) fn can_run() -> bool {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: network namespaces need root");
        return false;
    }
    for program in [
        "/usr/sbin/nft",
        "/usr/bin/busybox",
        "/usr/bin/ping",
        "/dev/net/tun",
    ] {
        if !PathBuf::from(program).exists() {
            panic!(
                "{program} is missing; install the packages nftables, busybox, iputils-ping and iproute2"
            );
        }
    }
    true
}

impl Pod {
    pub(crate) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let pod = Self {
            prefix: format!("kvt{}-{number}", std::process::id()),
        };
        for name in ["pod", "world", "guest"] {
            ip(&["netns", "add", &pod.name(name)]);
            pod.run(name, "ip link set lo up");
        }
        let (own, world) = (pod.name("pod"), pod.name("world"));
        let veth = "link add eth0 mtu 1450 netns POD type veth peer name w0 mtu 1450 netns WORLD";
        ip(&words(&veth.replace("POD", &own).replace("WORLD", &world)));
        pod.run("world", &format!("ip address add {GATEWAY}/24 dev w0"));
        pod.run("world", &format!("ip address add {OUTSIDE}/32 dev lo"));
        pod.run("world", "ip link set w0 up");
        pod.run("pod", "ip link set eth0 up");
        pod
    }

    pub(crate) fn with_address() -> Self {
        let pod = Self::new();
        pod.run("pod", &format!("ip address add {POD}/24 dev eth0"));
        pod.run("pod", &format!("ip route add default via {GATEWAY}"));
        pod
    }

    pub(crate) fn name(&self, which: &str) -> String {
        format!("{}-{which}", self.prefix)
    }

    pub(crate) fn path(&self, which: &str) -> PathBuf {
        PathBuf::from("/run/netns").join(self.name(which))
    }

    pub(crate) fn command(&self, which: &str, line: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.path(which).display()));
        command.args(line.split_whitespace());
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn output(&self, which: &str, line: &str) -> Output {
        self.command(which, line).output().unwrap()
    }

    pub(crate) fn succeeds(&self, which: &str, line: &str) -> bool {
        self.output(which, line).status.success()
    }

    /// Runs a program that must succeed and gives what it wrote.
    pub(crate) fn run(&self, which: &str, line: &str) -> String {
        let output = self.output(which, line);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{which}: {line}: {text} {error}");
        text
    }

    /// A network card for the guest in the bridge, where QEMU would be behind the TAP device.
    pub(crate) fn plug_guest(&self, mac: &str) {
        let (own, guest) = (self.name("pod"), self.name("guest"));
        let veth = "link add gport mtu 1450 netns POD type veth peer name g0 address MAC mtu 1450 netns GUEST";
        let veth = veth.replace("POD", &own).replace("GUEST", &guest);
        ip(&words(&veth.replace("MAC", mac)));
        self.run("pod", "ip link set gport master k6t-eth0 up");
        self.run("guest", "ip link set g0 up");
    }

    /// Lets a DHCP client in the guest ask and set what it is told; gives the variables that it got.
    pub(crate) fn dhcp(&self) -> String {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("script");
        let text = "#!/bin/sh\nset > $0.$1\n[ $1 = bound ] || exit 0\nip address add $ip/$mask dev $interface\nif [ -n \"$staticroutes\" ]; then set -- $staticroutes; while [ $# -ge 2 ]; do if [ $2 = 0.0.0.0 ]; then ip route add $1 dev $interface; else ip route add $1 via $2; fi; shift 2; done; else for r in $router; do ip route add default via $r; done; fi\n";
        std::fs::write(&script, text).unwrap();
        Command::new("chmod")
            .arg("+x")
            .arg(&script)
            .status()
            .unwrap();
        let line = format!(
            "timeout 20 busybox udhcpc -f -i g0 -n -q -t 5 -T 1 -O search -O mtu -O hostname -O staticroutes -s {}",
            script.display()
        );
        let output = self.output("guest", &line);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "udhcpc: {error}");
        std::fs::read_to_string(directory.path().join("script.bound")).unwrap()
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        for name in ["guest", "pod", "world"] {
            let name = self.name(name);
            let status = Command::new("ip").args(["netns", "del", &name]).status();
            if !status.is_ok_and(|status| status.success()) {
                eprintln!("cannot remove the network namespace {name}");
            }
        }
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments:?}: {error}");
}
