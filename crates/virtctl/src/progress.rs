//! A progress bar on standard error, where that is a terminal; otherwise nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const WITH_TOTAL: &str = "{msg} [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const WITHOUT_TOTAL: &str = "{msg} {spinner} {bytes} {bytes_per_sec}";

/// How much of a long work is done. Dropping it takes the bar off the terminal.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Bytes of `total`, if that is known. indicatif draws nothing when standard error is no terminal.
    pub(crate) fn bytes(what: &str, total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
        let template = if total.is_some() {
            WITH_TOTAL
        } else {
            WITHOUT_TOTAL
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// So many more bytes are done.
    pub(crate) fn add(&self, count: u64) {
        self.0.inc(count);
    }

    /// Begins again.
    pub(crate) fn reset(&self) {
        self.0.reset();
    }

    /// Takes the bar off the terminal.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// A reader that tells the bar what was read.
pub(crate) struct Measured<R> {
    reader: R,
    progress: Progress,
}

impl<R> Measured<R> {
    /// Tells `progress` of what is read from `reader`.
    pub(crate) fn new(reader: R, progress: Progress) -> Self {
        Self { reader, progress }
    }
}

impl<R: std::io::Read> std::io::Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}
