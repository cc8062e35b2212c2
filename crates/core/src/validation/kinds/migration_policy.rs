//! MigrationPolicy.

use kubevirt_api::{MigrationPolicy, quantity::Amount};

use super::{Fault, Faults, Path};
use crate::config::{ClusterConfig, Gate};

/// What is wrong with a policy.
pub fn validate_migration_policy(policy: &MigrationPolicy, config: &ClusterConfig) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &policy.spec;
    if let Some(seconds) = spec.completion_timeout_per_gib.filter(|number| *number < 0) {
        faults.invalid(
            &path.field("completionTimeoutPerGiB"),
            format!("{seconds} is negative: write seconds from 0"),
        );
    }
    if let Some(bandwidth) = &spec.bandwidth_per_migration {
        let path = path.field("bandwidthPerMigration");
        match Amount::parse(bandwidth) {
            Err(error) => faults.invalid(&path, error.to_string()),
            Ok(amount) if amount.is_negative() => faults.invalid(
                &path,
                "is negative: write bytes a second such as 64Mi, or 0 for no limit",
            ),
            Ok(_) => {}
        }
    }
    let gate = |faults: &mut Faults, path: &Path, gate: Gate| {
        if !config.features.is_on(gate) {
            faults.not_supported(
                path,
                format!(
                    "needs the feature gate {}: {}, or take the field out",
                    gate.name(),
                    config.features.remedy(gate)
                ),
            );
        }
    };
    if spec.max_downtime_ms.is_some() {
        gate(
            &mut faults,
            &path.field("maxDowntimeMs"),
            Gate::MigrationDowntimeTuning,
        );
    }
    let Some(experimental) = &spec.experimental else {
        return faults.into_vec();
    };
    let path = path.field("experimental");
    if experimental.stall_detector.is_some() && experimental.downtime_tuning.is_some() {
        faults.invalid(
            &path,
            "must have one of stallDetector and downtimeTuning: take one out",
        );
    }
    if experimental.stall_detector.is_some() {
        gate(
            &mut faults,
            &path.field("stallDetector"),
            Gate::MigrationStallDetection,
        );
    }
    if experimental.downtime_tuning.is_some() {
        gate(
            &mut faults,
            &path.field("downtimeTuning"),
            Gate::MigrationDowntimeTuning,
        );
    }
    faults.into_vec()
}
