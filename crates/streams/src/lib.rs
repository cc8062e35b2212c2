//! Streams of guests (console, display, ports) over WebSockets with the sub-protocol `plain.kubevirt.io`: the stream's bytes go
//! in binary messages, without a channel byte; text is no part of it.
//!
//! [`Handshake`] checks what a client asks with and makes the 101. [`serve`] is one such WebSocket between a [`Source`] and a
//! [`Sink`]; [`duplex`] makes both of a socket. [`relay`] joins two upgraded connections without looking at their bytes.
//! [`Sessions`] counts what is open and ends it at shutdown.
//!
//! What one end does not read, the other may not send: nothing here queues more than the bytes of one read. A connection that
//! is silent holds no buffer but the few KiB that the WebSocket library reads into.

mod ending;
mod handshake;
mod life;
mod pump;
mod relay;
mod scratch;
mod session;
mod sessions;
mod socket;

pub use ending::Ending;
pub use handshake::{Handshake, PROTOCOL};
pub use relay::{Joined, relay};
pub use scratch::read_some;
pub use session::{Sink, Source, serve};
pub use sessions::{Place, Sessions};
pub use socket::{Input, Output, drain, duplex};
pub use tokio_tungstenite::tungstenite::Bytes;
pub use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
