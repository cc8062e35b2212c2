//! Raw mode of the user's terminal, undone however the program ends.

use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

/// The settings to go back to, while the terminal is in raw mode.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// While it lives, a terminal on standard input passes each key unchanged. Without a terminal it does nothing.
pub(crate) struct Raw {
    _private: (),
}

impl Raw {
    pub(crate) fn enable() -> rustix::io::Result<Self> {
        let input = rustix::stdio::stdin();
        if isatty(input) {
            let before = tcgetattr(input)?;
            let mut raw = before.clone();
            raw.make_raw();
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
            // A panic may end the process without unwinding.
            HOOK.call_once(|| {
                let told = std::panic::take_hook();
                std::panic::set_hook(Box::new(move |panic| {
                    restore();
                    told(panic);
                }));
            });
            tcsetattr(input, OptionalActions::Now, &raw)?;
        }
        Ok(Self { _private: () })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether standard input is a terminal.
pub(crate) fn on_terminal() -> bool {
    isatty(rustix::stdio::stdin())
}

fn restore() {
    // try_lock: a panic while the lock is held must not wait for itself.
    let Ok(mut before) = BEFORE.try_lock() else {
        return;
    };
    if let Some(before) = before.take() {
        // Nothing can be done about a failure here.
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
    }
}
