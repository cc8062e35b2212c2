//! The task that owns one launcher pod: looks, asks the plan, takes the step, and looks again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::{Api, Resource};
use kubevirt_api::VirtualMachineInstance;
use kubevirt_domain::domain_name;
use kubevirt_libvirt::{Domain, DomainState};
use kubevirt_node::launcher::LauncherCommands;
use kubevirt_runtime::events::EventType;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Context;
use super::agent::AgentWatch;
use super::directory::Entry;
use super::facts::{Inputs, Known, instance_state, not_older};
use super::launcher::{self, News};
use super::link::Link;
use super::plan::{self, Instance, Launcher, Observed, Step, Stopping, plan};
use super::prepare::Prepared;
use crate::guest::{Facts, Guest, Shared};
use crate::streams::{Console, Screen};

mod listen;
mod steps;

/// The shortest and the longest pause after a step that failed.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(60));
/// A supervisor looks again after this time even when nothing tells it to.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// A step that failed, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    /// One word for the condition and the event.
    reason: &'static str,
    message: String,
    /// The user should know.
    tell: bool,
}

/// The connection to virt-launcher.
struct LauncherLink {
    commands: LauncherCommands,
    news: watch::Receiver<News>,
}

/// One launcher pod and its instance.
pub(super) struct Supervisor {
    context: Arc<Context>,
    api: Api<VirtualMachineInstance>,
    inputs: watch::Receiver<Inputs>,
    console: Arc<Console>,
    screen: Arc<Screen>,
    /// The newest instance known: from the watch, or from an answer to a write of ours.
    instance: Option<Arc<VirtualMachineInstance>>,
    /// The instance is gone.
    instance_gone: bool,
    launcher: Option<LauncherLink>,
    /// virt-launcher got SIGTERM.
    terminated: bool,
    /// The guest is to go down, as of the last look.
    was_down: bool,
    /// Ends of QEMU and libvirtd that were looked into.
    ended: u32,
    link: Option<Link>,
    domain: Option<Domain>,
    /// None until it was looked at; the inner None: there is no domain.
    state: Option<Option<DomainState>>,
    /// The guest ran when its state was known last, and nothing says that it does not.
    runs: bool,
    /// What is known of the guest's agent.
    agent: AgentWatch,
    /// The question to the agent that is under way.
    asking: Option<JoinHandle<Option<Facts>>>,
    /// What operations on the guest share with this task.
    shared: Arc<Shared>,
    prepared: Option<Prepared>,
    reported: bool,
    stopping: Option<Stopping>,
    failures: u32,
    retry_at: Option<Instant>,
    /// The failure that is to be told.
    failure: Option<Failure>,
    /// The failure that was told last.
    told: Option<Failure>,
    exit_told: bool,
}

impl Supervisor {
    pub(super) fn new(context: Arc<Context>, inputs: watch::Receiver<Inputs>) -> Self {
        let namespace = inputs.borrow().pod.namespace.clone();
        let api = Api::namespaced(context.client.clone(), &namespace);
        Self {
            context,
            api,
            inputs,
            console: Arc::default(),
            screen: Arc::default(),
            instance: None,
            instance_gone: false,
            launcher: None,
            terminated: false,
            was_down: false,
            ended: 0,
            link: None,
            domain: None,
            state: None,
            runs: false,
            agent: AgentWatch::default(),
            asking: None,
            shared: Arc::default(),
            prepared: None,
            reported: false,
            stopping: None,
            failures: 0,
            retry_at: None,
            failure: None,
            told: None,
            exit_told: false,
        }
    }

    /// Works until the pod is gone.
    pub(super) async fn run(mut self) {
        let pod_uid = self.inputs.borrow().pod.pod.uid.clone();
        let mut last = None;
        loop {
            self.take_inputs();
            self.attend_agent();
            self.turn();
            self.enter_directory();
            let seen = self.observe();
            let step = plan(&seen, Instant::now());
            if last != Some(step) {
                tracing::debug!(?step, domain = ?seen.domain, instance = ?seen.instance, "next step");
                last = Some(step);
            }
            match step {
                Step::Forget => break,
                Step::Wait(until) => self.wait(until).await,
                step => self.take(step).await,
            }
        }
        self.context.directory.remove(&pod_uid);
        tracing::info!("launcher pod is gone");
    }

    /// Takes over what the watches brought.
    fn take_inputs(&mut self) {
        let inputs = self.inputs.borrow_and_update();
        match &inputs.instance {
            Known::Unknown => {}
            Known::Gone => self.instance_gone = true,
            Known::Present(new) => {
                if self.instance.as_ref().is_none_or(|old| not_older(new, old)) {
                    self.instance = Some(new.clone());
                }
            }
        }
        drop(inputs);
        let Some(link) = &mut self.launcher else {
            return;
        };
        let news = *link.news.borrow_and_update();
        self.terminated |= news.terminated;
        if std::mem::replace(&mut self.ended, news.ended) != news.ended {
            self.state = None;
            self.reported = false;
        }
        if news.closed {
            self.launcher = None;
            self.forget_domain();
        }
    }

