//! Who looks at a guest's display.

use std::sync::{Arc, Mutex, PoisonError};

/// Most viewers of one display: QEMU keeps a picture for each.
const VIEWERS: usize = 16;

/// The viewers of one display, counted.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    viewers: Mutex<usize>,
}

/// Why there is no place before a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Taken {
    #[error(
        "somebody looks at this display and preserveSession is true; ask without it to look together"
    )]
    Preserved,
    #[error("all {VIEWERS} places before this display are taken; close a viewer and connect again")]
    Full,
}

/// A viewer's place, given back with it.
#[derive(Debug)]
pub(crate) struct Viewer(Arc<Screen>);

impl Screen {
    /// Lets one more look, unless it wants to look alone (`preserve`) and somebody does.
    pub(crate) fn enter(self: Arc<Self>, preserve: bool) -> Result<Viewer, Taken> {
        {
            let mut viewers = self.lock();
            match *viewers {
                1.. if preserve => return Err(Taken::Preserved),
                VIEWERS.. => return Err(Taken::Full),
                _ => *viewers += 1,
            }
        }
        Ok(Viewer(self))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, usize> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_share_a_display_unless_one_wants_to_preserve_it() {
        let screen = Arc::new(Screen::default());
        let first = screen.clone().enter(true).unwrap();
        assert_eq!(screen.clone().enter(true).unwrap_err(), Taken::Preserved);
        let others: Vec<_> = (1..VIEWERS)
            .map(|_| screen.clone().enter(false).unwrap())
            .collect();
        assert_eq!(screen.clone().enter(false).unwrap_err(), Taken::Full);
        drop((first, others));
        assert!(screen.enter(true).is_ok());
    }
}
