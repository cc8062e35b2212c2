//! The Linux plumbing of a node: what virt-handler does to pods, their files and their networks.
//!
//! A launcher pod may be hostile. Nothing in it is believed: a path is opened beneath a root with links refused
//! ([`paths`]), a process is known by what the kernel says about it ([`peer`]), and what a pod writes is read with a bound.

pub mod dhcp;
pub mod launcher;
pub mod network;
pub mod paths;
pub mod peer;
pub mod resolv;
mod sys;
