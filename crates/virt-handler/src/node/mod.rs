//! What virt-handler says about its node: that it is alive, and what the hypervisor there can do.

mod capabilities;
mod heartbeat;
mod ksm;
mod labels;

pub(crate) use heartbeat::{Heartbeat, run as run_heartbeat, withdraw};
