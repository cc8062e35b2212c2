//! VirtualMachineInstance to libvirt domain XML, and libvirt's answers to phases.
