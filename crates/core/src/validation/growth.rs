//! Room for a guest's memory to grow while it runs.

use kubevirt_api::{
    k8s_openapi::apimachinery::pkg::api::resource::Quantity,
    quantity::{self, Amount},
};

use super::{Faults, Path, memory::amount, vmi::Context};
use crate::config::Architecture;

const MEBIBYTE: i64 = 1 << 20;
const GIBIBYTE: i64 = 1 << 30;

/// Judges `most`, at `path`, of a guest that starts with `guest`.
pub(super) fn validate(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    guest: Amount,
    most: &Quantity,
) {
    let Some(most) = amount(faults, path, most) else {
        return;
    };
    let obstacle = obstacle(context);
    if let Some((obstacle, remedy)) = obstacle {
        faults.invalid(
            path,
            format!("memory cannot grow {obstacle}: {remedy}, or take maxGuest out"),
        );
        return;
    }
    if most < guest {
        faults.invalid(
            path,
            "is less than domain.memory.guest, which the guest starts with: raise it",
        );
    }
    if guest < Amount::whole(GIBIBYTE) {
        faults.invalid(
            path,
            "memory of less than 1Gi cannot grow: raise domain.memory.guest, or take maxGuest out",
        );
    }
    let large = page_size(context) == u64::try_from(GIBIBYTE).ok();
    let (step, name) = if large {
        (GIBIBYTE, "1Gi")
    } else {
        (2 * MEBIBYTE, "2Mi")
    };
    let aligned =
        |amount: Amount| amount.is_whole() && i128::from(amount.ceil()) % i128::from(step) == 0;
    if !aligned(most) || !aligned(guest) {
        faults.invalid(
            path,
            format!("memory grows by {name} only: make maxGuest and guest multiples of it"),
        );
    }
}

/// Why the memory of this guest cannot grow, and what to do.
fn obstacle(context: &Context<'_>) -> Option<(&'static str, &'static str)> {
    let cpu = context.spec.domain.cpu.as_ref();
    let numa = cpu
        .and_then(|cpu| cpu.numa.as_ref())
        .is_some_and(|numa| numa.guest_mapping_passthrough.is_some());
    let obstacles = [
        (
            !context.config.live_update.enabled,
            "while vmRolloutStrategy is Stage",
            "have the settings' vmRolloutStrategy set to LiveUpdate",
        ),
        (
            context.architecture != Architecture::Amd64,
            "on another architecture than amd64",
            "use an amd64 guest",
        ),
        (
            cpu.is_some_and(|cpu| cpu.realtime.is_some()),
            "with realtime processors",
            "take cpu.realtime out",
        ),
        (
            numa,
            "with the node's memory topology",
            "take cpu.numa.guestMappingPassthrough out",
        ),
        (
            context.spec.domain.launch_security.is_some(),
            "when it is protected",
            "take launchSecurity out",
        ),
    ];
    obstacles
        .into_iter()
        .find(|(holds, ..)| *holds)
        .map(|(_, obstacle, remedy)| (obstacle, remedy))
}

fn page_size(context: &Context<'_>) -> Option<u64> {
    let memory = context.spec.domain.memory.as_ref()?;
    let size = memory.hugepages.as_ref()?.page_size.clone()?;
    quantity::bytes(&Quantity(size)).ok()
}
