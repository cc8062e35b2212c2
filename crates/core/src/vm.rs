//! What to do about a VirtualMachine: run strategies, start and stop requests, status.
