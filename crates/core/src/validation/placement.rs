//! Processors of the node for the guest alone, memory topology, real time and room for more sockets.

use kubevirt_api::{CPU, quantity::Amount};

use super::{Faults, Path, vmi::Context};
use crate::{config::Architecture, overhead::virtual_processors};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let Some(cpu) = &context.spec.domain.cpu else {
        return;
    };
    let path = context.domain().field("cpu");
    let dedicated = cpu.dedicated_cpu_placement == Some(true);
    if dedicated {
        own_processors(faults, context, &path, cpu);
    }
    if cpu.isolate_emulator_thread == Some(true) && !dedicated {
        faults.invalid(
            &path.field("isolateEmulatorThread"),
            "needs processors of the guest's own: set cpu.dedicatedCpuPlacement to true, or take it out",
        );
    }
    let passthrough = cpu
        .numa
        .as_ref()
        .is_some_and(|numa| numa.guest_mapping_passthrough.is_some());
    if passthrough {
        let path = path.field("numa").field("guestMappingPassthrough");
        if !dedicated {
            faults.invalid(
                &path,
                "needs processors of the guest's own: set cpu.dedicatedCpuPlacement to true",
            );
        }
        let memory = context.spec.domain.memory.as_ref();
        if memory.is_none_or(|memory| memory.hugepages.is_none()) {
            faults.invalid(
                &path,
                "needs huge pages: set memory.hugepages.pageSize, for example 2Mi",
            );
        }
    }
    if cpu.realtime.is_some() {
        let path = path.field("realtime");
        if !dedicated {
            faults.invalid(
                &path,
                "needs processors of the guest's own: set cpu.dedicatedCpuPlacement to true",
            );
        }
        if !passthrough {
            faults.invalid(
                &path,
                "needs the node's memory topology: set cpu.numa.guestMappingPassthrough to {}",
            );
        }
    }
    let most = cpu.max_sockets.filter(|most| *most > 0);
    if let (Some(sockets), Some(most)) = (cpu.sockets, most)
        && sockets > most
    {
        faults.invalid(
            &path.field("sockets"),
            format!(
                "{sockets} sockets are more than cpu.maxSockets, {most}: raise it or lower sockets"
            ),
        );
    }
}

/// The pod must get as many whole processors as the guest sees. That some number is given follows from the defaults.
fn own_processors(faults: &mut Faults, context: &Context<'_>, path: &Path, cpu: &CPU) {
    let most_threads = match context.architecture {
        Architecture::Arm64 => 1,
        Architecture::Amd64 | Architecture::S390x => 2,
    };
    if let Some(threads) = cpu.threads.filter(|threads| *threads > most_threads) {
        faults.invalid(
            &path.field("threads"),
            format!("{threads} threads of a core are more than a node's have: use at most {most_threads} with dedicatedCpuPlacement"),
        );
    }
    let Some(resources) = &context.spec.domain.resources else {
        return;
    };
    let path_of_resources = context.domain().field("resources");
    let parsed = |quantity| {
        Amount::parse(quantity)
            .ok()
            .filter(|amount| !amount.is_zero())
    };
    let both = |name: &str| {
        (
            resources.request(name).and_then(parsed),
            resources.limit(name).and_then(parsed),
        )
    };
    for name in ["cpu", "memory"] {
        if let (Some(request), Some(limit)) = both(name)
            && request < limit
        {
            faults.invalid(
                &path_of_resources.field("requests").field(name),
                format!("must equal limits.{name} with dedicatedCpuPlacement: change one of them"),
            );
        }
    }
    let (request, limit) = both("cpu");
    let mut whole = true;
    for (field, amount) in [("requests", request), ("limits", limit)] {
        if amount.is_some_and(|amount| !amount.is_whole()) {
            whole = false;
            faults.invalid(
                &path_of_resources.field(field).field("cpu"),
                "must be whole with dedicatedCpuPlacement: round it",
            );
        }
    }
    let count = virtual_processors(context.spec);
    let asked = request.or(limit).filter(|_| whole);
    if asked.is_some_and(|asked| asked != Amount::whole(i64::from(count))) {
        faults.invalid(
            path,
            format!("the guest has {count} processors and its pod asks for another number: make sockets x cores x threads equal to the requested cpu, or take the request out"),
        );
    }
}
