//! The threads that make a connection's blocking calls.
//!
//! They exist only while there is something to do. Everything that comes in is a [`Request`], everything that goes out
//! a [`Response`] or an [`Error`].

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::event::CloseReason;
use crate::message::{DomainReference, Request, Response};
use crate::queue::EventQueue;
use crate::raw::RawConnection;
use crate::raw_domain::RawDomain;
use crate::stuck::{Key, Ticket};
use crate::{Error, limits};

/// One connection's threads, their work, and the connection itself.
pub(crate) struct Worker {
    pub(crate) events: Arc<EventQueue>,
    state: Mutex<WorkerState>,
    wake: Condvar,
    key: Option<Key>,
}

#[derive(Default)]
struct WorkerState {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    connection: Option<Arc<RawConnection>>,
    /// Why no more calls are taken.
    ended: Option<String>,
    /// Counts this connection as hanging from its end until its threads are gone.
    ticket: Option<Ticket>,
}

struct Job {
    request: Request,
    started: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Response, Error>>,
}

/// A call under way.
pub(crate) struct Pending {
    /// Resolves to the answer; fails when the connection ended before the call was made.
    pub(crate) answer: oneshot::Receiver<Result<Response, Error>>,
    started: Arc<AtomicBool>,
}

impl Pending {
    /// True once a thread has begun with it.
    pub(crate) fn started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }
}

impl Worker {
    pub(crate) fn new(key: Option<Key>) -> Arc<Self> {
        Arc::new(Self {
            events: Arc::default(),
            state: Mutex::default(),
            wake: Condvar::new(),
            key,
        })
    }

    fn lock(&self) -> MutexGuard<'_, WorkerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the connection ended, if it did.
    pub(crate) fn ended(&self) -> Option<String> {
        self.lock().ended.clone()
    }

    /// Hands a call to a thread.
    pub(crate) fn submit(self: &Arc<Self>, request: Request) -> Result<Pending, Error> {
        let call = request.call();
        let mut state = self.lock();
        if let Some(message) = &state.ended {
            return Err(Error::Disconnected {
                call,
                message: message.clone(),
            });
        }
        if state.jobs.len() >= limits::QUEUED_CALLS {
            return Err(Error::Overloaded {
                call,
                reason: "too many calls wait on this connection, try again later",
            });
        }
        self.enqueue(&mut state, request)
    }

    /// Takes no more calls, drops those that wait, and closes the connection as soon as the running ones return.
    pub(crate) fn end(self: &Arc<Self>, message: &str, reason: CloseReason) -> Option<Pending> {
        self.events.close(reason);
        let mut state = self.lock();
        if state.ended.is_some() {
            return None;
        }
        state.ended = Some(message.to_owned());
        state.jobs.clear();
        // Closing talks to the peer as well, so the connection counts as hanging until that is done.
        state.ticket = self.key.map(Ticket::new);
        let pending = self.enqueue(&mut state, Request::Close);
        if state.threads == 0 {
            state.ticket = None;
        }
        // A worker that waits for work must look at `ended`.
        self.wake.notify_all();
        pending.ok()
    }

