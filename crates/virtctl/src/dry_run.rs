//! `--dry-run`, as all commands have it that change something by one request.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::say;

/// The flag.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct DryRun {
    /// Check the request without changing anything.
    #[arg(long = "dry-run")]
    pub(crate) dry_run: bool,
}

impl DryRun {
    /// Says that it is one, and begins the options of the request.
    pub(crate) fn options(self) -> Map<String, Value> {
        let mut options = Map::new();
        if self.dry_run {
            say::line("Dry Run execution");
            options.insert("dryRun".to_owned(), json!(["All"]));
        }
        options
    }
}
