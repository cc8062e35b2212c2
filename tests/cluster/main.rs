//! Tests of a running cluster. `make test` sets everything up and runs them; to run one again:
//! `cargo test -p kubevirt-tests NAME`.

mod admission;
mod api_apply;
mod api_edit;
mod api_explain;
mod api_forge;
mod api_kinds;
mod api_rights;
mod api_strict;
mod boot;
mod budget;
mod cluster;
mod guest_operations;
mod instancetype;
mod isolation;
mod lifecycle;
mod network;
mod replica_set;
mod security;
mod streams;
mod subresource_objects;
mod subresources;
mod upstream;
mod virtctl_access;
mod virtctl_commands;
mod virtctl_export;
mod virtctl_image;
mod virtctl_why;
mod volumes;
