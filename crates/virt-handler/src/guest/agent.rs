//! Asking a guest's agent: one question at a time, each with its time-out.

use std::sync::Arc;
use std::time::Duration;

use kubevirt_libvirt::{Domain, Error as LibvirtError, limits};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::words;

/// How long a caller waits for others who talk to the agent.
const TURN: Duration = Duration::from_secs(3);
/// How long a caller waits for what it wants to know. virt-api waits 10 s in all.
const WORK: Duration = Duration::from_secs(6);

/// Why the agent did not do what it was asked; the words go to the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    #[error(
        "others are talking to the guest agent, and it has not answered them for {} s; try again later",
        TURN.as_secs()
    )]
    Busy,
    #[error(
        "the guest agent does not answer in time; see whether qemu-guest-agent works in the guest"
    )]
    Late,
    #[error("the guest agent's answer to {command} is no JSON that it should be")]
    Nonsense { command: &'static str },
    #[error(transparent)]
    Libvirt(#[from] LibvirtError),
}

/// Whose turn it is to talk to the agent.
pub(crate) struct Agent {
    turn: Arc<Semaphore>,
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Agent {
    /// The turn, if nobody has it.
    pub(crate) fn turn_now(&self) -> Option<OwnedSemaphorePermit> {
        self.turn.clone().try_acquire_owned().ok()
    }

    /// The turn, once the others are done.
    ///
    /// # Errors
    /// [`AgentError::Busy`] when they are not done in time.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, AgentError> {
        let turn = tokio::time::timeout(TURN, self.turn.clone().acquire_owned()).await;
        // The semaphore is never closed.
        turn.ok().and_then(Result::ok).ok_or(AgentError::Busy)
    }

    /// Does `work`, which talks to the agent, as the only one. Whoever gives up waiting leaves the work behind: it keeps the
    /// turn until libvirt has answered, and its result is dropped.
    ///
    /// # Errors
    /// What the work says, [`AgentError::Busy`], or [`AgentError::Late`].
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, AgentError>> + Send + 'static,
    ) -> Result<T, AgentError> {
        let turn = self.turn().await?;
        let work = tokio::spawn(async move {
            let done = work.await;
            drop(turn);
            done
        });
        match tokio::time::timeout(WORK, work).await {
            Ok(Ok(done)) => done,
            // The work panicked or the runtime ends, or it takes too long.
            Ok(Err(_)) | Err(_) => Err(AgentError::Late),
        }
    }
}

/// Asks the agent one thing; what comes back is its answer's `return`.
///
/// # Errors
/// What libvirt says, or [`AgentError::Nonsense`].
pub(crate) async fn ask(domain: &Domain, command: &'static str) -> Result<Value, AgentError> {
    let question = json!({ "execute": command }).to_string();
    let answer = domain
        .agent_command(question, limits::AGENT_COMMAND_SECONDS)
        .await?;
    parse(&answer).ok_or(AgentError::Nonsense { command })
}

/// Asks the agent something that it may not be able to tell: None when it says so.
///
/// # Errors
/// As [`ask`], but for the agent's refusal.
pub(crate) async fn ask_if_able(
    domain: &Domain,
    command: &'static str,
) -> Result<Option<Value>, AgentError> {
    match ask(domain, command).await {
        Ok(answer) => Ok(Some(answer)),
        Err(AgentError::Libvirt(LibvirtError::AgentRefused(detail))) => {
            tracing::debug!(command, refusal = words::message(&detail), "guest agent");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn parse(answer: &str) -> Option<Value> {
    let mut answer: Value = serde_json::from_str(answer).ok()?;
    answer.get_mut("return").map(Value::take)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_return() {
        assert_eq!(
            parse(r#"{"return":"thawed","id":1}"#),
            Some(json!("thawed"))
        );
        assert_eq!(parse("{}"), None);
        assert_eq!(parse("nonsense"), None);
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told_and_the_work_keeps_the_turn() {
        let agent = Agent::default();
        let slow = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        };
        assert!(matches!(agent.alone(slow).await, Err(AgentError::Late)));
        assert!(matches!(
            agent.alone(async { Ok(()) }).await,
            Err(AgentError::Busy)
        ));
        assert!(agent.turn_now().is_none());
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(matches!(agent.alone(async { Ok(5) }).await, Ok(5)));
    }
}
