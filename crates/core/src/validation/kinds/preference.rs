//! VirtualMachinePreference and VirtualMachineClusterPreference.

use kubevirt_api::{CPUPreferences, VirtualMachinePreferenceSpec, quantity::Amount};

use super::{Fault, Faults, Path};

/// Topologies, and the deprecated name of each.
const TOPOLOGIES: [(&str, &str); 5] = [
    ("sockets", "preferSockets"),
    ("cores", "preferCores"),
    ("threads", "preferThreads"),
    ("spread", "preferSpread"),
    ("any", "preferAny"),
];
const ACROSS: [&str; 3] = ["SocketsCores", "SocketsCoresThreads", "CoresThreads"];
/// A core has this many threads, on every processor that guests run on.
const THREADS: u32 = 2;

/// What is wrong with a preference.
pub fn validate_preference(spec: &VirtualMachinePreferenceSpec) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    if let Some(cpu) = &spec.cpu {
        topology(
            &mut faults,
            &path,
            cpu,
            spec.prefer_spread_socket_to_core_ratio,
        );
    }
    let memory = spec
        .requirements
        .as_ref()
        .and_then(|requirements| requirements.memory.as_ref());
    if let Some(memory) = memory
        && let Err(error) = Amount::parse(&memory.guest)
    {
        faults.invalid(
            &path.field("requirements").field("memory").field("guest"),
            error.to_string(),
        );
    }
    faults.into_vec()
}

fn topology(faults: &mut Faults, path: &Path, cpu: &CPUPreferences, old_ratio: Option<u32>) {
    let cpu_path = path.field("cpu");
    let topology = cpu.preferred_cpu_topology.as_deref();
    let names: Vec<_> = TOPOLOGIES.iter().map(|(name, _)| *name).collect();
    let known = TOPOLOGIES
        .iter()
        .any(|(name, old)| topology == Some(*name) || topology == Some(*old));
    if !known {
        faults.one_of(&cpu_path.field("preferredCPUTopology"), topology, &names);
    }
    let options = cpu.spread_options.clone().unwrap_or_default();
    let spread_path = cpu_path.field("spreadOptions");
    faults.one_of(
        &spread_path.field("across"),
        options.across.as_deref(),
        &ACROSS,
    );
    let (ratio, path) = match options.ratio {
        Some(ratio) => (Some(ratio), spread_path.field("ratio")),
        None => (
            old_ratio.filter(|ratio| *ratio != 0),
            path.field("preferSpreadSocketToCoreRatio"),
        ),
    };
    let spreads = matches!(topology, Some("spread" | "preferSpread"));
    match ratio {
        Some(0) => faults.invalid(&path, "must be at least 1"),
        Some(ratio)
            if spreads && options.across.as_deref() == Some("CoresThreads") && ratio != THREADS =>
        {
            faults.invalid(
                &path,
                format!("{ratio} is not possible across CoresThreads, a core has {THREADS} threads: set {THREADS}, or choose another across"),
            );
        }
        _ => {}
    }
}

/// What in a preference works, but deserves a word.
pub fn warnings_preference(spec: &VirtualMachinePreferenceSpec) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut deprecated = |field: &str, instead: &str| {
        warnings.push(format!("spec.{field} is deprecated, use {instead}"));
    };
    let topology = spec
        .cpu
        .as_ref()
        .and_then(|cpu| cpu.preferred_cpu_topology.as_deref());
    if let Some((name, old)) = TOPOLOGIES.iter().find(|(_, old)| topology == Some(*old)) {
        deprecated(&format!("cpu.preferredCPUTopology {old}"), name);
    }
    if spec
        .prefer_spread_socket_to_core_ratio
        .is_some_and(|ratio| ratio != 0)
    {
        deprecated(
            "preferSpreadSocketToCoreRatio",
            "spec.cpu.spreadOptions.ratio",
        );
    }
    if let Some(firmware) = &spec.firmware {
        if firmware.preferred_use_efi.is_some() {
            deprecated("firmware.preferredUseEfi", "spec.firmware.preferredEfi");
        }
        if firmware.preferred_use_secure_boot.is_some() {
            deprecated(
                "firmware.preferredUseSecureBoot",
                "spec.firmware.preferredEfi.secureBoot",
            );
        }
    }
    warnings
}
