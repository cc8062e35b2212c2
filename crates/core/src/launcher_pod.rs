//! The pod that runs one VirtualMachineInstance.
