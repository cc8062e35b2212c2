//! A console session, which may take more than one connection.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::AsyncWrite;

use super::typing::Typing;
use crate::client::Cluster;
use crate::signals::Signals;
use crate::websocket::{self, AfterEnd, Again, Ended, Stream};

/// Where a session goes.
pub(super) struct Session<'a> {
    pub(super) cluster: &'a Cluster,
    /// The VirtualMachineInstance's name.
    pub(super) name: &'a str,
    /// The stream's path.
    pub(super) path: &'a str,
    /// How long to try to connect again after the connection broke.
    pub(super) patience: Duration,
}

impl Session<'_> {
    /// Carries bytes until the user leaves (`None`) or the machine stops (its reason). A connection that breaks while the
    /// machine runs, as when a server restarts, is made again.
    ///
    /// # Errors
    /// When a broken connection cannot be made again, when the output cannot be written, and at a signal to end.
    pub(super) async fn run(
        &self,
        stream: Stream,
        mut typing: Typing,
        mut output: impl AsyncWrite + Unpin,
        signals: &mut Signals,
    ) -> anyhow::Result<Option<String>> {
        let mut stream = stream;
        loop {
            let opened = Instant::now();
            let ended = tokio::select! {
                ended = websocket::relay(&mut stream, &mut typing.bytes, &mut output, AfterEnd::Stay) => {
                    ended.context("cannot write to the standard output")?
                }
                () = typing.leave.notified() => {
                    websocket::close(&mut stream).await;
                    return Ok(None);
                }
                error = signals.received() => {
                    websocket::close(&mut stream).await;
                    return Err(error);
                }
            };
            let closing = match ended {
                Ended::Local => return Ok(None),
                Ended::Remote(closing) => closing,
            };
            if !closing.again(opened.elapsed()) {
                return Ok(Some(closing.reason));
            }
            // The terminal is in raw mode: lines have to begin at the left by themselves.
            eprint!(
                "\r\nThe connection to the console of {} was interrupted: {}. Connecting again, Ctrl+] ends it.\r\n",
                self.name, closing.reason
            );
            let limit = Instant::now() + self.patience;
            let again = tokio::select! {
                again = websocket::again(self.cluster, self.name, self.path, limit) => again?,
                () = typing.leave.notified() => return Ok(None),
                error = signals.received() => return Err(error),
            };
            match again {
                Again::Connected(new) => stream = *new,
                Again::Stopped(reason) => return Ok(Some(reason)),
            }
            eprint!("\r\nConnected to the console of {} again.\r\n", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{SinkExt, StreamExt};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

    use super::super::typing;
    use super::*;
    use crate::websocket::testing::{Peer, Server, Step};

    const PATH: &str = "/console";
    const WAIT: Duration = Duration::from_secs(20);

    /// Greets, and ends with a Close frame or without one as soon as something is typed.
    fn greeting(text: &'static str, end: Option<(CloseCode, &'static str)>) -> Step {
        Step::open(move |mut peer: Peer| async move {
            peer.send(Message::Binary(text.into())).await.unwrap();
            while let Some(Ok(message)) = peer.next().await {
                if message.is_binary() {
                    break;
                }
            }
            if let Some((code, reason)) = end {
                let reason = reason.into();
                peer.close(Some(CloseFrame { code, reason })).await.unwrap();
                while let Some(Ok(_)) = peer.next().await {}
            }
        })
    }

    struct Terminal {
        keys: tokio::io::DuplexStream,
        screen: tokio::io::DuplexStream,
        session: tokio::task::JoinHandle<anyhow::Result<Option<String>>>,
    }

    impl Terminal {
        async fn open(steps: impl IntoIterator<Item = Step>) -> Self {
            let server = Server::start(steps).await;
            let (keys, input) = tokio::io::duplex(1024);
            let (output, screen) = tokio::io::duplex(64 * 1024);
            let session = tokio::spawn(async move {
                let stream = websocket::connect(&server.cluster.client, PATH).await?;
                let session = Session {
                    cluster: &server.cluster,
                    name: "vm1",
                    path: PATH,
                    patience: Duration::from_secs(10),
                };
                let mut signals = Signals::catch()?;
                session
                    .run(stream, typing::start(input, true), output, &mut signals)
                    .await
            });
            Self {
                keys,
                screen,
                session,
            }
        }

        async fn shows(&mut self, text: &str) {
            let mut seen = vec![0; text.len()];
            let read = self.screen.read_exact(&mut seen);
            tokio::time::timeout(WAIT, read).await.unwrap().unwrap();
            assert_eq!(String::from_utf8_lossy(&seen), text);
        }

        async fn ends(self) -> anyhow::Result<Option<String>> {
            tokio::time::timeout(WAIT, self.session)
                .await
                .unwrap()
                .unwrap()
        }
    }

    #[tokio::test]
    async fn a_restart_of_a_server_is_survived() {
        let mut terminal = Terminal::open([
            greeting("one", Some((CloseCode::Restart, ""))),
            greeting("two", None),
            Step::HangUp,
            greeting("three", Some((CloseCode::Normal, "VM was migrated"))),
            greeting("four", Some((CloseCode::Normal, "VM stopped"))),
        ])
        .await;
        for text in ["one", "two", "three", "four"] {
            terminal.shows(text).await;
            terminal.keys.write_all(b"x").await.unwrap();
        }
        assert_eq!(
            terminal.ends().await.unwrap().as_deref(),
            Some("VM stopped")
        );
    }

    #[tokio::test]
    async fn the_escape_ends_a_session_at_once() {
        let mut terminal = Terminal::open([greeting("one", None)]).await;
        terminal.shows("one").await;
        terminal.keys.write_all(b"\x1d").await.unwrap();
        assert_eq!(terminal.ends().await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_escape_works_while_it_connects_again() {
        let mut terminal = Terminal::open([greeting("one", None)]).await;
        terminal.shows("one").await;
        terminal.keys.write_all(b"x").await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        terminal.keys.write_all(b"\x1d").await.unwrap();
        let begun = Instant::now();
        assert_eq!(terminal.ends().await.unwrap(), None);
        assert!(begun.elapsed() < Duration::from_secs(2));
    }

    #[tokio::test]
    async fn a_machine_that_stopped_meanwhile_ends_the_session() {
        let mut terminal = Terminal::open([
            greeting("one", None),
            Step::refuse(404, "no such instance"),
            Step::refuse(404, "no such instance"),
        ])
        .await;
        terminal.shows("one").await;
        terminal.keys.write_all(b"x").await.unwrap();
        let reason = terminal.ends().await.unwrap().unwrap();
        assert!(reason.contains("stopped"), "{reason}");
    }
}
