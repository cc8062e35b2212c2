//! For tests: objects made up from a kind's schema, from ordinary ones to structured garbage, each from a seed.
//!
//! * [`Manifests`] makes objects: [`Manifests::valid`] what the schema allows, [`Manifests::garbage`] what it does not,
//!   [`Manifests::swollen`] long lists whose items refer to each other.
//! * [`differences`] says where two objects do not mean the same.
//! * [`Cases`] runs a check with many seeds and names the seed of one that fails; more cases and single ones by
//!   environment variables.
//! * [`processor_time`] measures what a call costs, whatever else the machine does.

mod cases;
mod garbage;
mod manifests;
mod processor_time;
mod same;
mod swell;
mod value;
mod words;

pub use cases::Cases;
pub use manifests::Manifests;
pub use processor_time::processor_time;
pub use same::differences;