    /// When the wish turns from up to down, failures to come up do not delay the way down.
    fn turn(&mut self) {
        let down = self.observe().down();
        if down && !std::mem::replace(&mut self.was_down, down) {
            self.failures = 0;
            self.retry_at = None;
            self.failure = None;
        }
    }

    /// What the plan decides by.
    fn observe(&self) -> Observed {
        let inputs = self.inputs.borrow();
        let instance = match &self.instance {
            _ if self.instance_gone => Instance::Gone,
            Some(instance) => instance_state(instance, &self.context.node, &inputs.pod.pod.uid),
            None => Instance::Unknown,
        };
        Observed {
            pod: inputs.pod_state(),
            instance,
            launcher: if self.launcher.is_some() {
                Launcher::Connected
            } else {
                Launcher::Apart
            },
            terminated: self.terminated,
            prepared: self.prepared.as_ref().is_some_and(Prepared::serving),
            domain: self
                .state
                .map_or(plan::Domain::Unknown, super::link::domain_state),
            reported: self.reported,
            stopping: self.stopping,
            untold_failure: self.failure.is_some() && self.failure != self.told,
            retry_at: self.retry_at,
            exit_told: self.exit_told,
        }
    }

    /// The connection to libvirtd is gone, and with it what was known.
    fn forget_domain(&mut self) {
        self.link = None;
        self.domain = None;
        self.state = None;
        self.reported = false;
        self.agent.forget();
        self.asking = None;
        // The domain's note tells the next connection.
        self.shared.thaw.disarm();
    }

    /// Takes a step and remembers how it went.
    async fn take(&mut self, step: Step) {
        let level = self.observe().down();
        let news = self.launcher.as_ref().map(|link| link.news.clone());
        let stop = interrupted(self.inputs.clone(), news, level);
        // Writes are not interrupted: whether they took effect would be open.
        let result = match step {
            Step::Connect | Step::Prepare | Step::Start | Step::Look => {
                tokio::select! {
                    result = self.act(step) => result,
                    () = stop => {
                        tracing::debug!(?step, "interrupted");
                        return;
                    }
                }
            }
            step => self.act(step).await,
        };
        match result {
            Ok(()) => {
                // Connecting and looking succeed between two failures to start, too.
                if !matches!(step, Step::Connect | Step::Look | Step::Tell)
                    || self.failure.is_none()
                {
                    self.failures = 0;
                    self.retry_at = None;
                    self.failure = None;
                }
            }
            Err(failure) => self.failed(step, failure),
        }
    }

    /// Plans the next attempt after a failure.
    fn failed(&mut self, step: Step, failure: Failure) {
        let pause = RETRY
            .0
            .saturating_mul(1 << self.failures.min(9))
            .min(RETRY.1);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(Instant::now() + pause);
        tracing::warn!(?step, failure = failure.message, retry_in = ?pause, "step failed");
        if !failure.tell {
            return;
        }
        if self.told.as_ref() != Some(&failure) && self.failure.as_ref() != Some(&failure) {
            self.publish(EventType::Warning, failure.reason, &failure.message);
        }
        self.failure = Some(failure);
    }

    /// Tells an event of the instance.
    fn publish(&self, kind: EventType, reason: &str, message: &str) {
        if let Some(instance) = &self.instance {
            self.context
                .recorder
                .publish(&instance.object_ref(&()), kind, reason, message);
        }
    }

    /// The domain's name.
    fn domain_name(&self) -> String {
        let metadata = self.instance.as_ref().map(|instance| &instance.metadata);
        let inputs = self.inputs.borrow();
        let name = metadata
            .and_then(|metadata| metadata.name.as_deref())
            .unwrap_or(&inputs.pod.pod.owner_name);
        domain_name(&inputs.pod.namespace, name)
    }
}

/// Resolves when a step in progress is overtaken: somebody wants the guest down, or, when that was so already (`level`), the
/// pod's processes are gone.
async fn interrupted(
    mut inputs: watch::Receiver<Inputs>,
    news: Option<watch::Receiver<News>>,
    level: bool,
) {
    let api = async {
        let overtaken = |inputs: &Inputs| if level { inputs.over() } else { inputs.down() };
        if inputs.wait_for(overtaken).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let launcher = async {
        let Some(mut news) = news else {
            return std::future::pending().await;
        };
        let overtaken = |news: &News| news.closed || (news.terminated && !level);
        // A sender that is gone means the same as closed.
        let _ = news.wait_for(overtaken).await;
    };
    tokio::select! {
        () = api => {}
        () = launcher => {}
    }
}
