//! virtctl.

fn main() {}
