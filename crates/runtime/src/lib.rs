//! What every daemon shares: logging, the Kubernetes client, certificates and TLS, serving HTTPS, health and metrics,
//! leader election, events and watches of single objects.
//!
//! Nothing here knows about virtual machines, except [`config_watch`], which turns the KubeVirt object into a
//! `ClusterConfig`, and [`instancetypes`], which reads what a VirtualMachine names.

pub mod client;
pub mod config_watch;
pub mod credentials;
pub mod crypto;
pub mod decode;
pub mod events;
pub mod health;
pub mod identity;
pub mod instancetypes;
pub mod leader;
pub mod logging;
pub mod metrics;
pub mod peer;
pub mod serve;
pub mod shutdown;
pub mod tls;
pub mod watching;

pub use tokio_util::sync::CancellationToken;
