//! Times of probes.

use kubevirt_api::{Probe, VirtualMachineInstanceSpec};

/// Gives probes the times that Kubernetes gives those of containers. A time of 0 is none.
pub(super) fn times(spec: &mut VirtualMachineInstanceSpec) {
    for probe in [&mut spec.liveness_probe, &mut spec.readiness_probe]
        .into_iter()
        .flatten()
    {
        complete(probe);
    }
}

fn complete(probe: &mut Probe) {
    let times = [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ];
    for (time, default) in times {
        if time.is_none_or(|time| time == 0) {
            *time = Some(default);
        }
    }
}
