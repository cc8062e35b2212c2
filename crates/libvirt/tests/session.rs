//! Against a real libvirtd and QEMU: needs the packages libvirt-daemon, libvirt-daemon-driver-qemu and qemu-system-x86.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

mod daemon;

use std::time::{Duration, Instant};

use daemon::Daemon;
use kubevirt_libvirt::{
    CloseReason, Connection, DomainState, Error, Event, LifecycleDetail, LifecycleKind, Reason,
    ShutdownMode, State,
};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

const SECOND: Duration = Duration::from_secs(1);

/// A machine without disk and network, small and quick.
fn tiny(name: &str) -> String {
    format!(
        "<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>\
         <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>\
         <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><controller type='usb' model='none'/>\
         <memballoon model='none'/></devices></domain>"
    )
}

async fn wait_for(events: &mut Receiver<Event>, wanted: LifecycleKind) -> LifecycleDetail {
    loop {
        match timeout(20 * SECOND, events.recv())
            .await
            .unwrap_or_else(|_| panic!("no {wanted:?}"))
            .unwrap()
        {
            Event::Lifecycle {
                kind,
                detail,
                domain,
                uuid,
            } if kind == wanted => {
                assert_eq!((domain.as_str(), uuid.len()), ("ns_vm", 36));
                return detail;
            }
            Event::Closed(reason) => panic!("closed: {reason:?} before {wanted:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_domains_life() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    let mut events = connection.events();

    let error = connection
        .define_validated(tiny("ns_vm").replace("<vcpu>", "<nonsense/><vcpu>"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::InvalidXml(_)), "{error}");

    let domain = connection.define(tiny("ns_vm")).await.unwrap();
    assert_eq!(
        wait_for(&mut events, LifecycleKind::Defined).await,
        LifecycleDetail::Added
    );
    let uuid = format!("</name><uuid>{}</uuid>", domain.uuid());
    connection
        .define(tiny("ns_vm").replace("</name>", &uuid))
        .await
        .unwrap();
    assert!(
        connection
            .define(tiny("ns_vm"))
            .await
            .unwrap_err()
            .to_string()
            .contains("already exists")
    );
    domain.start(true).await.unwrap();
    assert_eq!(
        wait_for(&mut events, LifecycleKind::Started).await,
        LifecycleDetail::Booted
    );
    assert_eq!(
        domain.state().await.unwrap(),
        DomainState {
            state: State::Paused,
            reason: Reason::User
        }
    );
    domain.resume().await.unwrap();
    wait_for(&mut events, LifecycleKind::Resumed).await;
    assert_eq!(domain.state().await.unwrap().state, State::Running);
    assert!(matches!(
        domain.start(false).await,
        Err(Error::OperationInvalid(_))
    ));

    domain.shutdown(ShutdownMode::Acpi).await.unwrap();
    let error = domain.shutdown(ShutdownMode::Agent).await.unwrap_err();
    assert!(
        matches!(error, Error::NoSupport(_) | Error::AgentUnavailable(_)),
        "{error}"
    );
    domain.reset().await.unwrap();
    domain
        .set_metadata(Some("<kubevirt><uid>u</uid></kubevirt>".into()))
        .await
        .unwrap();
    assert!(
        domain
            .metadata()
            .await
            .unwrap()
            .unwrap()
            .contains("<uid>u</uid>")
    );
    assert!(
        domain
            .inactive_xml_description()
            .await
            .unwrap()
            .contains("<kubevirt:uid>u</kubevirt:uid>")
    );
    let information = domain.information().await.unwrap();
    assert_eq!(
        (information.maximum_memory_kib, information.virtual_cpus),
        (32 * 1024, 1)
    );
    assert!(domain.memory_statistics().await.unwrap().resident.unwrap() > 1024);

    domain.destroy().await.unwrap();
    assert_eq!(
        wait_for(&mut events, LifecycleKind::Stopped).await,
        LifecycleDetail::Destroyed
    );
    assert_eq!(
        domain.state().await.unwrap(),
        DomainState {
            state: State::ShutOff,
            reason: Reason::Destroyed
        }
    );
    domain.undefine().await.unwrap();
    wait_for(&mut events, LifecycleKind::Undefined).await;
    assert!(connection.domain_by_name("ns_vm").await.unwrap().is_none());

    // Not stored: gone when it ends.
    let transient = connection.create_xml(tiny("ns_vm"), false).await.unwrap();
    assert_eq!(transient.state().await.unwrap().state, State::Running);
    transient.destroy().await.unwrap();
    assert!(transient.state().await.unwrap_err().is_not_found());
    connection.close().await;
}

#[tokio::test]
async fn the_daemons_death_is_noticed_and_the_guest_found_again() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    let mut events = connection.events();
    let domain = connection.create_xml(tiny("ns_vm"), false).await.unwrap();
    wait_for(&mut events, LifecycleKind::Started).await;

    let begin = Instant::now();
    daemon.kill();
    loop {
        match timeout(5 * SECOND, events.recv()).await.unwrap().unwrap() {
            Event::Closed(reason) => {
                assert!(
                    matches!(reason, CloseReason::EndOfFile | CloseReason::Error),
                    "{reason:?}"
                );
                break;
            }
            _ => continue,
        }
    }
    assert!(begin.elapsed() < 2 * SECOND);
    let error = domain.state().await.unwrap_err();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    let error = Connection::open(&daemon.socket(), 5 * SECOND)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");

    // QEMU lived on; a new daemon and a new connection find it.
    daemon.restart();
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    let domain = connection.domain_by_name("ns_vm").await.unwrap().unwrap();
    assert_eq!(domain.state().await.unwrap().state, State::Running);
    assert_eq!(connection.domains().await.unwrap().len(), 1);
    // While the new daemon still connects to QEMU, this can also report that the domain ended meanwhile.
    let destroyed = domain.destroy().await;
    assert!(
        destroyed
            .as_ref()
            .map_or_else(Error::is_not_found, |()| true),
        "{destroyed:?}: {}",
        daemon.log()
    );
    assert!(domain.state().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_frozen_daemon_does_not_hold_others_up() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    let mut events = connection.events();
    daemon.freeze();
    let begin = Instant::now();
    // The keep-alive gives the connection up, well before the call's own limit.
    let error = connection.domain_by_name("ns_vm").await.unwrap_err();
    assert!(error.is_disconnected(), "{error}");
    assert!(begin.elapsed() < 25 * SECOND);
    assert!(matches!(
        timeout(5 * SECOND, events.recv()).await.unwrap(),
        Some(Event::Closed(_))
    ));
    daemon.thaw();
    let again = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    assert!(again.domain_by_name("ns_vm").await.unwrap().is_none());
}

#[tokio::test]
async fn a_guests_screen_agent_and_notes() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    daemon.wait();
    let connection = Connection::open(&daemon.socket(), 20 * SECOND)
        .await
        .unwrap();
    let channel =
        "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
    let xml = tiny("ns_vm").replace(
        "</devices>",
        &format!("{channel}<video><model type='vga'/></video></devices>"),
    );
    let domain = connection.create_xml(xml, false).await.unwrap();

    let picture = domain.screenshot().await.unwrap();
    assert_eq!(picture.mime_type, "image/png");
    assert!(picture.bytes.starts_with(b"\x89PNG"), "no PNG");
    // The PS/2 mouse that every PC has.
    domain.nudge_pointer().await.unwrap();

    // There is no system in it, and so no agent.
    domain.set_agent_response_timeout(1).await.unwrap();
    let begin = Instant::now();
    let ping = r#"{"execute":"guest-ping"}"#;
    let error = domain.agent_command(ping.into(), 1).await.unwrap_err();
    assert!(matches!(error, Error::AgentUnavailable(_)), "{error}");
    assert!(begin.elapsed() < 10 * SECOND);

    let note = |xml: Option<&str>| domain.set_metadata_in("p", "http://p", xml.map(str::to_owned));
    note(Some("<note at='5'/>")).await.unwrap();
    let xml = domain.xml_description().await.unwrap();
    assert!(
        xml.contains("<p:note xmlns:p=\"http://p\" at=\"5\"/>"),
        "{xml}"
    );
    note(None).await.unwrap();
    assert!(!domain.xml_description().await.unwrap().contains("note"));
    // Nothing to take away is no failure.
    assert!(!matches!(
        note(None).await,
        Err(Error::Internal(_) | Error::InvalidArgument { .. })
    ));
    domain.destroy().await.unwrap();
}
