//! When a VirtualMachine runs.

use crate::string_enum::string_enum;

string_enum! {
    /// When a VirtualMachine runs. The value of `spec.runStrategy`, and what `spec.running` stands for.
    pub enum RunStrategy {
        /// Runs, and is started again whenever it ends. `running: true` means this.
        Always = "Always",
        /// Does not run. `running: false` means this.
        Halted = "Halted",
        /// Runs when asked to by the start, stop and restart requests only.
        Manual = "Manual",
        /// Started again when it failed, not when the guest shut itself down.
        RerunOnFailure = "RerunOnFailure",
        /// Started once and never again while its VirtualMachineInstance exists.
        Once = "Once",
        /// Runs when a guest from another cluster has been received.
        WaitAsReceiver = "WaitAsReceiver",
        /// Not set, or a value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}
