use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::lines::read_line;
use super::protocol::{Answer, Line};
use super::{LauncherError, LauncherEvent};
use crate::peer::Peer;

/// For what virt-launcher answers at once.
const QUICK: Duration = Duration::from_secs(5);
/// More unread events than an honest launcher ever sends end the conversation.
const EVENT_ROOM: usize = 64;

/// A connection to the virt-launcher of one pod. Dropping it and its [`LauncherCommands`] closes it.
#[derive(Debug)]
pub struct LauncherConnection {
    commands: LauncherCommands,
    events: mpsc::Receiver<LauncherEvent>,
}

/// What virt-launcher can be told. Clones speak over the same connection, one after the other.
#[derive(Debug, Clone)]
pub struct LauncherCommands {
    peer: Arc<Peer>,
    exchange: Arc<Mutex<Exchange>>,
}

#[derive(Debug)]
struct Exchange {
    writer: OwnedWriteHalf,
    answers: mpsc::Receiver<Answer>,
    reader: AbortHandle,
    /// Set when an answer did not come: what comes later would be taken for another command's.
    broken: bool,
}

impl LauncherConnection {
    pub(super) async fn new(stream: StdUnixStream, peer: Peer) -> Result<Self, LauncherError> {
        let stream = UnixStream::from_std(stream).map_err(|_| LauncherError::Closed)?;
        let (reader, writer) = stream.into_split();
        let (event_sender, events) = mpsc::channel(EVENT_ROOM);
        let (answer_sender, answers) = mpsc::channel(1);
        let reader = tokio::spawn(read_all(reader, event_sender, answer_sender)).abort_handle();
        let exchange = Exchange {
            writer,
            answers,
            reader,
            broken: false,
        };
        let commands = LauncherCommands {
            peer: Arc::new(peer),
            exchange: Arc::new(Mutex::new(exchange)),
        };
        commands.hello().await?;
        Ok(Self { commands, events })
    }

    /// The virt-launcher process.
    #[must_use]
    pub fn peer(&self) -> &Arc<Peer> {
        &self.commands.peer
    }

    /// A clonable handle to send commands with, while this value waits for events.
    #[must_use]
    pub fn commands(&self) -> LauncherCommands {
        self.commands.clone()
    }

    /// The next event; `None` once the connection has ended. Cancel-safe.
    pub async fn next_event(&mut self) -> Option<LauncherEvent> {
        self.events.recv().await
    }
}

impl LauncherCommands {
    /// The virt-launcher process.
    #[must_use]
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// `start`: returns once the ephemeral disks are there and libvirtd accepts connections. May be repeated.
    pub async fn start(&self, limit: Duration) -> Result<(), LauncherError> {
        self.say("start", limit).await.map(drop)
    }

    /// `exit`: virt-launcher stops libvirtd and exits 0.
    pub async fn exit(&self) -> Result<(), LauncherError> {
        self.say("exit", QUICK).await.map(drop)
    }

    /// `handling`: the answer to [`LauncherEvent::Sigterm`]: virt-handler shuts the guest down.
    pub async fn handling(&self) -> Result<(), LauncherError> {
        self.say("handling", QUICK).await.map(drop)
    }

    async fn hello(&self) -> Result<(), LauncherError> {
        let command = "hello 1";
        match self.say(command, QUICK).await?.as_str() {
            "1" => Ok(()),
            other => Err(LauncherError::Protocol {
                command,
                answer: format!("ok {other}"),
            }),
        }
    }

    async fn say(&self, command: &'static str, limit: Duration) -> Result<String, LauncherError> {
        let timed_out = LauncherError::TimedOut {
            command,
            waited: limit,
        };
        let exchange = self.exchange.clone();
        // A task of its own, so that a caller that gives up does not leave a half-sent line or an unread answer behind.
        let task = tokio::spawn(async move {
            let mut exchange = exchange.lock().await;
            if exchange.broken {
                return Err(LauncherError::Closed);
            }
            match timeout(limit, exchange.ask(command)).await {
                Ok(answer) => answer,
                Err(_) => {
                    exchange.broken = true;
                    exchange.reader.abort();
                    Err(timed_out)
                }
            }
        });
        match task.await {
            Ok(answer) => answer,
            Err(_) => Err(LauncherError::Closed),
        }
    }
}

impl Exchange {
    async fn ask(&mut self, command: &'static str) -> Result<String, LauncherError> {
        let line = format!("{command}\n");
        if self.writer.write_all(line.as_bytes()).await.is_err() {
            return Err(LauncherError::Closed);
        }
        match self.answers.recv().await {
            Some(Answer::Ok(value)) => Ok(value),
            Some(Answer::Error { subject, message }) => {
                Err(LauncherError::Failed { subject, message })
            }
            Some(Answer::Other(answer)) => Err(LauncherError::Protocol { command, answer }),
            None => Err(LauncherError::Closed),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read_all(
    reader: OwnedReadHalf,
    events: mpsc::Sender<LauncherEvent>,
    answers: mpsc::Sender<Answer>,
) {
    let mut reader = BufReader::with_capacity(super::lines::LINE_LIMIT, reader);
    loop {
        let line = match read_line(&mut reader).await {
            Ok(Some(line)) => line,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "a launcher's connection is closed");
                return;
            }
        };
        let sent = match Line::parse(&line) {
            Line::Event(event) => events.try_send(event).is_ok(),
            Line::UnknownEvent => true,
            // An answer that nobody asked for finds the one place taken.
            Line::Answer(answer) => answers.try_send(answer).is_ok(),
        };
        if !sent {
            tracing::warn!("a launcher sent more than anybody asked for, its connection is closed");
            return;
        }
    }
}
