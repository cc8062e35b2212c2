//! What is written to the API while the guest runs or cannot be brought up.

use std::sync::Arc;
use std::time::Instant;

use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceStatus};
use kubevirt_domain::LiveDomain;
use kubevirt_libvirt::{DomainState, Reason, State};
use kubevirt_node::launcher::open_empty_dir;

use super::{loud, now, quiet};
use crate::vm::supervisor::{Failure, Supervisor};
use crate::vm::writer::{self, Written};
use crate::vm::{cloud_init, status};

impl Supervisor {
    pub(super) async fn report(&mut self) -> Result<(), Failure> {
        let (Some(instance), Some(domain)) = (self.instance.clone(), &self.domain) else {
            self.state = None;
            return Ok(());
        };
        let xml = domain.xml_description().await.map_err(loud)?;
        let live = LiveDomain::read(&xml).map_err(loud)?;
        if let Some(at) = live.thaw_at {
            self.shared.thaw.arm_if_idle(&self.shared, domain, at);
        }
        let seen_at = Instant::now();
        self.agent.heard(live.agent, seen_at);
        self.agent.show(seen_at);
        let pod = self.inputs.borrow().pod.clone();
        let addresses = self
            .prepared
            .as_ref()
            .and_then(|prepared| prepared.interfaces.first())
            .map(|interface| interface.pod_ips.clone());
        let ephemeral =
            open_empty_dir(&self.context.kubelet_root, &pod.pod.uid, "ephemeral-disks").ok();
        let paused = self.state.flatten().and_then(paused);
        let seen = status::Running {
            agent: self.agent.shown().clone(),
            domain: &live,
            pod: &pod,
            addresses: addresses.as_deref().unwrap_or_default(),
            cloud_init_size: ephemeral
                .and_then(|ephemeral| cloud_init::size(&instance, &ephemeral)),
            paused,
            now: now(),
        };
        self.write(|instance| status::running(instance, &seen))
            .await?;
        self.shared.told_paused.send_replace(paused.is_some());
        self.reported = true;
        self.told = None;
        Ok(())
    }

    pub(super) async fn tell(&mut self) -> Result<(), Failure> {
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

    /// Writes the instance's status, if that changes anything.
    pub(super) async fn write(
        &mut self,
        change: impl Fn(&VirtualMachineInstance) -> VirtualMachineInstanceStatus,
    ) -> Result<(), Failure> {
        let Some(known) = self.instance.clone() else {
            return Ok(());
        };
        match writer::update(&self.api, &known, change).await {
            Ok(Written::Current(current)) => self.instance = Some(Arc::new(*current)),
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
            reason::PAUSED_IO_ERROR,
            "the guest was paused because a disk failed",
        )),
        (State::Paused, Reason::User | Reason::Unknown) => {
            Some((reason::PAUSED_BY_USER, "the guest was paused by its user"))
        }
        // On the way to something else.
        _ => None,
    }
}
