//! A test per cause. The objects have the shapes, reasons and messages that a cluster was seen to give.

mod blocked;
mod ended;
mod objects;
mod scheduling;
mod standing;
mod storage;

use super::diagnose;
use crate::commands::why::diagnosis::{Diagnosis, State};
use crate::commands::why::facts::Facts;

/// The diagnosis must be of this state and cause, and say these words somewhere.
#[track_caller]
fn expect(mut facts: Facts, state: State, cause: &str, words: &[&str]) -> Diagnosis {
    facts.sort();
    let diagnosis = diagnose(&facts);
    let told = crate::commands::why::text(&diagnosis);
    assert_eq!((diagnosis.state, diagnosis.cause), (state, cause), "{told}");
    let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "{word:?} is not in\n{told}");
    }
    if matches!(
        state,
        State::Blocked | State::Stopped | State::Failed | State::NotFound | State::Paused
    ) {
        assert!(!diagnosis.remedy.is_empty(), "no remedy in\n{told}");
    }
    diagnosis
}
