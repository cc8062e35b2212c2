//! A connection to one libvirt daemon.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::event::{CloseReason, Event};
use crate::message::{Request, Response};
use crate::worker::Worker;
use crate::{Domain, Error, stuck, uri};

/// A connection. Clones share it; it closes with the last one and its last [`Domain`].
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Arc<Worker>,
}

impl Connection {
    /// Connects to a session daemon by its socket, an absolute path.
    ///
    /// # Errors
    /// [`Error::Disconnected`] when nothing listens there, [`Error::Timeout`] when the daemon does not answer,
    /// [`Error::Overloaded`] when earlier connections to it still hang.
    pub async fn open(socket: &Path, limit: Duration) -> Result<Self, Error> {
        let uri = uri::session(socket)?;
        Self::open_keyed(uri, stuck::key(socket), limit).await
    }

    /// Connects to any of libvirt's drivers.
    #[cfg(test)]
    pub(crate) async fn open_uri(uri: &str, limit: Duration) -> Result<Self, Error> {
        Self::open_keyed(uri.to_owned(), None, limit).await
    }

    async fn open_keyed(
        uri: String,
        key: Option<stuck::Key>,
        limit: Duration,
    ) -> Result<Self, Error> {
        stuck::admit(key)?;
        let connection = Self {
            inner: Arc::new(Inner {
                worker: Worker::new(key),
            }),
        };
        connection.call_within(Request::Open { uri }, limit).await?;
        Ok(connection)
    }

    /// The connection's events from now on. Subscribe first and look at the domains' state afterwards, then nothing is
    /// missed. At most eight subscribers; one more ends the oldest one's channel.
    pub fn events(&self) -> Receiver<Event> {
        self.inner.worker.events.subscribe()
    }

    /// Why the connection ended, or `None` while it lives.
    pub fn closed(&self) -> Option<CloseReason> {
        self.inner.worker.events.closed()
    }

    /// Stores a domain's configuration, or replaces that of the same name and UUID. Does not start it.
    ///
    /// libvirt ignores elements that it does not know; see [`Connection::define_validated`].
    ///
    /// # Errors
    /// [`Error::InvalidXml`], [`Error::ConfigUnsupported`], [`Error::Exists`] or [`Error::Internal`] (it depends on the
    /// daemon's version) for another domain of that name.
    pub async fn define(&self, xml: String) -> Result<Domain, Error> {
        self.domain(Request::Define {
            xml,
            validate: false,
        })
        .await
    }

    /// As [`Connection::define`], but first checks the XML against libvirt's schema, so that an unknown element is an
    /// error. For tests: the daemon needs its schema files, which launcher images lack, and reads them each time.
    ///
    /// # Errors
    /// As [`Connection::define`].
    pub async fn define_validated(&self, xml: String) -> Result<Domain, Error> {
        self.domain(Request::Define {
            xml,
            validate: true,
        })
        .await
    }

    /// Starts a domain whose configuration is not stored: it is gone when it stops.
    ///
    /// # Errors
    /// As [`Connection::define`] and [`Domain::start`].
    pub async fn create_xml(&self, xml: String, paused: bool) -> Result<Domain, Error> {
        self.domain(Request::Create { xml, paused }).await
    }

    /// Finds a domain, running or not.
    ///
    /// # Errors
    /// Only what any call can have; a missing domain is `None`.
    pub async fn domain_by_name(&self, name: &str) -> Result<Option<Domain>, Error> {
        match self
            .call(Request::LookUp {
                name: name.to_owned(),
            })
            .await?
        {
            Response::NoDomain => Ok(None),
            Response::Domain(reference) => Ok(Some(Domain::new(self.clone(), reference))),
            _ => Err(unexpected("look-up")),
        }
    }

    /// All domains, running or not; at most [`crate::limits::LISTED_DOMAINS`].
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn domains(&self) -> Result<Vec<Domain>, Error> {
        match self.call(Request::List).await? {
            Response::Domains(list) => Ok(list
                .into_iter()
                .map(|reference| Domain::new(self.clone(), reference))
                .collect()),
            _ => Err(unexpected("list")),
        }
    }

    /// Ends the connection for all its clones, and waits (bounded) until that is done.
    pub async fn close(self) {
        if let Some(pending) = self
            .inner
            .worker
            .end("the connection was closed", CloseReason::Client)
        {
            let _ = timeout(Request::Close.time_limit(), pending.answer).await;
        }
    }

    async fn domain(&self, request: Request) -> Result<Domain, Error> {
        let call = request.call();
        match self.call(request).await? {
            Response::Domain(reference) => Ok(Domain::new(self.clone(), reference)),
            _ => Err(unexpected(call)),
        }
    }

    /// Makes a call within its usual time.
    pub(crate) async fn call(&self, request: Request) -> Result<Response, Error> {
        let limit = request.time_limit();
        self.call_within(request, limit).await
    }

    /// Makes a call. If it does not return in time the connection is given up: its thread may hang for good.
    async fn call_within(&self, request: Request, limit: Duration) -> Result<Response, Error> {
        let call = request.call();
        let worker = &self.inner.worker;
        let mut pending = worker.submit(request)?;
        match timeout(limit, &mut pending.answer).await {
            Ok(Ok(result)) => {
                if let Err(Error::Disconnected { message, .. }) = &result {
                    worker.end(message, CloseReason::Error);
                }
                result
            }
            Ok(Err(_dropped)) => {
                let message = worker
                    .ended()
                    .unwrap_or_else(|| "the call was dropped".into());
                Err(Error::Disconnected { call, message })
            }
            Err(_elapsed) if pending.started() => {
                worker.end(
                    &format!("{call} did not return in time"),
                    CloseReason::Timeout,
                );
                Err(Error::Timeout { call, limit })
            }
            Err(_elapsed) => Err(Error::Overloaded {
                call,
                reason: "earlier calls on this connection have not returned yet",
            }),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker
            .end("the connection was closed", CloseReason::Client);
    }
}

/// An answer that does not belong to its question. Between threads it cannot happen; a worker process could do it.
pub(crate) fn unexpected(call: &'static str) -> Error {
    Error::Disconnected {
        call,
        message: "the answer does not fit the call".into(),
    }
}

#[cfg(test)]
mod tests;
