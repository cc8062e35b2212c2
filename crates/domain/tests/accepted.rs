//! libvirt itself accepts the XML of each field. Needs the packages libvirt-daemon, libvirt-daemon-driver-qemu,
//! qemu-system-x86 and ovmf.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::panic
)]

mod cases;
#[path = "../../libvirt/tests/daemon/mod.rs"]
mod daemon;

use std::path::Path;
use std::time::Duration;

use cases::{all, environment, vmi};
use daemon::Daemon;
use kubevirt_domain::{LiveDomain, render};
use kubevirt_libvirt::Connection;

#[tokio::test]
async fn libvirt_accepts_each_field() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), Duration::from_secs(20))
        .await
        .unwrap();
    let mut wrong = Vec::new();
    for case in all() {
        if case.name == "tpm" && !Path::new("/usr/bin/swtpm").exists() {
            eprintln!("skipped: swtpm is missing");
            continue;
        }
        let vmi = vmi(&case.manifest);
        let xml = render(&vmi, &environment(&vmi)).unwrap();
        match connection.define_validated(xml).await {
            Ok(domain) => {
                // libvirt's own form keeps what we look for.
                let live = LiveDomain::read(&domain.xml_description().await.unwrap()).unwrap();
                let names: Vec<_> = live.disks.iter().map(|disk| disk.name.as_str()).collect();
                let wanted: Vec<_> = vmi
                    .spec
                    .domain
                    .devices
                    .disks
                    .iter()
                    .map(|disk| disk.name.as_str())
                    .collect();
                assert_eq!(sorted(names), sorted(wanted), "{}", case.name);
                assert!(
                    live.machine.unwrap().starts_with("pc-q35-"),
                    "{}",
                    case.name
                );
                assert_eq!(
                    domain.uuid(),
                    "2a1f639e-0c1d-41fa-a9b5-8dd1deee496b",
                    "{}",
                    case.name
                );
                domain.undefine().await.unwrap();
            }
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}
