use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::duplex;

const WAIT: Duration = Duration::from_secs(10);

struct World {
    client: WebSocketStream<DuplexStream>,
    guest: DuplexStream,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<Option<Ending>>,
}

async fn world(space: usize, closed: Ending) -> World {
    let (server, client) = tokio::io::duplex(space);
    let (guest, ours) = tokio::io::duplex(space);
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    let task = tokio::spawn(async move {
        let (read, write) = tokio::io::split(ours);
        let (mut source, mut sink) = duplex(read, write, closed);
        serve(server, &mut source, &mut sink, &token).await
    });
    World {
        client: WebSocketStream::from_raw_socket(client, Role::Client, None).await,
        guest,
        shutdown,
        task,
    }
}

async fn frame(client: &mut WebSocketStream<DuplexStream>) -> Message {
    timeout(WAIT, client.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap()
}

async fn closed(client: &mut WebSocketStream<DuplexStream>) -> (CloseCode, String) {
    loop {
        match frame(client).await {
            Message::Close(Some(frame)) => return (frame.code, frame.reason.to_string()),
            Message::Close(None) => panic!("a Close without a reason"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn carries_both_ways_and_tells_why_it_ends() {
    let mut world = world(4096, Ending::STOPPED).await;
    let client = &mut world.client;
    client
        .send(Message::Text("not part of it".into()))
        .await
        .unwrap();
    client
        .send(Message::Binary(Bytes::from_static(b"root\n")))
        .await
        .unwrap();
    let mut typed = [0; 5];
    world.guest.read_exact(&mut typed).await.unwrap();
    assert_eq!(&typed, b"root\n");
    world.guest.write_all(b"Power down").await.unwrap();
    drop(world.guest);
    assert_eq!(
        frame(client).await,
        Message::Binary(Bytes::from_static(b"Power down"))
    );
    assert_eq!(
        closed(client).await,
        (CloseCode::Normal, "VM stopped".to_owned())
    );
    // Answers the Close.
    assert!(client.next().await.is_none());
    assert_eq!(
        timeout(WAIT, world.task).await.unwrap().unwrap(),
        Some(Ending::STOPPED)
    );
}

#[tokio::test]
async fn what_was_sent_before_the_guest_ended_still_reaches_it() {
    let mut world = world(64 * 1024, Ending::FINISHED).await;
    world.guest.write_all(b"response").await.unwrap();
    world.guest.shutdown().await.unwrap();
    // Sent while the Close is on its way.
    let client = &mut world.client;
    client
        .send(Message::Binary(Bytes::from_static(b"the rest")))
        .await
        .unwrap();
    assert_eq!(closed(client).await.1, "the guest closed the connection");
    assert!(client.next().await.is_none());
    let mut rest = Vec::new();
    timeout(WAIT, world.guest.read_to_end(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest, b"the rest");
}

#[tokio::test]
async fn a_client_that_closes_ends_the_guests_input() {
    let mut world = world(4096, Ending::FINISHED).await;
    world
        .client
        .send(Message::Binary(Bytes::from_static(b"last")))
        .await
        .unwrap();
    world.client.close(None).await.unwrap();
    let mut rest = Vec::new();
    timeout(WAIT, world.guest.read_to_end(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest, b"last");
    assert_eq!(timeout(WAIT, world.task).await.unwrap().unwrap(), None);
}

#[tokio::test]
async fn a_restart_is_told() {
    let mut world = world(4096, Ending::STOPPED).await;
    world.shutdown.cancel();
    assert_eq!(
        closed(&mut world.client).await,
        (CloseCode::Restart, "service restart".to_owned())
    );
}

#[tokio::test]
async fn what_one_end_does_not_read_the_other_may_not_send() {
    let mut world = world(1024, Ending::STOPPED).await;
    let mut sent = 0;
    while let Ok(written) =
        timeout(Duration::from_millis(100), world.guest.write(&[b'x'; 1024])).await
    {
        sent += written.unwrap();
        assert!(sent < 256 * 1024, "the session takes what nobody reads");
    }
    let mut received = 0;
    while received < sent {
        if let Message::Binary(bytes) = frame(&mut world.client).await {
            received += bytes.len();
        }
    }
    assert_eq!(received, sent);
}

#[tokio::test(start_paused = true)]
async fn who_answers_pings_may_be_idle_for_hours() {
    let mut world = world(4096, Ending::STOPPED).await;
    let begun = Instant::now();
    let mut pings = 0;
    while begun.elapsed() < Duration::from_secs(4 * 3600) {
        // Reading answers pings.
        if world.client.next().await.unwrap().unwrap().is_ping() {
            pings += 1;
        }
    }
    assert!(pings > 1000);
    assert!(!world.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_is_gone_within_half_a_minute() {
    let world = world(4096, Ending::STOPPED).await;
    let begun = Instant::now();
    // The client is there, but nobody reads.
    assert_eq!(world.task.await.unwrap(), Some(Ending::SILENT));
    assert!(begun.elapsed() < Duration::from_secs(30));
    drop(world.client);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_looks_at_one_page_for_long_stays() {
    let mut world = world(1024, Ending::STOPPED).await;
    // More than fits: the client is held back on purpose.
    let writing = timeout(
        Duration::from_secs(120),
        world.guest.write_all(&[0; 1 << 20]),
    );
    assert!(writing.await.is_err());
    assert!(!world.task.is_finished());
}
