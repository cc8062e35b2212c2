//! What to do about a VirtualMachineInstance: its launcher pod, its phases up to Scheduled, its end.
