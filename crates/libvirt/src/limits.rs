//! The bounds that keep one peer from taking more than its share.

use std::time::Duration;

/// Threads that one connection may use at a time: one for a slow call such as `start`, one more so that `state` and
/// `destroy` are answered meanwhile.
pub const THREADS_PER_CONNECTION: usize = 2;

/// A connection's thread ends after this long without a call.
pub const THREAD_IDLE: Duration = Duration::from_secs(10);

/// Stack of a connection's thread, in bytes.
pub const THREAD_STACK: usize = 512 * 1024;

/// Calls that may wait for a free thread of their connection.
pub const QUEUED_CALLS: usize = 64;

/// Connections to the same socket whose threads may hang in a call; further opens of that socket are refused.
pub const STUCK_PER_SOCKET: usize = 3;

/// Connections with hanging threads in the whole process; further opens are refused.
pub const STUCK_IN_ALL: usize = 128;

/// Events that wait for one subscriber before they become [`Event::Missed`](crate::Event::Missed).
pub const QUEUED_EVENTS: usize = 64;

/// Subscribers of one connection; one more replaces the oldest.
pub const SUBSCRIBERS: usize = 8;

/// Longest name of a domain in bytes: namespace (63), `_`, name (253), and some room.
pub const NAME_BYTES: usize = 512;

/// Longest error text that is kept, in bytes.
pub const MESSAGE_BYTES: usize = 4096;

/// Longest document (domain XML, metadata) either way in bytes; libvirt's protocol has the same bound for a string.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// Longest answer of a guest agent that is kept, in bytes: the guest writes it.
pub const AGENT_BYTES: usize = 256 * 1024;

/// Seconds that a guest agent gets to wake up (libvirt's exchange before each command).
pub const AGENT_WAKE_SECONDS: i32 = 3;

/// Seconds that a guest agent gets for one command after that.
pub const AGENT_COMMAND_SECONDS: u8 = 5;

/// Largest picture of a guest's screen, in bytes.
pub const SCREENSHOT_BYTES: usize = 16 * 1024 * 1024;

/// Domains that a listing may have; a launcher pod has one.
pub const LISTED_DOMAINS: usize = 64;

/// Seconds between keep-alive messages.
pub const KEEP_ALIVE_SECONDS: i32 = 5;

/// Unanswered keep-alive messages after which the peer counts as dead.
pub const KEEP_ALIVE_COUNT: u32 = 3;
