//! What the kernel says about this process, under the names that Prometheus' clients use everywhere.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// USER_HZ, the unit of times in /proc/PID/stat: 100 on every architecture that Linux has a userland ABI for but Alpha.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Process {
    /// Seconds since 1970; 0 when it cannot be found out.
    start: f64,
}

struct Figures {
    resident: u64,
    virtual_memory: u64,
    cpu_seconds: f64,
    descriptors: u64,
}

impl Process {
    pub(super) fn new() -> Self {
        Self {
            start: start_time().unwrap_or_default(),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "process_start_time_seconds",
            "Start time of the process since unix epoch in seconds",
            self.start,
        )?;
        let Some(figures) = figures() else {
            return Ok(());
        };
        #[allow(
            clippy::cast_precision_loss,
            reason = "bytes of memory are exact in f64 up to 8 PiB"
        )]
        let exact = |value: u64| value as f64;
        gauge(
            "process_resident_memory_bytes",
            "Resident memory size in bytes",
            exact(figures.resident),
        )?;
        gauge(
            "process_virtual_memory_bytes",
            "Virtual memory size in bytes",
            exact(figures.virtual_memory),
        )?;
        gauge(
            "process_open_fds",
            "Number of open file descriptors",
            exact(figures.descriptors),
        )?;
        let cpu = ConstCounter::new(figures.cpu_seconds);
        let help = "Total user and system CPU time spent in seconds";
        cpu.encode(encoder.encode_descriptor(
            "process_cpu_seconds",
            help,
            None,
            cpu.metric_type(),
        )?)
    }
}

fn figures() -> Option<Figures> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = |key: &str| -> Option<u64> {
        status
            .lines()
            .find_map(|line| line.strip_prefix(key))?
            .trim()
            .strip_suffix(" kB")?
            .parse()
            .ok()
    };
    let stat = stat()?;
    Some(Figures {
        resident: kibibytes("VmRSS:")? * 1024,
        virtual_memory: kibibytes("VmSize:")? * 1024,
        cpu_seconds: (field(&stat, 14)? + field(&stat, 15)?) / TICKS_PER_SECOND,
        descriptors: u64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()?,
    })
}

fn start_time() -> Option<f64> {
    let system = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: f64 = system
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()?;
    Some(boot + field(&stat()?, 22)? / TICKS_PER_SECOND)
}

fn stat() -> Option<String> {
    std::fs::read_to_string("/proc/self/stat").ok()
}

/// Field `number` of /proc/PID/stat as proc(5) counts them. The command (field 2) may hold anything, so counting starts
/// after its closing parenthesis.
fn field(stat: &str, number: usize) -> Option<f64> {
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(number.checked_sub(3)?)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_after_the_command() {
        let line = "12 (a ) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13";
        assert_eq!(field(line, 4), Some(1.0));
        assert_eq!(field(line, 14), Some(11.0));
    }

    #[test]
    fn this_process_has_figures() {
        let figures = figures().unwrap();
        assert!(
            figures.resident > 0
                && figures.virtual_memory >= figures.resident
                && figures.descriptors > 2
        );
        assert!(start_time().unwrap() > 1_500_000_000.0);
    }
}
