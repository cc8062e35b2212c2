//! What a call costs.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Runs `call` and says how much of the processor's time this thread took for it. Unlike time on the wall, that does not
/// grow when others use the machine; waiting is not counted.
pub fn processor_time<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let before = now();
    let answer = call();
    (answer, now().saturating_sub(before))
}

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
