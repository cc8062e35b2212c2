//! A local port that leads to the display.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::client::Cluster;
use crate::websocket::{self, AfterEnd, Again, Closing, Ended, Stream};

/// How long a viewer that connects while a server restarts has to wait at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most viewers at once; more wait to be accepted.
const VIEWERS: usize = 32;
/// What the display may say before a viewer is there, in messages: a server greets and waits.
const GREETINGS: usize = 16;
/// The pause after a failed accept: the process may have too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What happened.
#[derive(Debug)]
pub(super) enum Event {
    /// A viewer has connected.
    Connected,
    /// A viewer has closed its connection.
    Left,
    /// A viewer's stream broke, but the machine may still run.
    Interrupted(String),
    /// The machine has stopped.
    Stopped(String),
    /// A viewer's stream could not be opened.
    Refused(anyhow::Error),
}

/// The display of a machine.
struct Display {
    cluster: Cluster,
    name: String,
    path: String,
}

/// An open port, and the viewers that are connected to it.
pub(super) struct Proxy {
    listener: TcpListener,
    display: Arc<Display>,
    /// A stream for the next viewer.
    ready: Option<Ready>,
    viewers: JoinSet<Event>,
}

impl Proxy {
    /// Connects to the display, and then listens, so that what is wrong is found before a viewer comes.
    ///
    /// # Errors
    /// What the server says, and when the port is taken.
    pub(super) async fn open(
        cluster: Cluster,
        name: &str,
        path: &str,
        address: &str,
        port: u16,
    ) -> anyhow::Result<Self> {
        let stream = websocket::connect(&cluster.client, path).await?;
        let listener = TcpListener::bind((address, port))
            .await
            .with_context(|| format!("cannot listen on port {port} of {address}"))?;
        Ok(Self {
            listener,
            display: Arc::new(Display {
                cluster,
                name: name.to_owned(),
                path: path.to_owned(),
            }),
            ready: Some(Ready::new(stream)),
            viewers: JoinSet::new(),
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.listener
            .local_addr()
            .map_or(0, |address| address.port())
    }

    /// How many viewers are connected.
    pub(super) fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// Waits for the next event. May be cancelled without loss.
    ///
    /// # Errors
    /// When a viewer's task fails.
    pub(super) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if self.viewers.len() < VIEWERS => match accepted {
                    Ok((local, _)) => {
                        let (display, ready) = (Arc::clone(&self.display), self.ready.take());
                        self.viewers.spawn(async move { display.serve(local, ready).await });
                        return Ok(Event::Connected);
                    }
                    Err(error) => {
                        eprintln!("cannot accept a viewer: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(event) = self.viewers.join_next() => return event.context("a viewer's task failed"),
                closing = ended(&mut self.ready), if self.ready.is_some() => {
                    self.ready = None;
                    if !closing.again(Duration::MAX) {
                        return Ok(Event::Stopped(closing.reason));
                    }
                    // The next viewer gets a new stream.
                }
            }
        }
    }

    /// Waits until the display can be opened again, and keeps the stream for the next viewer; the reason if the machine has
    /// stopped.
    ///
    /// # Errors
    /// When it cannot be opened again until `limit`.
    pub(super) async fn reopen(&mut self, limit: Instant) -> anyhow::Result<Option<String>> {
        match self.display.again(limit).await? {
            Again::Connected(stream) => self.ready = Some(Ready::new(*stream)),
            Again::Stopped(reason) => return Ok(Some(reason)),
        }
        Ok(None)
    }
}

impl Display {
    async fn again(&self, limit: Instant) -> anyhow::Result<Again> {
        websocket::again(&self.cluster, &self.name, &self.path, limit).await
    }

    /// Serves one viewer to its end.
    async fn serve(&self, mut local: TcpStream, ready: Option<Ready>) -> Event {
        // Each move of the mouse is a small message that must not wait for more.
        let _ = local.set_nodelay(true);
        let mut ready = match ready {
            Some(ready) => ready,
            None => match self.again(Instant::now() + PATIENCE).await {
                Ok(Again::Connected(stream)) => Ready::new(*stream),
                Ok(Again::Stopped(reason)) => return Event::Stopped(reason),
                Err(error) => return Event::Refused(error),
            },
        };
        let opened = Instant::now();
        let (mut from, mut to) = local.split();
        for greeting in ready.greetings {
            if to.write_all(&greeting).await.is_err() {
                websocket::close(&mut ready.stream).await;
                return Event::Left;
            }
        }
        let after = AfterEnd::Close;
        match websocket::relay(&mut ready.stream, &mut from, &mut to, after).await {
            Ok(Ended::Remote(closing)) if closing.again(opened.elapsed()) => {
                Event::Interrupted(closing.reason)
            }
            Ok(Ended::Remote(closing)) => Event::Stopped(closing.reason),
            // A viewer that resets its connection has left, too.
            Ok(Ended::Local) | Err(_) => Event::Left,
        }
    }
}

/// An open stream that waits for a viewer.
struct Ready {
    stream: Stream,
    /// What the display has said meanwhile.
    greetings: Vec<Bytes>,
}

impl Ready {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            greetings: Vec::new(),
        }
    }
}

/// Keeps a waiting stream alive until it ends. May be cancelled without loss.
async fn ended(ready: &mut Option<Ready>) -> Closing {
    let Some(ready) = ready else {
        return std::future::pending().await;
    };
    while ready.greetings.len() < GREETINGS {
        match ready.stream.next().await {
            Some(Ok(Message::Binary(bytes))) => ready.greetings.push(bytes),
            Some(Ok(Message::Close(frame))) => return Closing::told(frame),
            // The library answers pings by itself; text is no part of the protocol.
            Some(Ok(_)) => {}
            Some(Err(error)) => return Closing::broken(error.to_string()),
            None => return Closing::broken("the server hung up without a word"),
        }
    }
    // A display that goes on talking unasked has to wait.
    std::future::pending().await
}
