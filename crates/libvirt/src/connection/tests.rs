//! Against libvirt's test driver, which lives in the client library, and against peers that misbehave.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use super::*;
use crate::{LifecycleDetail, LifecycleKind, Reason, State, limits};

const SECOND: Duration = Duration::from_secs(1);

async fn next(events: &mut Receiver<Event>) -> Event {
    timeout(10 * SECOND, events.recv())
        .await
        .expect("an event in time")
        .expect("an open channel")
}

#[tokio::test]
async fn a_domains_life_in_the_test_driver() {
    let connection = Connection::open_uri("test:///default", 5 * SECOND)
        .await
        .unwrap();
    let mut events = connection.events();
    let xml = "<domain type='test'><name>ns_vm</name><memory>32768</memory><os><type>hvm</type></os></domain>";
    let domain = connection.define(xml.into()).await.unwrap();
    assert_eq!(domain.name(), "ns_vm");
    assert_eq!(domain.uuid().len(), 36);
    assert_eq!(domain.state().await.unwrap().state, State::ShutOff);
    domain.start(false).await.unwrap();
    assert_eq!(
        domain.state().await.unwrap(),
        crate::DomainState {
            state: State::Running,
            reason: Reason::Booted
        }
    );
    // The test driver has its own number for this; a real daemon's is checked against a real daemon.
    assert!(
        domain
            .start(false)
            .await
            .unwrap_err()
            .to_string()
            .contains("running")
    );

    assert_eq!(domain.metadata().await.unwrap(), None);
    domain
        .set_metadata(Some("<kubevirt><uid>1&amp;2</uid></kubevirt>".into()))
        .await
        .unwrap();
    assert!(
        domain
            .metadata()
            .await
            .unwrap()
            .unwrap()
            .contains("<uid>1&amp;2</uid>")
    );
    assert!(
        domain
            .xml_description()
            .await
            .unwrap()
            .contains("http://kubevirt.io")
    );
    assert!(
        domain
            .inactive_xml_description()
            .await
            .unwrap()
            .contains("http://kubevirt.io")
    );

    domain.suspend().await.unwrap();
    assert_eq!(domain.state().await.unwrap().state, State::Paused);
    domain.resume().await.unwrap();
    assert_eq!(
        domain.information().await.unwrap().maximum_memory_kib,
        32768
    );
    domain.destroy().await.unwrap();
    assert_eq!(domain.state().await.unwrap().reason, Reason::Destroyed);
    domain.undefine().await.unwrap();
    assert!(matches!(domain.state().await, Err(Error::NotFound(_))));
    assert!(connection.domain_by_name("ns_vm").await.unwrap().is_none());
    assert_eq!(
        connection.domains().await.unwrap().len(),
        1,
        "the driver's own domain"
    );

    let mut seen = Vec::new();
    while seen.last() != Some(&(LifecycleKind::Undefined, LifecycleDetail::Removed)) {
        if let Event::Lifecycle {
            domain,
            kind,
            detail,
            ..
        } = next(&mut events).await
        {
            assert_eq!(domain, "ns_vm");
            seen.push((kind, detail));
        }
    }
    assert!(
        seen.contains(&(LifecycleKind::Started, LifecycleDetail::Booted)),
        "{seen:?}"
    );
    assert!(
        seen.contains(&(LifecycleKind::Stopped, LifecycleDetail::Destroyed)),
        "{seen:?}"
    );

    let other = connection.clone();
    connection.close().await;
    assert_eq!(next(&mut events).await, Event::Closed(CloseReason::Client));
    assert!(other.domains().await.unwrap_err().is_disconnected());
    assert_eq!(other.closed(), Some(CloseReason::Client));
}

#[tokio::test]
async fn libvirts_refusals_keep_their_text() {
    let connection = Connection::open_uri("test:///default", 5 * SECOND)
        .await
        .unwrap();
    let error = connection
        .define("<domain type='test'><nam".into())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::InvalidXml(_)), "{error}");
    let error = connection.define("<domain\0/>".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "domain XML has a NUL byte at position 7");
    let error = connection
        .define("x".repeat(limits::DOCUMENT_BYTES + 1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
}

#[tokio::test]
async fn no_socket_and_a_dead_socket_are_said_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("libvirt-sock");
    let begin = Instant::now();
    let error = Connection::open(&missing, 5 * SECOND).await.err().unwrap();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    assert!(error.to_string().contains("libvirt-sock"), "{error}");

    drop(UnixListener::bind(&missing).unwrap());
    let error = Connection::open(&missing, 5 * SECOND).await.err().unwrap();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    assert!(begin.elapsed() < 2 * SECOND);
}

#[tokio::test]
async fn a_silent_peer_costs_itself_only() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("libvirt-sock");
    // Connections are accepted by the kernel and never answered.
    let listener = UnixListener::bind(&socket).unwrap();
    for _ in 0..limits::STUCK_PER_SOCKET {
        let begin = Instant::now();
        let error = Connection::open(&socket, SECOND / 5).await.err().unwrap();
        assert!(
            matches!(error, Error::Timeout { call: "open", .. }),
            "{error}"
        );
        assert!(begin.elapsed() < SECOND);
    }
    let error = Connection::open(&socket, SECOND / 5).await.err().unwrap();
    assert!(matches!(error, Error::Overloaded { .. }), "{error}");

    // Others are not affected.
    let other = Connection::open_uri("test:///default", 5 * SECOND)
        .await
        .unwrap();
    assert_eq!(other.domains().await.unwrap().len(), 1);

    // Once the peer is gone its threads end, and the socket may be tried again.
    drop(listener);
    for _ in 0..50 {
        let error = Connection::open(&socket, SECOND).await.err().unwrap();
        if matches!(error, Error::Disconnected { .. }) {
            return;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    panic!("the socket is still refused");
}

#[tokio::test]
async fn a_peer_that_talks_nonsense_is_an_error() {
    use std::io::Write;
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("libvirt-sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let peer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(&[0xff; 65536]);
    });
    let error = Connection::open(&socket, 5 * SECOND).await.err().unwrap();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    peer.join().unwrap();
}
