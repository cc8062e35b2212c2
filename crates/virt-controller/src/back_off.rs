//! How long to wait before something that failed is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);

/// The wait after `failures` failures in a row: doubled each time, at most a minute.
pub(crate) fn delay(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_a_minute() {
        assert_eq!(delay(0), FIRST);
        assert_eq!(delay(1), FIRST);
        assert_eq!(delay(3), FIRST * 4);
        assert_eq!(delay(9), LONGEST);
        assert_eq!(delay(u32::MAX), LONGEST);
    }
}
