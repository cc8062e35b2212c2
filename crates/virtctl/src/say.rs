//! Standard output, which is for results only. Tests keep it, to look at it.

use std::fmt::Display;

/// Prints a line.
pub(crate) fn line(text: impl Display) {
    all(format_args!("{text}\n"));
}

/// Prints text that has its line ends.
#[cfg(not(test))]
pub(crate) fn all(text: impl Display) {
    print!("{text}");
}

#[cfg(test)]
thread_local! {
    static KEPT: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Keeps text that has its line ends.
#[cfg(test)]
pub(crate) fn all(text: impl Display) {
    KEPT.with_borrow_mut(|kept| kept.push_str(&text.to_string()));
}

/// What this thread would have printed since the last call.
#[cfg(test)]
pub(crate) fn kept() -> String {
    KEPT.take()
}
