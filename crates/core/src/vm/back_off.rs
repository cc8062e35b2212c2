//! How long a VM that fails to start waits for its next try (contract 2.2).

use k8s_openapi::jiff::{SignedDuration, Timestamp};

/// Longest wait.
const LONGEST_SECONDS: f64 = 300.0;
/// Wait after the first failure.
const FIRST_SECONDS: f64 = 10.0;

/// The wait after `failures` starts in a row that never reached Running: 10 s × n², half as much again by chance, at most
/// 300 s. `chance` is in 0..=1.
pub(super) fn delay(failures: i32, chance: f64) -> SignedDuration {
    let failures = f64::from(failures.max(1));
    let base = FIRST_SECONDS * failures * failures;
    let seconds = (base + base / 2.0 * chance.clamp(0.0, 1.0)).min(LONGEST_SECONDS);
    // At most 300, so it fits.
    SignedDuration::from_secs(seconds.round() as i64)
}

/// When the next try may be made.
pub(super) fn retry_after(now: Timestamp, failures: i32, chance: f64) -> Timestamp {
    now.checked_add(delay(failures, chance))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1, 0.0, 10)]
    #[case(1, 1.0, 15)]
    #[case(2, 0.0, 40)]
    #[case(3, 1.0, 135)]
    #[case(5, 0.0, 250)]
    #[case(5, 1.0, 300)]
    #[case(6, 0.0, 300)]
    #[case(1_000_000, 0.5, 300)]
    #[case(0, 0.0, 10)]
    fn grows_with_the_square(#[case] failures: i32, #[case] chance: f64, #[case] seconds: i64) {
        assert_eq!(delay(failures, chance).as_secs(), seconds);
    }
}
