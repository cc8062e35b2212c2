//! The way up: the connections, the pod's disks and network, the domain.

use std::time::{Duration, Instant};

use kubevirt_api::names::reason;
use kubevirt_libvirt::{DomainState, Error as LibvirtError, Reason, State};
use kubevirt_node::launcher::{LauncherError, wait_and_connect};
use kubevirt_runtime::events::EventType;

use super::{loud, quiet};
use crate::kvm::Kvm;
use crate::vm::link::Link;
use crate::vm::supervisor::{Failure, LauncherLink, Supervisor, launcher};
use crate::vm::{adapter, prepare};

/// How long one wait for virt-launcher's socket lasts before the supervisor looks at everything again.
const CONNECT_WAIT: Duration = Duration::from_secs(60);

impl Supervisor {
    pub(super) async fn connect(&mut self) -> Result<(), Failure> {
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

    pub(super) async fn prepare(&mut self) -> Result<(), Failure> {
        let (Some(instance), Some(link)) = (self.instance.clone(), &self.launcher) else {
            return Ok(());
        };
        let commands = link.commands.clone();
        let pod_uid = self.inputs.borrow().pod.pod.uid.clone();
        // What served before ends first: its sockets have the same address.
        self.prepared = None;
        let prepared = prepare::prepare(&self.context, &instance, &pod_uid, &commands).await;
        self.prepared = Some(prepared.map_err(|error| Failure {
            reason: reason::SYNC_FAILED,
            message: error.to_string(),
            // A connection that broke is made again; the user need not know.
            tell: !matches!(error, prepare::Error::Launcher(LauncherError::Closed)),
        })?);
        tracing::debug!("pod prepared");
        Ok(())
    }

    pub(super) async fn look(&mut self) -> Result<(), Failure> {
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

    pub(super) async fn start(&mut self) -> Result<(), Failure> {
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
            reason::CREATED,
            "VirtualMachineInstance defined.",
        );
        self.publish(
            EventType::Normal,
            reason::STARTED,
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
}
