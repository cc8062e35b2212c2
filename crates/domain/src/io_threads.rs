//! Which thread of QEMU serves which disk.

use kubevirt_api::Disk;

use crate::context::Context;
use crate::disks::bus;

/// Threads for each virtual CPU that the policy `auto` may use.
const THREADS_PER_CPU: usize = 2;

/// The I/O threads, numbered from 1: shared ones first, then those of single disks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct IoThreads {
    /// All.
    pub(crate) total: usize,
    /// The thread of each disk, in the order of spec.domain.devices.disks.
    pub(crate) disks: Vec<Option<usize>>,
    /// The thread of the SCSI controller.
    pub(crate) scsi: Option<usize>,
}

impl IoThreads {
    pub(crate) fn new(context: &Context<'_>) -> Self {
        let disks = &context.devices().disks;
        let dedicated = |disk: &Disk| disk.dedicated_io_thread == Some(true);
        let sharing = disks
            .iter()
            .filter(|disk| bus(disk) == "virtio" && !dedicated(disk))
            .count();
        let shared = match context.domain().io_threads_policy.as_deref() {
            Some("shared") => 1,
            Some("auto") => sharing.min(THREADS_PER_CPU * context.cpus as usize).max(1),
            _ => 0,
        };
        let mut threads = Self {
            total: shared,
            ..Self::default()
        };
        let mut turn = 0;
        for disk in disks {
            let thread = match bus(disk) {
                "virtio" if dedicated(disk) => {
                    threads.total += 1;
                    Some(threads.total)
                }
                "virtio" if shared > 0 => {
                    turn += 1;
                    Some((turn - 1) % shared + 1)
                }
                _ => None,
            };
            threads.disks.push(thread);
        }
        if disks
            .iter()
            .any(|disk| bus(disk) == "scsi" && dedicated(disk))
        {
            threads.total += 1;
            threads.scsi = Some(threads.total);
        }
        threads
    }
}
