//! The steps: what the plan asks for, done.

use std::time::{Duration, Instant};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceStatus};
use kubevirt_domain::{LiveDomain, acpi_enabled, grace_period_seconds};
use kubevirt_libvirt::{DomainState, Error as LibvirtError, Reason, ShutdownMode, State};
use kubevirt_node::launcher::{LauncherError, open_empty_dir, wait_and_connect};
use kubevirt_runtime::events::EventType;

use super::{Failure, LauncherLink, Supervisor, launcher};
use crate::kvm::Kvm;
use crate::vm::finish::{self, Ending};
use crate::vm::link::{Link, domain_state};
use crate::vm::plan::{Domain as Seen, SIGNAL_INTERVAL, Step, Stopping};
use crate::vm::writer::{self, Written};
use crate::vm::{adapter, cloud_init, prepare, status};

/// How long one wait for virt-launcher's socket lasts before the supervisor looks at everything again.
const CONNECT_WAIT: Duration = Duration::from_secs(60);
/// The reason of conditions and events when a guest cannot be brought up.
const SYNC_FAILED: &str = "SyncFailed";

impl Supervisor {
    /// Takes one step.
    pub(super) async fn act(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Connect => self.connect().await,
            Step::Prepare => self.prepare().await,
            Step::Look => self.look().await,
            Step::Start => self.start().await,
            Step::Report => self.report().await,
            Step::Tell => self.tell().await,
            Step::BeginStop => {
                self.begin_stop();
                Ok(())
            }
            Step::Signal => self.signal().await,
            Step::Destroy => self.destroy().await,
            Step::Finish => self.finish().await,
            Step::Exit => self.exit().await,
            // The loop's own.
            Step::Wait(_) | Step::Forget => Ok(()),
        }
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        let pod_uid = self.inputs.borrow().pod.pod.uid.clone();
        match wait_and_connect(&self.context.kubelet_root, &pod_uid, CONNECT_WAIT).await {
            Ok(connection) => {
                let commands = connection.commands();
                self.launcher = Some(LauncherLink {
                    commands,
                    news: launcher::listen(connection),
                });
                tracing::debug!("connected to virt-launcher");
                Ok(())
            }
            // An image that takes long to pull, as a rule; kubelet tells.
            Err(LauncherError::NoSocket { .. }) => Ok(()),
            Err(error) => Err(quiet(error)),
        }
    }

    async fn prepare(&mut self) -> Result<(), Failure> {
        let (Some(instance), Some(link)) = (self.instance.clone(), &self.launcher) else {
            return Ok(());
        };
        let commands = link.commands.clone();
        let pod_uid = self.inputs.borrow().pod.pod.uid.clone();
        // What served before ends first: its sockets have the same address.
        self.prepared = None;
        let prepared = prepare::prepare(&self.context, &instance, &pod_uid, &commands).await;
        self.prepared = Some(prepared.map_err(|error| Failure {
            reason: SYNC_FAILED,
            message: error.to_string(),
            // A connection that broke is made again; the user need not know.
            tell: !matches!(error, prepare::Error::Launcher(LauncherError::Closed)),
        })?);
        tracing::debug!("pod prepared");
        Ok(())
    }

    async fn look(&mut self) -> Result<(), Failure> {
        let name = self.domain_name();
        if self
            .link
            .as_ref()
            .is_none_or(|link| link.connection.closed().is_some())
        {
            self.forget_domain();
            let pod_uid = self.inputs.borrow().pod.pod.uid.clone();
            match Link::open(&self.context.kubelet_root, &pod_uid).await {
                Ok(Some(link)) => self.link = Some(link),
                Ok(None) if self.prepared.is_none() => {
                    self.state = Some(None);
                    return Ok(());
                }
                Ok(None) => return Err(quiet("libvirtd has no socket in the pod")),
                // It may be starting again; when it stays away the user should know.
                Err(error) => {
                    return Err(Failure {
                        tell: self.failures >= 3,
                        ..loud(error)
                    });
                }
            }
        }
        let Some(link) = &self.link else {
            return Ok(());
        };
        let domain = link.connection.domain_by_name(&name).await.map_err(loud)?;
        self.state = match &domain {
            Some(domain) => match domain.state().await {
                Ok(state) => Some(Some(state)),
                Err(error) if error.is_not_found() => Some(None),
                Err(error) => return Err(loud(error)),
            },
            None => Some(None),
        };
        tracing::debug!(state = ?self.state, "domain");
        self.domain = domain;
        Ok(())
    }

    async fn start(&mut self) -> Result<(), Failure> {
        let (Some(instance), Some(launcher), Some(prepared), Some(link)) = (
            self.instance.clone(),
            &self.launcher,
            &self.prepared,
            &self.link,
        ) else {
            return Ok(());
        };
        // Before the first answer the defaults would hold, and they may forbid what the settings allow.
        self.context.config.synced().await;
        let emulation = self.emulation()?;
        let configuration = self
            .context
            .config
            .object()
            .and_then(|object| object.spec.configuration.clone())
            .unwrap_or_default();
        let xml = adapter::domain_xml(
            &instance,
            &configuration,
            emulation,
            prepared,
            launcher.commands.peer(),
        )
        .map_err(loud)?;
        let began = Instant::now();
        let domain = link.connection.define(xml).await.map_err(loud)?;
        let defined = began.elapsed();
        let started = domain
            .start(kubevirt_domain::starts_paused(&instance))
            .await;
        self.domain = Some(domain);
        match started {
            Ok(()) => {}
            // An attempt that was given up too early.
            Err(LibvirtError::OperationInvalid(_)) => {
                self.state = None;
                return Ok(());
            }
            Err(error) => return Err(loud(error)),
        }
        tracing::info!(domain = self.domain_name(), ?defined, started = ?began.elapsed(), "guest started");
        // What is known for certain, so that the phase can be written at once; an event follows when it is not so.
        self.state = Some(Some(DomainState {
            state: State::Running,
            reason: Reason::Booted,
        }));
        self.reported = false;
        self.publish(
            EventType::Normal,
            "Created",
            "VirtualMachineInstance defined.",
        );
        self.publish(
            EventType::Normal,
            "Started",
            "VirtualMachineInstance started.",
        );
        Ok(())
    }

    /// Whether the guest runs under emulation.
    fn emulation(&self) -> Result<bool, Failure> {
        match &self.context.kvm {
            Kvm::Usable => Ok(false),
            Kvm::Unusable(_) if self.context.config.current().use_emulation => Ok(true),
            Kvm::Unusable(why) => Err(loud(format!(
                "node {} has no hardware virtualization: {why}; run the guest on another node, or set \
                 spec.configuration.developerConfiguration.useEmulation of the KubeVirt object to true",
                self.context.node
            ))),
        }
    }

    async fn report(&mut self) -> Result<(), Failure> {
        let (Some(instance), Some(domain)) = (self.instance.clone(), &self.domain) else {
            self.state = None;
            return Ok(());
        };
        let xml = domain.xml_description().await.map_err(loud)?;
        let live = LiveDomain::read(&xml).map_err(loud)?;
        let pod = self.inputs.borrow().pod.clone();
        let addresses = self
            .prepared
            .as_ref()
            .and_then(|prepared| prepared.interfaces.first())
            .map(|interface| interface.pod_ips.clone());
        let ephemeral =
            open_empty_dir(&self.context.kubelet_root, &pod.pod.uid, "ephemeral-disks").ok();
        let seen = status::Running {
            domain: &live,
            pod: &pod,
            addresses: addresses.as_deref().unwrap_or_default(),
            cloud_init_size: ephemeral
                .and_then(|ephemeral| cloud_init::size(&instance, &ephemeral)),
            paused: self.state.flatten().and_then(paused),
            now: now(),
        };
        self.write(|instance| status::running(instance, &seen))
            .await?;
        self.reported = true;
        self.told = None;
        Ok(())
    }

    async fn tell(&mut self) -> Result<(), Failure> {
        let Some(failure) = self.failure.clone() else {
            return Ok(());
        };
        let now = now();
        let written = self
            .write(|instance| status::troubled(instance, failure.reason, &failure.message, &now))
            .await;
        // Told or not, the cause is tried again; a condition that could not be written is not worth a storm of writes.
        self.told = Some(failure);
        written
    }

    fn begin_stop(&mut self) {
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
                "Deleted",
                "The guest is switched off: it has no grace period",
            );
        } else {
            let message = format!(
                "The guest is asked to shut down and has {} s for it",
                grace.as_secs()
            );
            self.publish(EventType::Normal, "ShuttingDown", &message);
        }
    }

    async fn signal(&mut self) -> Result<(), Failure> {
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

    async fn destroy(&mut self) -> Result<(), Failure> {
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

    async fn finish(&mut self) -> Result<(), Failure> {
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
            self.publish(kind, "Stopped", &end.message);
        }
        Ok(())
    }

    /// How the guest ended, by what is known.
    fn ending(&self, instance: &VirtualMachineInstance) -> Ending {
        let inputs = self.inputs.borrow();
        let asked = self.stopping.is_some();
        let known = match self.state.flatten() {
            Some(state) if domain_state(Some(state)) == Seen::Ended => {
                finish::Known::Domain { state, asked }
            }
            _ if inputs.over() => finish::Known::PodEnded {
                exit_code: inputs.pod.exit_code(),
                reason: inputs.pod.exit_reason(),
            },
            _ if instance.status.as_ref().is_some_and(|status| {
                status.phase == kubevirt_api::VirtualMachineInstancePhase::Running
            }) =>
            {
                finish::Known::Vanished
            }
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

    async fn exit(&mut self) -> Result<(), Failure> {
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

    /// Writes the instance's status, if that changes anything.
    async fn write(
        &mut self,
        change: impl Fn(&VirtualMachineInstance) -> VirtualMachineInstanceStatus,
    ) -> Result<(), Failure> {
        let Some(known) = self.instance.clone() else {
            return Ok(());
        };
        match writer::update(&self.api, &known, change).await {
            Ok(Written::Current(current)) => self.instance = Some(std::sync::Arc::new(*current)),
            Ok(Written::Gone) => self.instance_gone = true,
            Err(error) => return Err(quiet(error)),
        }
        Ok(())
    }
}

/// The reason and words of the condition Paused for a domain's state.
fn paused(state: DomainState) -> Option<(&'static str, &'static str)> {
    match (state.state, state.reason) {
        (State::Paused, Reason::IoError) => Some((
            "PausedIOError",
            "the guest was paused because a disk failed",
        )),
        (State::Paused, Reason::User | Reason::Unknown) => {
            Some(("PausedByUser", "the guest was paused by its user"))
        }
        // On the way to something else.
        _ => None,
    }
}

/// A failure that the user should know.
fn loud(error: impl ToString) -> Failure {
    Failure {
        reason: SYNC_FAILED,
        message: error.to_string(),
        tell: true,
    }
}

/// A failure that is only logged.
fn quiet(error: impl ToString) -> Failure {
    Failure {
        reason: SYNC_FAILED,
        message: error.to_string(),
        tell: false,
    }
}

/// Now, as objects have it: whole seconds.
fn now() -> Time {
    let now = Timestamp::now();
    Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
}
