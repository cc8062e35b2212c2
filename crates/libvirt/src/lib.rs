//! Safe asynchronous libvirt client, and the only crate with `unsafe` code.
//!
//! libvirt's C library is the client, loaded when the first connection is opened. Its calls block, so each [`Connection`]
//! hands them to threads of its own (at most two, which end when idle) and awaits the answer with a time-out. What crosses
//! that border is plain data, a [`message::Request`] one way and a [`message::Response`] or [`Error`] back, with no pointer
//! in either: the side that loads the C library can therefore move into an unprivileged worker process without a change
//! for callers.
//!
//! The peer may be hostile (it lives in a user's pod). Hence:
//!
//! * every call has a time-out; one that does not return poisons its connection alone ([`Error::Timeout`], and
//!   [`Error::Disconnected`] from then on), and [`limits`] bound how many threads can hang that way;
//! * events wait in a bounded queue, what does not fit becomes one [`Event::Missed`];
//! * each string that comes back has a maximum length.
//!
//! A dead peer is noticed at once when its socket closes and within 20 s otherwise (keep-alive), and is reported as
//! [`Event::Closed`].
#![allow(unsafe_code)]

mod connection;
mod decode;
mod domain;
mod error;
mod event;
mod event_loop;
mod guest;
mod library;
pub mod limits;
pub mod message;
mod queue;
mod raw;
mod raw_domain;
mod raw_guest;
mod raw_stream;
mod state;
mod stuck;
mod text;
mod uri;
mod worker;

pub use connection::Connection;
pub use domain::Domain;
pub use error::{Detail, Error};
pub use event::{CloseReason, Event, LifecycleDetail, LifecycleKind};
pub use message::{DomainInformation, MemoryStatistics, RebootMode, Screenshot, ShutdownMode};
pub use state::{DomainState, Reason, State};
