//! One connection to a port of a pod.

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use kube::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::connect;
use crate::objects;

/// Port forwarding knows this version only.
const PROTOCOL: &str = "v4.channel.k8s.io";
const DATA: u8 = 0;
const ERROR: u8 = 1;
/// The first message of each channel is the port's number.
const PORT: usize = 2;
const BUFFER: usize = 32 << 10;

/// The path of a port.
pub(crate) fn port_forward_path(namespace: &str, pod: &str, port: u16) -> anyhow::Result<String> {
    let pod = objects::path("/api/v1", namespace, "pods", Some(pod))?;
    Ok(format!("{pod}/portforward?ports={port}"))
}

/// Carries one connection until one side ends it.
pub(crate) async fn forward(
    client: &Client,
    path: &str,
    connection: TcpStream,
) -> anyhow::Result<()> {
    let stream = connect(client, path, PROTOCOL).await?;
    let (mut sink, mut source) = stream.split();
    let (mut from, mut to) = connection.into_split();
    let mut begun = [false; 2];
    let mut buffer = vec![0_u8; BUFFER];
    loop {
        tokio::select! {
            read = from.read(&mut buffer) => match read {
                Ok(0) | Err(_) => {
                    // The local side has what it wanted.
                    let _ = sink.close().await;
                    return Ok(());
                }
                Ok(count) => {
                    let mut message = Vec::with_capacity(count + 1);
                    message.push(DATA);
                    message.extend_from_slice(buffer.get(..count).unwrap_or_default());
                    sink.send(Message::Binary(message.into())).await.context("cannot send")?;
                }
            },
            received = source.next() => {
                let bytes = match received {
                    Some(Ok(Message::Binary(bytes))) => bytes,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error).context("cannot receive"),
                };
                let Some((channel, mut data)) = bytes.split_first() else { continue };
                if let Some(begun) = begun.get_mut(usize::from(*channel)) && !*begun {
                    *begun = true;
                    data = data.get(PORT..).unwrap_or_default();
                }
                if data.is_empty() {
                    continue;
                }
                match *channel {
                    DATA => match to.write_all(data).await {
                        Ok(()) => {}
                        Err(_) => return Ok(()),
                    },
                    ERROR => bail!("{}", String::from_utf8_lossy(data).trim()),
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::testing::{Peer, Server, Step};
    use tokio::net::TcpListener;

    async fn answers(mut peer: Peer) {
        for channel in [DATA, ERROR] {
            let port = Message::Binary(vec![channel, 0xfb, 0x20].into());
            peer.send(port).await.unwrap();
        }
        let asked = peer.next().await.unwrap().unwrap().into_data();
        assert_eq!(asked.as_ref(), b"\0question");
        let answer = Message::Binary(b"\0answer".to_vec().into());
        peer.send(answer).await.unwrap();
        while let Some(Ok(_)) = peer.next().await {}
    }

    async fn refuses(mut peer: Peer) {
        for message in [&b"\x01\xfb\x20"[..], b"\x01connection refused"] {
            peer.send(Message::Binary(message.to_vec().into()))
                .await
                .unwrap();
        }
        while let Some(Ok(_)) = peer.next().await {}
    }

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let user = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        (user, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn bytes_go_both_ways_without_channel_and_port() {
        let server = Server::start([Step::open(answers), Step::open(refuses)]).await;
        let path = port_forward_path("ns", "pod", 8443).unwrap();
        let (mut user, connection) = pair().await;
        let (client, there) = (server.cluster.client.clone(), path.clone());
        let task = tokio::spawn(async move { forward(&client, &there, connection).await });
        user.write_all(b"question").await.unwrap();
        let mut answer = [0; 6];
        user.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
        drop(user);
        task.await.unwrap().unwrap();

        let (_user, connection) = pair().await;
        let error = forward(&server.cluster.client, &path, connection).await;
        assert_eq!(error.unwrap_err().to_string(), "connection refused");
        assert_eq!(server.asked(), [path.clone(), path]);
    }
}
