//! Tests of a running cluster. `make test` sets everything up and runs them; to run one again:
//! `cargo test -p kubevirt-tests NAME`.

mod admission;
mod boot;
mod budget;
mod cluster;
mod isolation;
mod lifecycle;
mod network;
mod security;
mod volumes;
