//! Log lines on standard error, with a verbosity that can be changed while the process runs.

use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line, for machines. What the daemons use in a pod.
    #[default]
    Json,
    /// Text for people.
    Text,
}

impl Format {
    /// `KUBEVIRT_LOG_FORMAT=text` asks for text; anything else means JSON.
    #[must_use]
    pub fn from_environment() -> Self {
        match std::env::var("KUBEVIRT_LOG_FORMAT").as_deref() {
            Ok("text") => Self::Text,
            _ => Self::Json,
        }
    }
}

/// Changes the verbosity of the running process. Cheap to clone.
#[derive(Clone)]
pub struct Verbosity {
    handle: reload::Handle<EnvFilter, Registry>,
    /// `RUST_LOG` was given: whoever starts the process by hand knows better than the cluster's settings.
    pinned: bool,
}

impl Verbosity {
    /// Sets the verbosity as the KubeVirt object counts it (see [`directives`]). Does nothing while `RUST_LOG` is set.
    pub fn set(&self, verbosity: u32) {
        if self.pinned {
            return;
        }
        if let Err(error) = self.handle.reload(filter(&directives(verbosity))) {
            tracing::warn!(%error, verbosity, "cannot change the log verbosity");
        }
    }
}

/// Starts logging for the whole process; the first call wins, later ones only return a handle without effect.
///
/// `component` stands in every line. `verbosity` is 0 to 9 as in
/// `spec.configuration.developerConfiguration.logVerbosity` (default 2).
pub fn init(component: &'static str, verbosity: u32, format: Format) -> Verbosity {
    let from_environment = std::env::var("RUST_LOG")
        .ok()
        .filter(|value| !value.is_empty());
    let pinned = from_environment.is_some();
    let (layer, handle) = reload::Layer::new(filter(
        &from_environment.unwrap_or_else(|| directives(verbosity)),
    ));
    let registry = tracing_subscriber::registry().with(layer);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = match format {
        Format::Json => registry
            .with(
                lines
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false),
            )
            .try_init(),
        Format::Text => registry.with(lines.with_ansi(false)).try_init(),
    };
    if started.is_ok() {
        tracing::info!(component, version = env!("CARGO_PKG_VERSION"), "starting");
    }
    Verbosity { handle, pinned }
}

/// The filter that a verbosity stands for: 0 warnings, 1 to 3 what happened, 4 to 6 how our own code decided,
/// 7 and more everything of ours and the libraries' debugging lines.
#[must_use]
pub fn directives(verbosity: u32) -> String {
    const OURS: [&str; 9] = [
        "kubevirt_runtime",
        "kubevirt_core",
        "kubevirt_domain",
        "kubevirt_libvirt",
        "kubevirt_node",
        "virt_api",
        "virt_controller",
        "virt_handler",
        "virt_launcher",
    ];
    let (others, ours) = match verbosity {
        0 => ("warn", "warn"),
        1..=3 => ("warn", "info"),
        4..=6 => ("info", "debug"),
        _ => ("debug", "trace"),
    };
    OURS.iter().fold(others.to_owned(), |filter, target| {
        filter + "," + target + "=" + ours
    })
}

fn filter(directives: &str) -> EnvFilter {
    EnvFilter::builder().parse_lossy(directives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_verbosity_shows_more() {
        assert!(directives(0).starts_with("warn,"));
        assert!(directives(2).contains("virt_api=info"));
        assert!(directives(4).contains("virt_handler=debug"));
        assert!(directives(9).starts_with("debug,"));
    }
}
