//! Operations on running guests that virt-api passes on: stopping and continuing the processors, resets, freezing file systems,
//! questions to the guest agent, pictures of the screen.
//!
//! They act on the guest's domain, whose events its supervisor hears and brings into the instance's status; an operation changes
//! nothing of the supervisor's. Of one guest the operations on the processors come one after the other, and so do the questions
//! to its agent. Each answers within virt-api's 10 s, whatever the guest does. Who asks was checked by mutual TLS.

mod agent;
mod power;
mod refusal;
mod routes;
mod screen;

pub(crate) use refusal::Refusal;
pub(crate) use routes::{Operations, router};
