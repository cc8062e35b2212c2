//! The way down: asking the guest, switching it off, saying how it ended, letting virt-launcher go.

use std::time::{Duration, Instant};

use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};
use kubevirt_domain::{acpi_enabled, grace_period_seconds};
use kubevirt_libvirt::{DomainState, Error as LibvirtError, Reason, ShutdownMode, State};
use kubevirt_node::launcher::open_empty_dir;
use kubevirt_runtime::events::EventType;

use super::{loud, now};
use crate::vm::finish::{self, Ending};
use crate::vm::link::domain_state;
use crate::vm::plan::{Domain as Seen, SIGNAL_INTERVAL, Stopping};
use crate::vm::status;
use crate::vm::supervisor::{Failure, Supervisor};

impl Supervisor {
    pub(super) fn begin_stop(&mut self) {
        let now = Instant::now();
        let grace = self.instance.as_ref().map_or(0, |instance| {
            if acpi_enabled(instance) {
                grace_period_seconds(instance)
            } else {
                0
            }
        });
        let grace = Duration::from_secs(u64::try_from(grace).unwrap_or_default());
        let deadline = now
            .checked_add(grace)
            .unwrap_or_else(|| now + Duration::from_secs(86_400 * 365));
        self.stopping = Some(Stopping {
            deadline,
            next_signal: now,
        });
        tracing::info!(?grace, "guest is to shut down");
        if grace.is_zero() {
            self.publish(
                EventType::Normal,
                reason::DELETED,
                "The guest is switched off: it has no grace period",
            );
        } else {
            let message = format!(
                "The guest is asked to shut down and has {} s for it",
                grace.as_secs()
            );
            self.publish(EventType::Normal, reason::SHUTTING_DOWN, &message);
        }
    }

    pub(super) async fn signal(&mut self) -> Result<(), Failure> {
        if let Some(stopping) = &mut self.stopping {
            stopping.next_signal = Instant::now() + SIGNAL_INTERVAL;
        }
        let Some(domain) = &self.domain else {
            self.state = None;
            return Ok(());
        };
        match domain.shutdown(ShutdownMode::Acpi).await {
            Ok(()) => {}
            // It ended meanwhile, or a shutdown is on its way: look, and signal again in time.
            Err(error) => {
                tracing::debug!(%error, "the guest could not be asked");
                self.state = None;
            }
        }
        Ok(())
    }

    pub(super) async fn destroy(&mut self) -> Result<(), Failure> {
        let Some(domain) = &self.domain else {
            self.state = None;
            return Ok(());
        };
        let destroyed = domain.destroy().await;
        self.state = None;
        match destroyed {
            Ok(()) => {
                // libvirt has said that QEMU is gone, so this need not be asked.
                self.state = Some(Some(DomainState {
                    state: State::ShutOff,
                    reason: Reason::Destroyed,
                }));
                Ok(())
            }
            Err(LibvirtError::OperationInvalid(_) | LibvirtError::NotFound(_)) => Ok(()),
            Err(error) => Err(loud(error)),
        }
    }

    pub(super) async fn finish(&mut self) -> Result<(), Failure> {
        let Some(instance) = self.instance.clone() else {
            return Ok(());
        };
        let end = self.ending(&instance);
        let now = now();
        self.write(|instance| status::ended(instance, end.phase, end.reason, &now))
            .await?;
        tracing::info!(phase = %end.phase, message = end.message, "guest ended");
        // A stop that was asked for has its event already.
        if self.stopping.is_none() || end.warning {
            let kind = if end.warning {
                EventType::Warning
            } else {
                EventType::Normal
            };
            self.publish(kind, reason::STOPPED, &end.message);
        }
        Ok(())
    }

    /// How the guest ended, by what is known.
    fn ending(&self, instance: &VirtualMachineInstance) -> Ending {
        let inputs = self.inputs.borrow();
        let asked = self.stopping.is_some();
        let seen = self.state.map(domain_state);
        let said = instance
            .status
            .as_ref()
            .is_some_and(|status| status.phase == Phase::Running);
        let known = match self.state.flatten() {
            Some(state) if seen == Some(Seen::Ended) => finish::Known::Domain { state, asked },
            _ if inputs.over() => finish::Known::PodEnded {
                exit_code: inputs.pod.exit_code(),
                reason: inputs.pod.exit_reason(),
                // A guest may have started that the status does not tell of yet.
                started: said || seen == Some(Seen::Active),
            },
            _ if said => finish::Known::Vanished,
            _ => finish::Known::NeverStarted,
        };
        let mut end = finish::ending(instance, &known);
        if end.warning {
            let private =
                open_empty_dir(&self.context.kubelet_root, &inputs.pod.pod.uid, "private");
            let said = private
                .map(|private| finish::log_tail(&private, &self.domain_name()))
                .unwrap_or_default();
            if !said.is_empty() {
                end.message = format!("{}; QEMU said last: {said}", end.message);
            }
        }
        end
    }

    pub(super) async fn exit(&mut self) -> Result<(), Failure> {
        self.exit_told = true;
        self.forget_domain();
        let Some(link) = &self.launcher else {
            return Ok(());
        };
        if let Err(error) = link.commands.exit().await {
            // It exits by itself 30 s after QEMU.
            tracing::debug!(%error, "virt-launcher did not hear that it may exit");
        }
        Ok(())
    }
}
