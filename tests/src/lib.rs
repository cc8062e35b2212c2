//! What the tests of a running cluster share. They know KubeVirt only from outside: kubectl, virtctl, HTTP.
//!
//! Each test makes a [`Namespace`] of its own, which is deleted when the test ends. Every wait has a limit and tells, when it
//! fails, what the objects looked like.

pub mod api;
pub mod audit;
pub mod console;
pub mod guest;
pub mod http;
pub mod kinds;
pub mod kubectl;
pub mod namespace;
pub mod upstream;
pub mod wait;

pub use console::Console;
pub use guest::Guest;
pub use kinds::{Good, KINDS, Kind};
pub use namespace::Namespace;
pub use wait::{until, within};

/// The checkout that the tests belong to.
pub fn checkout() -> std::path::PathBuf {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}
