//! How a guest's virtual processors become sockets, cores and threads.

use kubevirt_api::{CPUPreferences, VirtualMachinePreferenceSpec};

/// Cores of a socket, or threads of a core, when processors are spread and no ratio is given.
const DEFAULT_RATIO: u32 = 2;
/// Threads of a core when processors are spread over all three.
const THREADS: u32 = 2;

/// Sockets, cores of a socket and threads of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topology {
    pub(super) sockets: u32,
    pub(super) cores: u32,
    pub(super) threads: u32,
}

/// What a preference wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Sockets,
    Cores,
    Threads,
    /// So many cores of a socket and threads of a core, and as many sockets as it takes.
    Spread {
        cores: u32,
        threads: u32,
    },
    /// So many threads of a core on one socket.
    SpreadOneSocket {
        threads: u32,
    },
}

/// The topology of `processors` virtual processors. Those that cannot be spread as is wished are sockets;
/// [`indivisible`] tells about it.
pub(super) fn topology(
    processors: u32,
    preference: Option<&VirtualMachinePreferenceSpec>,
) -> Topology {
    let one = Topology {
        sockets: 1,
        cores: 1,
        threads: 1,
    };
    let sockets = Topology {
        sockets: processors,
        ..one
    };
    if processors <= 1 || indivisible(processors, preference).is_some() {
        return sockets;
    }
    match wish(preference) {
        Wish::Sockets => sockets,
        Wish::Cores => Topology {
            cores: processors,
            ..one
        },
        Wish::Threads => Topology {
            threads: processors,
            ..one
        },
        Wish::Spread { cores, threads } => Topology {
            sockets: processors / cores.saturating_mul(threads),
            cores,
            threads,
        },
        Wish::SpreadOneSocket { threads } => Topology {
            cores: processors / threads,
            threads,
            ..one
        },
    }
}

/// The number that the processors must be a multiple of and are not.
pub(super) fn indivisible(
    processors: u32,
    preference: Option<&VirtualMachinePreferenceSpec>,
) -> Option<u32> {
    let group = match wish(preference) {
        Wish::Spread { cores, threads } => cores.saturating_mul(threads),
        Wish::SpreadOneSocket { threads } => threads,
        Wish::Sockets | Wish::Cores | Wish::Threads => return None,
    };
    (processors > 1 && !processors.is_multiple_of(group)).then_some(group)
}

fn wish(preference: Option<&VirtualMachinePreferenceSpec>) -> Wish {
    let Some(preference) = preference else {
        return Wish::Sockets;
    };
    let cpu = preference.cpu.as_ref();
    match cpu.and_then(|cpu| cpu.preferred_cpu_topology.as_deref()) {
        Some("cores" | "preferCores") => Wish::Cores,
        Some("threads" | "preferThreads") => Wish::Threads,
        Some("spread" | "preferSpread") => spread(preference, cpu),
        _ => Wish::Sockets,
    }
}

fn spread(preference: &VirtualMachinePreferenceSpec, cpu: Option<&CPUPreferences>) -> Wish {
    let options = cpu.and_then(|cpu| cpu.spread_options.as_ref());
    let ratio = options
        .and_then(|options| options.ratio)
        .or(preference.prefer_spread_socket_to_core_ratio)
        .filter(|ratio| *ratio > 0)
        .unwrap_or(DEFAULT_RATIO);
    match options.and_then(|options| options.across.as_deref()) {
        Some("CoresThreads") => Wish::SpreadOneSocket { threads: ratio },
        Some("SocketsCoresThreads") => Wish::Spread {
            cores: ratio,
            threads: THREADS,
        },
        _ => Wish::Spread {
            cores: ratio,
            threads: 1,
        },
    }
}
