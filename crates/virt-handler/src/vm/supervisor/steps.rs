//! The steps: what the plan asks for, done.

mod bring_up;
mod report;
mod take_down;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kubevirt_api::names::reason;

use super::{Failure, Supervisor};
use crate::vm::plan::Step;

impl Supervisor {
    /// Takes one step.
    pub(super) async fn act(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Connect => self.connect().await,
            Step::Prepare => self.prepare().await,
            Step::Look => self.look().await,
            Step::Start => self.start().await,
            Step::Report => self.report().await,
            Step::Tell => self.tell().await,
            Step::BeginStop => {
                self.begin_stop();
                Ok(())
            }
            Step::Signal => self.signal().await,
            Step::Destroy => self.destroy().await,
            Step::Finish => self.finish().await,
            Step::Exit => self.exit().await,
            // The loop's own.
            Step::Wait(_) | Step::Forget => Ok(()),
        }
    }
}

/// A failure that the user should know.
fn loud(error: impl ToString) -> Failure {
    Failure {
        reason: reason::SYNC_FAILED,
        message: error.to_string(),
        tell: true,
    }
}

/// A failure that is only logged.
fn quiet(error: impl ToString) -> Failure {
    Failure {
        reason: reason::SYNC_FAILED,
        message: error.to_string(),
        tell: false,
    }
}

/// Now, as objects have it: whole seconds.
fn now() -> Time {
    let now = Timestamp::now();
    Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
}
