//! Virtual machines of this node: one task, the [`supervisor`], owns one launcher pod and the VirtualMachineInstance in it.
//!
//! # The state machine
//!
//! Nothing is remembered that cannot be seen again, so a restarted virt-handler goes on where it was. A supervisor looks at its
//! pod, its VirtualMachineInstance, virt-launcher and the domain ([`plan::Observed`]), asks [`plan::plan`] for the one next step,
//! takes it, and looks again. `plan` is pure. As long as nobody wants the guest down:
//!
//! ```text
//!            socket appears          VMI known                  handed over
//!  (waiting) ──── Connect ──▶ (connected) ── Prepare ──▶ (prepared) ──── Look ──┐
//!      ▲                          │  disks, network, libvirtd                   ▼
//!      │ launcher replaced        │                        ┌──────────── domain not started ── Start
//!      └──────────────────────────┘                        │                                     │
//!                                                          │      domain active ◀────────────────┘
//!                                                          │         │  ▲ any event: Look again
//!                                                          │       Report: phase Running, once; later only differences
//!                                                          ▼         ▼
//!                                                       domain ended: Finish (final phase, one write) ── Exit ── Forget
//! ```
//!
//! Somebody wants the guest down when the VirtualMachineInstance or the pod is being deleted, the VirtualMachineInstance is gone,
//! or virt-launcher got SIGTERM:
//!
//! ```text
//!  domain active ── Signal (ACPI, again every 5 s) ── grace over: Destroy ──▶ domain ended ── Finish ── Exit ── Forget
//!  domain not started, or no libvirtd ───────────────────────────────────────────────────── Finish ── Exit ── Forget
//! ```
//!
//! The hand-over is `status.nodeName` naming this node, together with `status.activePods` naming this pod: a pod that merely
//! claims an owner gets no domain. A step that fails is told in a condition and an event, and tried again with growing pauses.

mod adapter;
mod agent;
mod cloud_init;
mod context;
mod devices;
mod directory;
mod dispatcher;
mod facts;
mod finish;
mod launcher;
mod link;
mod mac;
mod plan;
mod prepare;
mod status;
mod supervisor;
mod writer;

pub(crate) use context::Context;
pub(crate) use directory::Directory;
pub(crate) use dispatcher::Dispatcher;
