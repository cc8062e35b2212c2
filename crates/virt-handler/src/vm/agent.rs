//! What the status is to say of a guest's agent, and when. Pure but for the clock's argument.
//!
//! The guest decides when its agent comes and goes and what it says, and each change could be a write to the API. So a change
//! is told at once, the next one after a pause, and the pauses grow while changes go on.

use std::time::{Duration, Instant};

use crate::guest::Facts;

/// The pauses between two changes that are told.
const QUIET: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(120));
/// After this time without a change the pauses begin anew.
const CALM: Duration = Duration::from_secs(600);
/// The pauses between two questions to an agent that listens.
const POLL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(120));
/// The least time between two questions, however often the agent comes and goes.
const LEAST_POLL: Duration = Duration::from_secs(5);

/// What is to be said of the agent.
#[allow(
    clippy::large_enum_variant,
    reason = "there are two for each guest, and Connected is what they are most of the time"
)]
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum View {
    /// Nothing: what is said already stays.
    #[default]
    Unknown,
    /// None listens.
    Absent,
    /// It listens, and says this; nothing when it did not answer.
    Connected(Option<Facts>),
}

/// Follows one guest's agent.
#[derive(Debug, Default)]
pub(super) struct AgentWatch {
    listens: Option<bool>,
    latest: View,
    shown: View,
    /// When the last change was told, and the pause after it.
    told: Option<(Instant, Duration)>,
    /// When the agent is asked next, and the pause after that.
    poll: Option<(Instant, Duration)>,
    asked: Option<Instant>,
}

impl AgentWatch {
    /// Whether the agent listens, as far as is known.
    pub(super) fn listens(&self) -> bool {
        self.listens == Some(true)
    }

    /// What the status is to say.
    pub(super) fn shown(&self) -> &View {
        &self.shown
    }

    /// libvirt said whether the agent listens.
    pub(super) fn heard(&mut self, listens: bool, now: Instant) {
        if self.listens.replace(listens) == Some(listens) {
            return;
        }
        if listens {
            // What it says is told in the same write.
            let earliest = self.asked.map_or(now, |asked| asked + LEAST_POLL);
            self.poll = Some((earliest.max(now), POLL.0));
        } else {
            self.poll = None;
            self.latest = View::Absent;
        }
    }

    /// Nothing is known any more: the connection to libvirt is another one.
    pub(super) fn forget(&mut self) {
        self.listens = None;
        self.poll = None;
    }

    /// Whether the agent is to be asked now. Whoever is told so asks, or calls [`AgentWatch::busy`].
    pub(super) fn ask_now(&mut self, now: Instant) -> bool {
        let Some((_, pause)) = self.poll.filter(|(at, _)| *at <= now) else {
            return false;
        };
        self.asked = Some(now);
        self.poll = Some((now + pause, (pause * 2).min(POLL.1)));
        true
    }

    /// Others talk to the agent: it is asked a little later.
    pub(super) fn busy(&mut self, now: Instant) {
        if let Some((at, _)) = &mut self.poll {
            *at = now + LEAST_POLL;
        }
    }

    /// What the agent said; None when it did not answer.
    pub(super) fn answered(&mut self, facts: Option<Facts>) {
        if !self.listens() {
            return;
        }
        match (&self.latest, facts) {
            // What it said before still stands.
            (View::Connected(_), None) => {}
            (_, facts) => self.latest = View::Connected(facts),
        }
    }

    /// Takes the latest for what is to be said, unless it is too early; true when that changes anything.
    pub(super) fn show(&mut self, now: Instant) -> bool {
        if self.latest == self.shown || self.earliest().is_some_and(|at| now < at) {
            return false;
        }
        // Where nothing was said and there is nothing to say, nothing changes.
        if (&self.shown, &self.latest) != (&View::Unknown, &View::Absent) {
            let pause = match self.told {
                Some((at, pause)) if now.duration_since(at) < CALM => (pause * 2).min(QUIET.1),
                _ => QUIET.0,
            };
            self.told = Some((now, pause));
        }
        self.shown = self.latest.clone();
        true
    }

    /// When there is something to do next.
    pub(super) fn due(&self) -> Option<Instant> {
        let poll = self.poll.map(|(at, _)| at);
        let show = (self.latest != self.shown)
            .then(|| self.earliest())
            .flatten();
        match (poll, show) {
            (Some(poll), Some(show)) => Some(poll.min(show)),
            (poll, show) => poll.or(show),
        }
    }

    /// Before this time no change is told.
    fn earliest(&self) -> Option<Instant> {
        self.told.map(|(at, pause)| at + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn facts(name: &str) -> Option<Facts> {
        let mut facts = Facts::default();
        facts.os.name = Some(name.to_owned());
        Some(facts)
    }

    #[test]
    fn an_agent_is_told_once_with_what_it_says() {
        let (mut watch, now) = (AgentWatch::default(), Instant::now());
        watch.heard(false, now);
        assert!(watch.show(now));
        assert_eq!((watch.shown(), watch.due()), (&View::Absent, None));
        watch.heard(true, now);
        assert_eq!(watch.due(), Some(now));
        assert!(!watch.show(now));
        assert!(watch.ask_now(now));
        assert!(!watch.ask_now(now));
        watch.answered(facts("a"));
        assert!(watch.show(now));
        assert_eq!(watch.shown(), &View::Connected(facts("a")));
        assert_eq!(watch.due(), Some(now + 10 * SECOND));
        // Asked again, less and less often; the same answer, or none, changes nothing.
        let mut at = now;
        for pause in [10, 20, 40, 80, 120, 120] {
            at += pause * SECOND;
            assert!(watch.ask_now(at));
            watch.answered((pause != 40).then(|| facts("a")).flatten());
            assert!(!watch.show(at));
        }
    }

    #[test]
    fn nothing_is_taken_back_before_a_restarted_handler_knows_better() {
        let (mut watch, now) = (AgentWatch::default(), Instant::now());
        assert!(!watch.show(now));
        watch.heard(true, now);
        assert!(!watch.show(now));
        assert_eq!(watch.shown(), &View::Unknown);
        assert!(watch.ask_now(now));
        watch.answered(None);
        assert!(watch.show(now));
        assert_eq!(watch.shown(), &View::Connected(None));
    }

    #[test]
    fn an_agent_that_comes_and_goes_all_the_time_costs_few_writes() {
        let (mut watch, begin) = (AgentWatch::default(), Instant::now());
        let (mut asked, mut told) = (0, 0);
        let mut first_minute = 0;
        for tenth in 0..36_000_u32 {
            let now = begin + tenth * SECOND / 10;
            watch.heard(tenth % 2 == 0, now);
            if watch.ask_now(now) {
                asked += 1;
                watch.answered(facts(&tenth.to_string()));
            }
            told += usize::from(watch.show(now));
            if tenth == 600 {
                first_minute = told;
            }
        }
        assert!((2..=5).contains(&first_minute), "{first_minute}");
        assert!((20..=40).contains(&told), "{told} in an hour");
        assert!(asked <= 720, "{asked} in an hour");
        // It has calmed down: the next change is told at once.
        let later = begin + 3600 * SECOND + CALM + QUIET.1;
        watch.heard(false, later);
        watch.show(later);
        watch.heard(true, later + CALM);
        assert!(watch.ask_now(later + CALM));
        watch.answered(facts("calm"));
        assert!(watch.show(later + CALM));
    }
}
