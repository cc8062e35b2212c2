//! Rates from two measurements of counters.

use std::collections::HashMap;

use super::summary::Counters;

/// A rate in bytes per second, both ways.
pub(super) type Rate = (f64, f64);

/// The last measurements, by what was measured.
#[derive(Default)]
pub(super) struct Rates {
    last: HashMap<String, (Counters, Option<Rate>)>,
}

impl Rates {
    /// The rate between the last measurement and this one. kubelet gives the same numbers until it has measured again; the rate
    /// stays as long. Counters that went back belong to something new.
    pub(super) fn add(&mut self, key: &str, now: Counters) -> Option<Rate> {
        let rate = match self.last.get(key) {
            None => None,
            Some((last, rate)) => {
                let seconds = now.at.duration_since(last.at).as_secs_f64();
                if seconds <= 0.0 {
                    return *rate;
                }
                (now.inward >= last.inward && now.outward >= last.outward).then(|| {
                    (
                        (now.inward - last.inward) / seconds,
                        (now.outward - last.outward) / seconds,
                    )
                })
            }
        };
        self.last.insert(key.to_owned(), (now, rate));
        rate
    }

    /// Forgets what was not measured this time.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.last.retain(|key, _| keep(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(at: &str, inward: f64) -> Counters {
        Counters {
            at: at.parse().unwrap(),
            inward,
            outward: 0.0,
        }
    }

    #[test]
    fn a_rate_needs_two_measurements_and_stays_between_them() {
        let mut rates = Rates::default();
        assert_eq!(
            rates.add("a", counters("2026-11-24T19:00:00Z", 100.0)),
            None
        );
        assert_eq!(
            rates.add("a", counters("2026-11-24T19:00:00Z", 100.0)),
            None
        );
        let rate = Some((10.0, 0.0));
        assert_eq!(
            rates.add("a", counters("2026-11-24T19:00:10Z", 200.0)),
            rate
        );
        assert_eq!(
            rates.add("a", counters("2026-11-24T19:00:10Z", 200.0)),
            rate
        );
        // The pod was replaced.
        assert_eq!(rates.add("a", counters("2026-11-24T19:00:20Z", 5.0)), None);
        rates.retain(|key| key != "a");
        assert!(rates.last.is_empty());
    }
}
