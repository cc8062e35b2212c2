//! The way of events from libvirt's thread to subscribers, bounded.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::event::{CloseReason, Event};
use crate::limits;

/// Room kept free behind the ordinary events for one [`Event::Missed`] and one [`Event::Closed`].
const RESERVED: usize = 2;

/// Distributes one connection's events. Never blocks: libvirt's only event thread calls it.
#[derive(Default)]
pub(crate) struct EventQueue {
    state: Mutex<QueueState>,
}

#[derive(Default)]
struct QueueState {
    subscribers: Vec<Subscriber>,
    closed: Option<CloseReason>,
}

struct Subscriber {
    sender: Sender<Event>,
    /// A `Missed` is in the queue; it also stands for whatever is dropped until it is taken.
    missed: bool,
}

impl EventQueue {
    /// A new subscriber, who sees what happens from now on. After the connection's end it gets `Closed` at once.
    pub(crate) fn subscribe(&self) -> Receiver<Event> {
        let (sender, receiver) = mpsc::channel(limits::QUEUED_EVENTS + RESERVED);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = state.closed {
            // The channel is new, so there is room.
            let _ = sender.try_send(Event::Closed(reason));
            return receiver;
        }
        state
            .subscribers
            .retain(|subscriber| !subscriber.sender.is_closed());
        if state.subscribers.len() >= limits::SUBSCRIBERS {
            state.subscribers.remove(0);
        }
        state.subscribers.push(Subscriber {
            sender,
            missed: false,
        });
        receiver
    }

    /// Hands an event to every subscriber that has room, and one `Missed` to those that have not.
    pub(crate) fn push(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in &mut state.subscribers {
            if subscriber.sender.capacity() > RESERVED {
                subscriber.missed = false;
                let _ = subscriber.sender.try_send(event.clone());
            } else if !subscriber.missed {
                subscriber.missed = true;
                let _ = subscriber.sender.try_send(Event::Missed);
            }
        }
    }

    /// Ends the events: `Closed`, once, then the channels close.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed.is_some() {
            return;
        }
        state.closed = Some(reason);
        for subscriber in state.subscribers.drain(..) {
            let _ = subscriber.sender.try_send(Event::Closed(reason));
        }
    }

    /// Why the connection ended, if it did.
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reboot(number: usize) -> Event {
        Event::Reboot {
            domain: number.to_string(),
            uuid: String::new(),
        }
    }

    fn drain(receiver: &mut Receiver<Event>) -> Vec<Event> {
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn a_flood_is_bounded_and_noticed() {
        let queue = EventQueue::default();
        let mut receiver = queue.subscribe();
        for number in 0..100_000 {
            queue.push(&reboot(number));
        }
        queue.close(CloseReason::EndOfFile);
        let events = drain(&mut receiver);
        assert_eq!(events.len(), limits::QUEUED_EVENTS + 2);
        assert_eq!(
            events[limits::QUEUED_EVENTS - 1],
            reboot(limits::QUEUED_EVENTS - 1)
        );
        assert_eq!(events[limits::QUEUED_EVENTS], Event::Missed);
        assert_eq!(
            events[limits::QUEUED_EVENTS + 1],
            Event::Closed(CloseReason::EndOfFile)
        );
    }

    #[test]
    fn after_a_flood_events_flow_again() {
        let queue = EventQueue::default();
        let mut receiver = queue.subscribe();
        for round in 0..3 {
            for number in 0..1000 {
                queue.push(&reboot(number));
            }
            let events = drain(&mut receiver);
            assert_eq!(
                events
                    .iter()
                    .filter(|event| **event == Event::Missed)
                    .count(),
                1,
                "round {round}"
            );
            assert_eq!(events.last(), Some(&Event::Missed));
        }
        queue.push(&reboot(7));
        assert_eq!(drain(&mut receiver), [reboot(7)]);
    }

    #[test]
    fn closed_is_said_once_and_to_latecomers() {
        let queue = EventQueue::default();
        let mut early = queue.subscribe();
        queue.close(CloseReason::KeepAlive);
        queue.close(CloseReason::Client);
        queue.push(&reboot(1));
        let mut late = queue.subscribe();
        assert_eq!(drain(&mut early), [Event::Closed(CloseReason::KeepAlive)]);
        assert_eq!(drain(&mut late), [Event::Closed(CloseReason::KeepAlive)]);
        assert_eq!(queue.closed(), Some(CloseReason::KeepAlive));
    }

    #[test]
    fn subscribers_are_bounded() {
        let queue = EventQueue::default();
        let mut receivers: Vec<_> = (0..=limits::SUBSCRIBERS)
            .map(|_| queue.subscribe())
            .collect();
        queue.push(&reboot(1));
        assert_eq!(drain(&mut receivers[0]), []);
        assert!(receivers[0].is_closed());
        assert_eq!(drain(&mut receivers[limits::SUBSCRIBERS]), [reboot(1)]);
    }
}
