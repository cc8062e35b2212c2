use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const WAIT: Duration = Duration::from_secs(10);

struct World {
    client: tokio::io::DuplexStream,
    server: tokio::io::DuplexStream,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<Joined>,
}

fn world() -> World {
    let (client, near) = tokio::io::duplex(1024);
    let (server, far) = tokio::io::duplex(1024);
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    let task = tokio::spawn(async move { relay(near, far, &token).await });
    World {
        client,
        server,
        shutdown,
        task,
    }
}

#[tokio::test]
async fn bytes_go_both_ways() {
    let World {
        client,
        server,
        task,
        ..
    } = world();
    let sent: Vec<u8> = (0..300_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let (mut client_read, mut client_write) = tokio::io::split(client);
    let (mut server_read, mut server_write) = tokio::io::split(server);
    let echo = async {
        tokio::io::copy(&mut server_read, &mut server_write)
            .await
            .unwrap();
        server_write.shutdown().await.unwrap();
    };
    let writing = async {
        client_write.write_all(&sent).await.unwrap();
        client_write.shutdown().await.unwrap();
    };
    let mut received = Vec::new();
    let reading = client_read.read_to_end(&mut received);
    let all = async { tokio::join!(echo, writing, reading) };
    timeout(WAIT, all).await.unwrap().2.unwrap();
    assert!(received == sent);
    assert_eq!(timeout(WAIT, task).await.unwrap().unwrap(), Joined::Client);
}

#[tokio::test]
async fn what_is_not_read_may_not_be_sent() {
    let mut world = world();
    let mut sent = 0;
    let chunk = [0; 1024];
    while let Ok(written) = timeout(Duration::from_millis(100), world.server.write(&chunk)).await {
        sent += written.unwrap();
        assert!(sent < 64 * 1024, "the relay takes what nobody reads");
    }
    let mut received = vec![0; sent];
    timeout(WAIT, world.client.read_exact(&mut received))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn the_client_is_let_go_when_the_server_ends() {
    let mut world = world();
    world.server.write_all(b"bye").await.unwrap();
    drop(world.server);
    let mut rest = Vec::new();
    timeout(WAIT, world.client.read_to_end(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest, b"bye");
    assert_eq!(
        timeout(WAIT, world.task).await.unwrap().unwrap(),
        Joined::Server
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_a_goodbye_is_cut_off() {
    let mut world = world();
    world.client.shutdown().await.unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(world.task.await.unwrap(), Joined::Client);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_nothing_for_long_is_given_up() {
    let mut world = world();
    let begun = tokio::time::Instant::now();
    while timeout(Duration::from_secs(1), world.server.write(&[0; 1024]))
        .await
        .is_ok()
    {}
    assert_eq!(world.task.await.unwrap(), Joined::Stuck);
    assert!(begun.elapsed() >= STALLED);
    assert!(begun.elapsed() < STALLED + 3 * LOOK);
}

#[tokio::test(start_paused = true)]
async fn silence_is_no_reason_and_shutdown_is() {
    let world = world();
    tokio::time::sleep(Duration::from_secs(10 * 3600)).await;
    assert!(!world.task.is_finished());
    world.shutdown.cancel();
    assert_eq!(world.task.await.unwrap(), Joined::Shutdown);
}
