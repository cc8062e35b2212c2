//! The user's terminal: another screen in raw mode, undone however the command ends.

use std::io::Write;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// To the other screen, cursor hidden; and back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// While it lives, the terminal belongs to the table.
pub(super) struct Screen {
    before: Termios,
}

impl Screen {
    pub(super) fn enter() -> std::io::Result<Self> {
        let input = rustix::stdio::stdin();
        let before = tcgetattr(input)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(input, OptionalActions::Now, &raw)?;
        let screen = Self { before };
        write(ENTER)?;
        Ok(screen)
    }

    /// Shows these lines from the top, each cut to the screen's width, as many as fit.
    pub(super) fn draw(&self, text: &str) -> std::io::Result<()> {
        let (columns, rows) = tcgetwinsize(rustix::stdio::stdout())
            .map(|size| (usize::from(size.ws_col), usize::from(size.ws_row)))
            .ok()
            .filter(|(columns, rows)| *columns > 0 && *rows > 0)
            .unwrap_or((80, 24));
        write(&frame(text, columns, rows))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a failure here.
        let _ = write(LEAVE);
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before);
    }
}

/// The whole screen in one write, so that it does not flicker: each line is overwritten and its rest erased.
fn frame(text: &str, columns: usize, rows: usize) -> String {
    let mut out = "\x1b[H".to_owned();
    for (index, line) in text.lines().take(rows).enumerate() {
        if index > 0 {
            out.push_str("\r\n");
        }
        // What names hold is harmless; what messages of servers hold must not steer the terminal.
        out.extend(
            line.chars()
                .filter(|letter| !letter.is_control())
                .take(columns),
        );
        out.push_str("\x1b[K");
    }
    out.push_str("\x1b[J");
    out
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_to_the_screen() {
        assert_eq!(
            frame("abcdef\ng\x1bh\ni\n", 4, 2),
            "\x1b[Habcd\x1b[K\r\ngh\x1b[K\x1b[J"
        );
    }
}
