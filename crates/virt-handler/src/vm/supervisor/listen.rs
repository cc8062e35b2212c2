//! What a supervisor hears while it waits, what it asks the guest's agent, and what it shows to those who serve requests.

use std::time::Instant;

use kubevirt_api::VirtualMachineInstance;
use kubevirt_libvirt::{Domain, Event, State, limits};

use super::{Entry, Guest, LOOK_AGAIN, Supervisor, plan};
use crate::guest::{facts, words};
use crate::vm::link::domain_state;

impl Supervisor {
    /// Shows those who serve requests what there is.
    pub(super) fn enter_directory(&mut self) {
        match self.state {
            Some(state) => self.runs = domain_state(state) == plan::Domain::Active,
            // An event came and is not looked into yet: a matter of milliseconds.
            None => self.runs &= self.domain.is_some(),
        }
        let Some(instance) = &self.instance else {
            return;
        };
        let guest = self.domain.clone().map(|domain| Guest {
            domain,
            instance: instance.clone(),
            stopping: self.was_down || self.stopping.is_some(),
            agent: self.agent.listens(),
            shared: self.shared.clone(),
        });
        let inputs = self.inputs.borrow();
        let metadata = &instance.metadata;
        self.context.directory.put(Entry {
            namespace: metadata.namespace.clone().unwrap_or_default(),
            name: metadata.name.clone().unwrap_or_default(),
            pod_uid: inputs.pod.pod.uid.clone(),
            instance_uid: metadata.uid.clone().unwrap_or_default(),
            running: self.runs,
            serial: instance.spec.domain.devices.autoattach_serial_console != Some(false),
            graphics: instance.spec.domain.devices.autoattach_graphics_device != Some(false),
            moves: moves(instance, &self.context.node),
            console: self.console.clone(),
            screen: self.screen.clone(),
            guest,
        });
    }

    /// Asks the guest's agent when it is time, and has the status say what is new.
    pub(super) fn attend_agent(&mut self) {
        let now = Instant::now();
        if self.agent.ask_now(now) {
            let paused = matches!(self.state, Some(Some(state)) if state.state == State::Paused);
            let turn = self.shared.agent.turn_now();
            match (&self.domain, turn) {
                // A paused guest answers nobody.
                (Some(domain), Some(turn)) if !paused && self.asking.is_none() => {
                    let domain = domain.clone();
                    self.asking = Some(tokio::spawn(async move {
                        let said = ask(&domain).await;
                        drop(turn);
                        said
                    }));
                }
                _ => self.agent.busy(now),
            }
        }
        if self.agent.show(now) {
            self.reported = false;
        }
    }

    /// Waits for news, at most until `until`.
    pub(super) async fn wait(&mut self, until: Option<Instant>) {
        let until = until.unwrap_or_else(|| Instant::now() + LOOK_AGAIN);
        let until = self.agent.due().map_or(until, |due| due.min(until));
        let launcher = async {
            match &mut self.launcher {
                // The sender lives as long as the connection; its end is news, too.
                Some(link) => drop(link.news.changed().await),
                None => std::future::pending().await,
            }
        };
        let event = async {
            match &mut self.link {
                Some(link) => link.events.recv().await,
                None => std::future::pending().await,
            }
        };
        let answer = async {
            match &mut self.asking {
                // A task that failed is an agent that did not answer.
                Some(asking) => asking.await.ok().flatten(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.inputs.changed() => if changed.is_err() {
                // The dispatcher ended: so does the process.
                std::future::pending::<()>().await;
            },
            () = launcher => {}
            event = event => self.heard(event.as_ref()),
            facts = answer => {
                self.asking = None;
                self.agent.answered(facts);
            }
            () = tokio::time::sleep_until(until.into()) => {}
        }
    }

    /// An event of libvirt: whatever it says, look again. Its words are those of the pod.
    fn heard(&mut self, event: Option<&Event>) {
        tracing::debug!(?event, "libvirt");
        match event {
            None | Some(Event::Closed(_)) => self.forget_domain(),
            Some(Event::AgentLifecycle { connected, .. }) => {
                self.agent.heard(*connected, Instant::now());
            }
            Some(Event::Reboot { .. }) => {}
            Some(_) => {
                self.state = None;
                self.reported = false;
            }
        }
    }
}

/// Whether the instance leaves `node` for another one, or has done so.
fn moves(instance: &VirtualMachineInstance, node: &str) -> bool {
    let status = instance.status.as_ref();
    let Some(state) = status.and_then(|status| status.migration_state.as_ref()) else {
        return false;
    };
    let there = state.target_node.as_deref().unwrap_or_default();
    state.source_node.as_deref() == Some(node)
        && !there.is_empty()
        && there != node
        && state.failed != Some(true)
}

/// What the agent says; None when it does not answer.
async fn ask(domain: &Domain) -> Option<crate::guest::Facts> {
    let asked = async {
        domain
            .set_agent_response_timeout(limits::AGENT_WAKE_SECONDS)
            .await?;
        facts(domain).await
    };
    match asked.await {
        Ok(facts) => facts,
        Err(error) => {
            tracing::debug!(
                error = words::message(&error),
                "the guest agent does not answer"
            );
            None
        }
    }
}