    fn enqueue(
        self: &Arc<Self>,
        state: &mut WorkerState,
        request: Request,
    ) -> Result<Pending, Error> {
        let (sender, answer) = oneshot::channel();
        let started = Arc::new(AtomicBool::new(false));
        state.jobs.push_back(Job {
            request,
            started: Arc::clone(&started),
            answer: sender,
        });
        if state.idle < state.jobs.len() && state.threads < limits::THREADS_PER_CONNECTION {
            let worker = Arc::clone(self);
            let spawned = thread::Builder::new()
                .name("libvirt-call".into())
                .stack_size(limits::THREAD_STACK)
                .spawn(move || worker.run());
            match spawned {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    state.jobs.pop_back();
                    return Err(Error::Resources {
                        what: "a libvirt thread",
                        reason: error.to_string(),
                    });
                }
                Err(_) => {}
            }
        }
        self.wake.notify_one();
        Ok(Pending { answer, started })
    }

    /// A thread's life: work until there has been none for a while.
    fn run(&self) {
        while let Some(job) = self.next() {
            // Nobody waits any more: the caller gave up while the call was in the queue.
            if job.answer.is_closed() && job.request != Request::Close {
                continue;
            }
            job.started.store(true, Ordering::Release);
            let result = self.perform(&job.request);
            let _ = job.answer.send(result);
        }
    }

    /// The next job; `None` ends the thread.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            let mut expired = state.ended.is_some();
            if !expired {
                state.idle += 1;
                let (guard, timeout) = self
                    .wake
                    .wait_timeout(state, limits::THREAD_IDLE)
                    .unwrap_or_else(PoisonError::into_inner);
                state = guard;
                state.idle -= 1;
                expired = timeout.timed_out();
            }
            if expired && state.jobs.is_empty() {
                state.threads -= 1;
                if state.threads == 0 {
                    state.ticket = None;
                }
                return None;
            }
        }
    }

    fn perform(&self, request: &Request) -> Result<Response, Error> {
        match request {
            Request::Open { uri } => {
                let connection = Arc::new(RawConnection::open(uri, &self.events)?);
                let mut state = self.lock();
                if let Some(message) = state.ended.clone() {
                    drop(state);
                    return Err(Error::Disconnected {
                        call: request.call(),
                        message,
                    });
                }
                state.connection = Some(connection);
                Ok(Response::Done)
            }
            Request::Close => {
                let connection = self.lock().connection.take();
                // Closes here, or in the thread whose call still runs.
                drop(connection);
                Ok(Response::Done)
            }
            _ => {
                let connection = self.lock().connection.clone();
                let connection = connection.ok_or_else(|| Error::Disconnected {
                    call: request.call(),
                    message: "the connection is closed".into(),
                })?;
                perform(&connection, request)
            }
        }
    }
}

/// Makes a call on an open connection.
fn perform(connection: &RawConnection, request: &Request) -> Result<Response, Error> {
    let done = |result: Result<(), Error>| result.map(|()| Response::Done);
    let named = |domain: RawDomain<'_>| Response::Domain(domain.reference());
    let find = |domain: &DomainReference| connection.by_uuid(&domain.uuid);
    match request {
        Request::Define { xml, validate } => connection.define(xml, *validate).map(named),
        Request::Create { xml, paused } => connection.create(xml, *paused).map(named),
        Request::LookUp { name } => match connection.by_name(name) {
            Err(error) if error.is_not_found() => Ok(Response::NoDomain),
            other => other.map(named),
        },
        Request::List => connection.list().map(Response::Domains),
        Request::Start { domain, paused } => done(find(domain)?.start(*paused)),
        Request::State(domain) => find(domain)?.state().map(Response::State),
        Request::Shutdown(domain, mode) => done(find(domain)?.shutdown(*mode)),
        Request::Reboot(domain, mode) => done(find(domain)?.reboot(*mode)),
        Request::Reset(domain) => done(find(domain)?.reset()),
        Request::Destroy(domain) => done(find(domain)?.destroy()),
        Request::Undefine(domain) => done(find(domain)?.undefine()),
        Request::Xml { domain, inactive } => find(domain)?.xml(*inactive).map(Response::Text),
        Request::Suspend(domain) => done(find(domain)?.suspend()),
        Request::Resume(domain) => done(find(domain)?.resume()),
        Request::SetMetadata {
            domain,
            prefix,
            namespace,
            xml,
        } => done(find(domain)?.set_metadata(prefix, namespace, xml.as_deref())),
        Request::Metadata { domain, namespace } => {
            find(domain)?.metadata(namespace).map(Response::Text)
        }
        Request::Information(domain) => find(domain)?.information().map(Response::Information),
        Request::MemoryStatistics(domain) => find(domain)?
            .memory_statistics()
            .map(Response::MemoryStatistics),
        Request::AgentCommand {
            domain,
            command,
            seconds,
        } => find(domain)?
            .agent_command(command, *seconds)
            .map(Response::Text),
        Request::AgentResponseTimeout(domain, seconds) => {
            done(find(domain)?.agent_response_timeout(*seconds))
        }
        Request::Screenshot(domain) => find(domain)?.screenshot().map(Response::Screenshot),
        Request::NudgePointer(domain) => done(find(domain)?.nudge_pointer()),
        // The connection's own life is its worker's.
        Request::Open { .. } | Request::Close => Ok(Response::Done),
    }
}
