//! The rules, and the order in which they are asked: what lies deepest comes first, so that the first answer is the cause and
//! not one of its consequences.

mod cluster;
mod creation;
mod ended;
mod guest;
mod image;
mod machine;
mod node;
mod pod;
mod running;
mod scheduling;
mod storage;
#[cfg(test)]
mod tests;
mod waiting;

use super::chain;
use super::diagnosis::{Diagnosis, Finding, State};
use super::facts::Facts;

/// A rule looks at the facts and says what it has found, or nothing.
type Rule = fn(&Facts) -> Option<Finding>;

/// All rules in their order.
const RULES: &[Rule] = &[
    cluster::not_installed,
    machine::does_not_exist,
    // A machine that is going away.
    machine::is_deleted,
    // What holds a guest that was there: its node before the guest itself.
    node::lost,
    node::handler_missing,
    ended::evicted,
    running::migrating,
    running::paused,
    // The machine is being stopped.
    machine::is_stopping,
    // What the machine itself says.
    machine::needs_recovery,
    machine::instancetype_missing,
    creation::webhook_down,
    creation::quota,
    creation::pod_security,
    creation::refused,
    // What the instance waits for.
    storage::importer_absent,
    storage::data_volume_failed,
    storage::claim_missing,
    storage::claim_lost,
    storage::data_volume_goes_on,
    scheduling::no_node,
    storage::claim_unbound,
    image::cannot_be_pulled,
    pod::volume_cannot_be_mounted,
    pod::sandbox,
    pod::container_cannot_start,
    guest::cannot_start,
    // How it ended, when it did.
    ended::crash_loop,
    ended::failed,
    ended::shut_down,
    // It is not wanted to run.
    machine::halted,
    machine::not_started,
    // It should move and does not.
    cluster::not_ready,
    waiting::on_its_way,
    running::not_ready,
    running::well,
];

/// The first cause.
pub(crate) fn diagnose(facts: &Facts) -> Diagnosis {
    let finding = RULES
        .iter()
        .find_map(|rule| rule(facts))
        .unwrap_or_else(|| unknown(facts));
    Diagnosis {
        namespace: facts.namespace.clone(),
        name: facts.name.clone(),
        state: finding.state,
        cause: finding.cause,
        summary: finding.summary,
        explanation: finding.explanation,
        remedy: finding.remedy,
        chain: chain::of(facts),
        hidden: facts.hidden.clone(),
    }
}

/// A state that none of the rules knows.
fn unknown(facts: &Facts) -> Finding {
    Finding::new(
        State::Waiting,
        "Unknown",
        "is in a state that this virtctl does not know",
    )
    .remedy("look at what the objects say themselves:")
    .remedy(format!(
        "$ kubectl -n {} describe vm,vmi {}",
        facts.namespace, facts.name
    ))
}
