//! Processors and memory that a running guest can be given.

use kubevirt_api::{VirtualMachineInstanceSpec, quantity::Amount};

use super::Compared;

impl Compared<'_> {
    /// Sockets can be added up to the number that the guest was started for, and not taken away.
    pub(super) fn sockets(&self) -> bool {
        let of = |spec: &VirtualMachineInstanceSpec| {
            let cpu = spec.domain.cpu.as_ref();
            (
                cpu.and_then(|cpu| cpu.sockets).unwrap_or(1),
                cpu.and_then(|cpu| cpu.max_sockets),
            )
        };
        let ((old, most), (new, _)) = (of(self.before), of(self.after));
        let settings = &self.config.live_update;
        let most = most
            .filter(|most| *most > 0)
            .or(settings.max_cpu_sockets)
            .unwrap_or_else(|| old.saturating_mul(settings.max_hotplug_ratio));
        !self.is_fixed() && new > old && new <= most
    }

    /// Memory can be added up to the size that the guest was started for, and given back down to its first size.
    pub(super) fn memory(&self) -> bool {
        let memory = |spec: &VirtualMachineInstanceSpec| {
            let memory = spec.domain.memory.clone().unwrap_or_default();
            let amount = |quantity: Option<_>| Amount::parse(&quantity?).ok();
            (amount(memory.guest), amount(memory.max_guest))
        };
        let ((Some(old), most), (Some(new), _)) = (memory(self.before), memory(self.after)) else {
            return false;
        };
        let settings = &self.config.live_update;
        let most = most.or_else(|| {
            let configured = settings.max_guest.as_ref();
            configured.and_then(|quantity| Amount::parse(quantity).ok())
        });
        let fits = match most {
            Some(most) => new <= most,
            None => {
                new.ceil()
                    <= old
                        .ceil()
                        .saturating_mul(i64::from(settings.max_hotplug_ratio))
            }
        };
        // What the template asked for when the guest started is the least that it can have.
        !self.is_fixed() && new >= old && fits
    }
}
