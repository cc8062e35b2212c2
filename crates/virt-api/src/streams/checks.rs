//! What must hold of a VirtualMachineInstance for its streams to be opened.

use std::net::IpAddr;

use http::StatusCode;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};

use crate::aggregated::route::Subresource;
use crate::guest::checks::{conflict, is, phase};
use crate::later;
use crate::status::Refusal;

/// Whether the instance is in the state that the stream needs.
pub(super) fn state(
    subresource: Subresource,
    instance: &VirtualMachineInstance,
) -> Result<(), Refusal> {
    let devices = &instance.spec.domain.devices;
    match subresource {
        Subresource::Console => {
            if devices.autoattach_serial_console == Some(false) {
                return Err(without(
                    instance,
                    "serial console",
                    "autoattachSerialConsole",
                ));
            }
            if phase(instance) == Phase::Failed {
                return Err(conflict(instance, "VMI is in failed status"));
            }
            running(instance)
        }
        Subresource::Vnc => {
            if devices.autoattach_graphics_device == Some(false) {
                let field = "autoattachGraphicsDevice";
                return Err(without(instance, "graphics device", field));
            }
            running(instance)
        }
        Subresource::Vsock => match devices.autoattach_vsock {
            Some(true) => running(instance),
            _ => Err(Refusal::bad_request(format!(
                "VMI {:?} has no VM socket: set spec.domain.devices.autoattachVSOCK",
                name(instance)
            ))),
        },
        Subresource::Usbredir => {
            if devices.client_passthrough.is_none() {
                let why = "USB redirection is off: set spec.domain.devices.clientPassthrough";
                return Err(conflict(instance, why));
            }
            running(instance)?;
            Err(later::not_implemented("redirection of USB devices"))
        }
        _ if is(instance, "Paused") => Err(conflict(instance, "VMI is paused: unpause it first")),
        _ => Ok(()),
    }
}

fn without(instance: &VirtualMachineInstance, what: &str, field: &str) -> Refusal {
    Refusal::bad_request(format!(
        "VMI {:?} has no {what}: spec.domain.devices.{field} is false",
        name(instance)
    ))
}

fn running(instance: &VirtualMachineInstance) -> Result<(), Refusal> {
    match phase(instance) {
        Phase::Running => Ok(()),
        other => Err(not_running(instance, other)),
    }
}

fn not_running(instance: &VirtualMachineInstance, phase: Phase) -> Refusal {
    Refusal::bad_request(format!(
        "VMI is not running: {:?} is in phase {:?}",
        name(instance),
        phase.as_str()
    ))
}

/// The node whose virt-handler has the guest.
pub(super) fn node(instance: &VirtualMachineInstance) -> Result<&str, Refusal> {
    let status = instance.status.as_ref();
    let node = status.and_then(|status| status.node_name.as_deref());
    node.filter(|node| !node.is_empty())
        .ok_or_else(|| not_running(instance, phase(instance)))
}

/// The address that ports are forwarded to: the first one of the first interface.
pub(super) fn address(instance: &VirtualMachineInstance) -> Result<IpAddr, Refusal> {
    let status = instance.status.as_ref();
    let first = status.and_then(|status| status.interfaces.first());
    let first = first.ok_or_else(|| {
        Refusal::bad_request(format!(
            "VMI {:?} has no network interfaces in its status: it may not run yet, or have no network",
            name(instance)
        ))
    })?;
    let text = first.ip_address.as_deref().unwrap_or_default();
    text.parse().map_err(|_| {
        Refusal::bad_request(format!(
            "VMI {:?} has no address yet: status.interfaces[0].ipAddress is {text:?}",
            name(instance)
        ))
    })
}

/// Whether a viewer wants to leave those who look at the display already alone.
pub(super) fn preserve_session(query: Option<&str>) -> Result<bool, Refusal> {
    flag(query, "preserveSession", false)
}

/// The port of a VM socket, and whether TLS is wanted over it.
pub(super) fn vsock_query(query: Option<&str>) -> Result<(u32, bool), Refusal> {
    let port = parameter(query, "port").unwrap_or_default();
    let port = port.parse().map_err(|_| {
        let message = format!(
            "port: {port:?} is none; a number from 0 to {} is required",
            u32::MAX
        );
        Refusal::bad_request(message)
    })?;
    Ok((port, flag(query, "tls", true)?))
}

/// 501: guests of this version have no device to connect to.
pub(super) fn without_vsock(instance: &VirtualMachineInstance) -> Refusal {
    let message = format!(
        "this version of KubeVirt gives guests no VM socket yet: VMI {:?} has no context ID (status.VSOCKCID)",
        name(instance)
    );
    Refusal::new(StatusCode::NOT_IMPLEMENTED, message)
}

fn parameter<'a>(query: Option<&'a str>, key: &str) -> Option<&'a str> {
    let parts = query.unwrap_or_default().split('&');
    parts
        .filter_map(|part| part.split_once('='))
        .find_map(|(name, value)| (name == key).then_some(value))
}

fn flag(query: Option<&str>, key: &str, default: bool) -> Result<bool, Refusal> {
    match parameter(query, key) {
        None | Some("") => Ok(default),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => Err(Refusal::bad_request(format!(
            "{key}: {other:?} is neither true nor false"
        ))),
    }
}

fn name(instance: &VirtualMachineInstance) -> &str {
    instance.metadata.name.as_deref().unwrap_or_default()
}
