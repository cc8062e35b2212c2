//! Options and answers of subresources. No CustomResourceDefinition holds these (but for a few that a VirtualMachine's
//! status repeats); [`definitions`] tells their schemas.

mod cluster;
mod definitions;
mod graph;
mod guest_agent;
mod guest_list;
mod lifecycle;
mod session;
mod sev;
mod volume;

pub use cluster::*;
pub use definitions::definitions;
pub use graph::*;
pub use guest_agent::*;
pub use guest_list::*;
pub use lifecycle::*;
pub use session::*;
pub use sev::*;
pub use volume::*;
