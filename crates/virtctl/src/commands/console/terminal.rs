//! Raw mode of the user's terminal, undone however the session ends.

use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

/// While it lives, a terminal on standard input passes each key unchanged. Without a terminal it does nothing.
pub(crate) struct Raw {
    before: Option<Termios>,
}

impl Raw {
    pub(crate) fn enable() -> rustix::io::Result<Self> {
        let input = rustix::stdio::stdin();
        if !isatty(input) {
            return Ok(Self { before: None });
        }
        let before = tcgetattr(input)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(input, OptionalActions::Now, &raw)?;
        Ok(Self {
            before: Some(before),
        })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // Nothing can be done about a failure here.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }
}
