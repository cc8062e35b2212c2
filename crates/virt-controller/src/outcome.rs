//! How a round ended, and what API errors mean.

use std::time::Duration;

use crate::back_off;
use crate::context::Context;
use crate::failures::Failures;
use crate::key::Key;

/// How a round ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As planned; look again after this time at the latest.
    Settled(Option<Duration>),
    /// More is to be done at once.
    Again,
    /// It worked with something that has changed meanwhile; the news are on their way.
    Stale,
    /// It failed.
    Failed(String),
}

/// Longest wait for news about an object that has changed.
const NEWS: Duration = Duration::from_millis(200);

/// Notes the outcome of a round; returns when the object is to be looked at again.
pub(crate) fn settle(
    context: &Context,
    failures: &Failures,
    key: &Key,
    uid: &str,
    outcome: Outcome,
) -> Option<Duration> {
    match outcome {
        Outcome::Settled(after) => {
            if failures.of(key, uid).rounds > 0 {
                failures.update(key, uid, |memory| memory.rounds = 0);
            }
            after
        }
        Outcome::Again => Some(Duration::ZERO),
        // Doubles like a failure, should the news never come.
        Outcome::Stale => {
            let memory = failures.update(key, uid, |memory| {
                memory.rounds = memory.rounds.saturating_add(1)
            });
            Some(NEWS.max(back_off::delay(memory.rounds)))
        }
        Outcome::Failed(message) => {
            context.figures.failures.inc();
            let memory = failures.update(key, uid, |memory| {
                memory.rounds = memory.rounds.saturating_add(1)
            });
            let after = back_off::delay(memory.rounds);
            tracing::warn!(%key, %message, retry_seconds = after.as_secs_f32(), "round failed");
            Some(after)
        }
    }
}

/// Part of what the API server says when it cannot ask a webhook, with code 500.
const WEBHOOK: &str = "failed calling webhook";

/// The API server's words, or the reason why there are none.
pub(crate) fn describe(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if !status.message.is_empty() => status.message.clone(),
        kube::Error::Api(status) => format!("{} ({})", status.reason, status.code),
        other => {
            // The cause is not in the text of what it caused.
            let causes =
                std::iter::successors(std::error::Error::source(other), |cause| cause.source())
                    .take(8);
            causes.fold(other.to_string(), |text, cause| format!("{text}: {cause}"))
        }
    }
}

/// The object does not exist.
pub(crate) fn is_gone(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// The object has changed.
pub(crate) fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 && status.reason != "AlreadyExists")
}

/// An object of this name exists.
pub(crate) fn is_already_there(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 && status.reason == "AlreadyExists")
}

/// It is not known whether the write was carried out, or it is certain to be carried out when repeated.
pub(crate) fn is_without_answer(error: &kube::Error) -> bool {
    match error {
        // A webhook that cannot be reached is a refusal: the API server asks it before it writes anything.
        kube::Error::Api(status) if status.message.contains(WEBHOOK) => false,
        kube::Error::Api(status) => status.code >= 500 || status.code == 429 || status.code == 0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_that_is_down_refuses_and_a_server_that_is_down_does_not_answer() {
        let api = |code: u16, message: &str| {
            let status = kube::core::Status::failure(message, "InternalError").with_code(code);
            kube::Error::Api(Box::new(status))
        };
        let webhook = "Internal error occurred: failed calling webhook \"a.example\": no endpoints";
        assert!(!is_without_answer(&api(500, webhook)));
        assert!(is_without_answer(&api(
            500,
            "etcdserver: request timed out"
        )));
        assert!(is_without_answer(&api(429, "too many requests")));
        assert!(!is_without_answer(&api(403, "exceeded quota")));
    }
}
