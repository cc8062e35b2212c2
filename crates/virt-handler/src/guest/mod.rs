//! The guest inside of a virtual machine: what its agent is asked and what it says.
//!
//! The agent is a program in the guest, and the guest is whoever owns it: each answer is bounded in size, count and length and
//! freed of control characters ([`answers`], [`words`]), each question has a time-out, and of each guest one question at a time
//! is under way ([`Agent`]), so that an agent that never answers keeps one of its libvirt connection's two threads busy and
//! nothing else.

mod agent;
pub(crate) mod answers;
mod freeze;
mod handle;
pub(crate) mod words;

pub(crate) use agent::{Agent, AgentError, ask, ask_if_able};
pub(crate) use answers::{Facts, GuestInterface, facts};
pub(crate) use freeze::{Thaw, freeze, thaw};
pub(crate) use handle::{Guest, Shared};
