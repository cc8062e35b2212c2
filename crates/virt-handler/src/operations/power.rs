//! Stopping and continuing the processors, and starting the guest anew without its pod ending.

use std::time::Duration;

use kubevirt_api::names::reason;
use kubevirt_domain::acpi_enabled;
use kubevirt_libvirt::{Error as LibvirtError, RebootMode, State};
use kubevirt_runtime::events::EventType;
use serde_json::json;

use super::refusal::Refusal;
use super::routes::Operations;
use crate::guest::{AgentError, Guest, ask};

/// How long an operation waits for another one of the same guest.
const TURN: Duration = Duration::from_secs(5);
/// How long an answer waits for the instance's status to tell of it, so that whoever asked finds it there.
const TOLD: Duration = Duration::from_secs(2);
/// Seconds that the agent gets to refuse a reboot. It does not answer when it does not refuse.
const REBOOT_SECONDS: u8 = 2;

/// Stops the processors.
pub(super) async fn pause(operations: &Operations, guest: Guest) -> Result<(), Refusal> {
    let _turn = turn(&guest).await?;
    if state(&guest).await? == State::Paused {
        return Err(conflict(&guest, "is paused already"));
    }
    guest
        .domain
        .suspend()
        .await
        .map_err(|error| libvirt(&guest, error))?;
    operations.publish(
        &guest,
        EventType::Normal,
        reason::PAUSED,
        "VirtualMachineInstance paused.",
    );
    told(&guest, true).await;
    Ok(())
}

/// Lets the processors go on.
pub(super) async fn unpause(operations: &Operations, guest: Guest) -> Result<(), Refusal> {
    let _turn = turn(&guest).await?;
    if state(&guest).await? != State::Paused {
        return Err(conflict(&guest, "is not paused"));
    }
    guest
        .domain
        .resume()
        .await
        .map_err(|error| libvirt(&guest, error))?;
    operations.publish(
        &guest,
        EventType::Normal,
        reason::UNPAUSED,
        "VirtualMachineInstance unpaused.",
    );
    told(&guest, false).await;
    Ok(())
}

/// Presses the reset button.
pub(super) async fn reset(operations: &Operations, guest: Guest) -> Result<(), Refusal> {
    let _turn = turn(&guest).await?;
    guest
        .domain
        .reset()
        .await
        .map_err(|error| libvirt(&guest, error))?;
    operations.publish(
        &guest,
        EventType::Normal,
        reason::RESET,
        "VirtualMachineInstance reset.",
    );
    Ok(())
}

/// Asks the guest to start anew: by its agent, or by ACPI when there is none or it will not.
pub(super) async fn soft_reboot(operations: &Operations, guest: Guest) -> Result<(), Refusal> {
    let _turn = turn(&guest).await?;
    if state(&guest).await? == State::Paused {
        return Err(conflict(&guest, "is paused: unpause it first"));
    }
    let by_agent = guest.agent && by_agent(&guest).await;
    if !by_agent {
        if !acpi_enabled(&guest.instance) {
            let why = "has neither a guest agent that answers nor ACPI: run qemu-guest-agent in the guest, or use reset";
            return Err(conflict(&guest, why));
        }
        guest
            .domain
            .reboot(RebootMode::Acpi)
            .await
            .map_err(|error| libvirt(&guest, error))?;
    }
    let how = if by_agent {
        "its guest agent"
    } else {
        "the ACPI power button"
    };
    operations.publish(
        &guest,
        EventType::Normal,
        reason::SOFT_REBOOTED,
        &format!("VirtualMachineInstance soft rebooted by {how}."),
    );
    Ok(())
}

/// Whether the guest's agent reboots it.
async fn by_agent(guest: &Guest) -> bool {
    let domain = guest.domain.clone();
    let asked = guest.shared.agent.alone(async move {
        // Whether there is an agent shows here: what follows is not answered when it works.
        ask(&domain, "guest-ping").await?;
        let reboot = json!({ "execute": "guest-shutdown", "arguments": { "mode": "reboot" } });
        match domain
            .agent_command(reboot.to_string(), REBOOT_SECONDS)
            .await
        {
            Ok(_) | Err(LibvirtError::AgentUnavailable(_)) => Ok(()),
            Err(error) => Err(AgentError::Libvirt(error)),
        }
    });
    match asked.await {
        Ok(()) => true,
        Err(error) => {
            tracing::info!(
                domain = guest.domain.name(),
                error = crate::guest::words::message(&error),
                "the guest agent does not reboot the guest"
            );
            false
        }
    }
}

/// The guest's turn for an operation on its processors.
async fn turn(guest: &Guest) -> Result<tokio::sync::MutexGuard<'_, ()>, Refusal> {
    tokio::time::timeout(TURN, guest.shared.power.lock())
        .await
        .map_err(|_| {
            conflict(
                guest,
                "is in the middle of another operation; try again later",
            )
        })
}

async fn state(guest: &Guest) -> Result<State, Refusal> {
    let state = guest.domain.state().await;
    Ok(state.map_err(|error| libvirt(guest, error))?.state)
}

/// Waits for the instance's status; when it takes longer, it will say so later.
async fn told(guest: &Guest, paused: bool) {
    let mut news = guest.shared.told_paused.subscribe();
    let _ = tokio::time::timeout(TOLD, news.wait_for(|told| *told == paused)).await;
}

fn name(guest: &Guest) -> String {
    guest.instance.metadata.name.clone().unwrap_or_default()
}

fn conflict(guest: &Guest, why: &'static str) -> Refusal {
    Refusal::Conflict {
        name: name(guest),
        why,
    }
}

fn libvirt(guest: &Guest, error: LibvirtError) -> Refusal {
    Refusal::Libvirt {
        name: name(guest),
        error,
    }
}
