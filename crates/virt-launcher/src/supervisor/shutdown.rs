use std::time::{Duration, Instant};

use super::Action;

/// How long virt-handler has to answer `handling`.
const HANDLER_WAIT: Duration = Duration::from_secs(2);
/// How often the guest is asked, and destroyed.
const PERIOD: Duration = Duration::from_secs(5);
/// How much longer than the grace period virt-handler may take before its guest is ended.
const HANDLER_EXTRA: Duration = Duration::from_secs(15);
/// After that much of destroying in vain, QEMU is killed.
const DESTROY_WAIT: Duration = Duration::from_secs(10);

/// The guest's shutdown after SIGTERM.
#[derive(Debug)]
pub(super) struct Shutdown {
    /// The grace period's end.
    destroy_at: Instant,
    by: By,
    next: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Virt-handler was told and has not answered.
    Offered {
        until: Instant,
    },
    Handler,
    /// We do it ourselves. A virt-handler that comes may take it over.
    Ourselves,
}

impl Shutdown {
    pub(super) fn new(now: Instant, grace_period: Duration, connected: bool) -> Self {
        let by = if connected {
            By::Offered {
                until: now + HANDLER_WAIT,
            }
        } else {
            By::Ourselves
        };
        Self {
            destroy_at: now + grace_period,
            by,
            next: now,
        }
    }

    pub(super) fn offer(&mut self, now: Instant) {
        if self.by != By::Ourselves {
            self.by = By::Offered {
                until: now + HANDLER_WAIT,
            };
        }
    }

    pub(super) fn taken_over(&mut self) {
        self.by = By::Handler;
    }

    /// Whether a pod without a guest waits for virt-handler's `exit`.
    pub(super) fn awaits_handler(&mut self, now: Instant, connected: bool) -> bool {
        self.settle(now, connected);
        self.by != By::Ourselves
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        Some(match self.by {
            By::Offered { until } => until,
            By::Handler => self.destroy_at + HANDLER_EXTRA,
            By::Ourselves => self.next,
        })
    }

    /// What is due while the guest runs.
    pub(super) fn advance(&mut self, now: Instant, connected: bool, actions: &mut Vec<Action>) {
        self.settle(now, connected);
        if self.by != By::Ourselves || now < self.next {
            return;
        }
        if now < self.destroy_at {
            actions.push(Action::AskGuest);
            self.next = (now + PERIOD).min(self.destroy_at);
        } else if now < self.destroy_at + DESTROY_WAIT {
            actions.push(Action::DestroyGuest);
            self.next = now + PERIOD;
        } else {
            actions.push(Action::StopGuest { kill: true });
            self.next = now + PERIOD;
        }
    }

    /// Takes over from a virt-handler that is gone or silent.
    fn settle(&mut self, now: Instant, connected: bool) {
        let lost = match self.by {
            By::Offered { until } => !connected || now >= until,
            By::Handler => !connected || now >= self.destroy_at + HANDLER_EXTRA,
            By::Ourselves => false,
        };
        if lost {
            self.by = By::Ourselves;
            self.next = now;
        }
    }
}
