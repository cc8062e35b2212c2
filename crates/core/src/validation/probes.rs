//! Probes. Their times are those of pods: a pod that breaks the rules could not be created.

use kubevirt_api::Probe;

use super::{Faults, Path, vmi::Context};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let spec = context.spec;
    let probes = [
        ("livenessProbe", &spec.liveness_probe),
        ("readinessProbe", &spec.readiness_probe),
    ];
    for (field, probe) in probes {
        if let Some(probe) = probe {
            let path = context.path.field(field);
            handler(faults, context, &path, probe);
            times(faults, &path, probe);
        }
    }
    let successes = spec
        .liveness_probe
        .as_ref()
        .and_then(|probe| probe.success_threshold);
    if successes.is_some_and(|successes| successes > 1) {
        faults.invalid(
            &context
                .path
                .field("livenessProbe")
                .field("successThreshold"),
            "must be 1 for a liveness probe: take it out",
        );
    }
}

fn handler(faults: &mut Faults, context: &Context<'_>, path: &Path, probe: &Probe) {
    let given = [
        probe.exec.is_some(),
        probe.guest_agent_ping.is_some(),
        probe.http_get.is_some(),
        probe.tcp_socket.is_some(),
    ];
    match given.into_iter().filter(|given| *given).count() {
        0 => faults.required(
            path,
            "must say what to ask: give one of exec, guestAgentPing, httpGet and tcpSocket",
        ),
        1 => {}
        _ => faults.invalid(
            path,
            "must ask one thing: keep one of exec, guestAgentPing, httpGet and tcpSocket",
        ),
    }
    let exec = probe.exec.as_ref();
    if exec.is_some_and(|exec| exec.command.as_ref().is_none_or(Vec::is_empty)) {
        faults.required(
            &path.field("exec").field("command"),
            "must have the command that is run in the guest",
        );
    }
    let on_pod_network = context.spec.networks.iter().any(|net| net.pod.is_some());
    let asks = [
        ("httpGet", probe.http_get.is_some()),
        ("tcpSocket", probe.tcp_socket.is_some()),
    ];
    for (field, _) in asks
        .into_iter()
        .filter(|(_, asks)| *asks && !on_pod_network)
    {
        faults.invalid(
            &path.field(field),
            "reaches the guest by the pod's network only: add a network with pod: {}, or use guestAgentPing",
        );
    }
}

fn times(faults: &mut Faults, path: &Path, probe: &Probe) {
    let times = [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ];
    for (field, _) in times
        .into_iter()
        .filter(|(_, time)| time.is_some_and(|time| time < 0))
    {
        faults.invalid(
            &path.field(field),
            "must not be negative: take it out to have the default",
        );
    }
}
