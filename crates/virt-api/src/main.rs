//! virt-api.

fn main() {}
