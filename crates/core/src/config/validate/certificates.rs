//! How long certificates last (contract 6.5).

use kubevirt_api::{CertConfig, KubeVirtSelfSignConfiguration};

use crate::validation::{Faults, Path, kinds::go_duration};

/// Nanoseconds of an hour.
const HOUR: i64 = 3_600_000_000_000;
/// How long the authority lasts when nothing is said.
const CA: i64 = 168 * HOUR;
/// How long other certificates last when nothing is said.
const SERVER: i64 = 24 * HOUR;

pub(super) fn certificates(
    faults: &mut Faults,
    path: &Path,
    settings: &KubeVirtSelfSignConfiguration,
) {
    let older = [
        ("caRotateInterval", &settings.ca_rotate_interval),
        ("certRotateInterval", &settings.cert_rotate_interval),
        ("caOverlapInterval", &settings.ca_overlap_interval),
    ];
    for (name, value) in older {
        let path = path.field(name);
        duration(faults, &path, value.as_deref());
        if value.is_some() && (settings.ca.is_some() || settings.server.is_some()) {
            faults.invalid(
                &path,
                "is the older way to say what ca and server say: take it out, or take ca and server out",
            );
        }
    }
    let authority = lifetime(faults, &path.field("ca"), settings.ca.as_ref(), CA);
    let at = path.field("server");
    let server = lifetime(faults, &at, settings.server.as_ref(), SERVER);
    if (settings.ca.is_some() || settings.server.is_some()) && server > authority {
        faults.invalid(
            &at.field("duration"),
            "is longer than ca.duration, and a certificate cannot outlive its authority: shorten it, or lengthen ca.duration",
        );
    }
}

/// How long certificates last, in nanoseconds.
fn lifetime(faults: &mut Faults, path: &Path, given: Option<&CertConfig>, default: i64) -> i64 {
    let Some(given) = given else { return default };
    let lasts = duration(faults, &path.field("duration"), given.duration.as_deref());
    let before = path.field("renewBefore");
    let renewed = duration(faults, &before, given.renew_before.as_deref());
    let lasts = lasts.unwrap_or(default);
    if renewed.is_some_and(|renewed| renewed > lasts) {
        faults.invalid(
            &before,
            "is longer than duration, so the certificate would be renewed before it is made: shorten it",
        );
    }
    lasts
}

/// The nanoseconds of a duration that makes sense; what makes none is a fault.
fn duration(faults: &mut Faults, path: &Path, text: Option<&str>) -> Option<i64> {
    let text = text?;
    let duration = go_duration(text).filter(|duration| *duration >= 0);
    if duration.is_none() {
        faults.invalid(
            path,
            format!("{text:?} is not a duration: write numbers with units such as 168h or 1h30m"),
        );
    }
    duration
}
