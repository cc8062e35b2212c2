//! Tests that take parts of the cluster away, one after the other: they would disturb the tests of `cluster`.

mod configuration;
mod defaults;
mod failover;
mod fallback;
mod guest_agent;
mod recovery;
mod streams;
mod subresource_gates;
