//! `virtctl wait`: waits until a machine is as it should be. Machine and instance are watched; only what no watch tells, the
//! guest's SSH server and the cause of a delay, is asked for now and then.

mod goal;
mod observe;
mod ssh;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use super::why::{self, Kind, State};
use crate::cli::Connection;
use crate::client::{self, Cluster};
use crate::subresource;
use goal::{Goal, Seen};

/// The pause between two looks for a cause.
const LOOK: Duration = Duration::from_secs(10);
/// The pause before the first look, and before a second opinion on a machine that will not come.
const SOON: Duration = Duration::from_secs(2);

/// `virtctl wait`.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Name of the VirtualMachine or VirtualMachineInstance; vm/NAME and vmi/NAME choose one of them.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What to wait for.
    #[arg(
        long = "for",
        value_enum,
        value_name = "STATE",
        default_value = "ready"
    )]
    pub(crate) goal: Goal,
    /// How long to wait at most, such as 90s, 5m or 1h30m.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = crate::duration::parse)]
    pub(crate) timeout: Duration,
    /// Port of the guest's SSH server, for --for=ssh.
    #[arg(long, default_value_t = 22, value_name = "PORT")]
    pub(crate) port: u16,
}

/// `virtctl wait NAME --for=STATE`.
pub(crate) async fn run(flags: &Connection, arguments: &Wait) -> anyhow::Result<()> {
    let (kind, name) = why::target(&arguments.name)?;
    let cluster = client::connect(flags).await?;
    let waited =
        tokio::time::timeout(arguments.timeout, until(&cluster, kind, name, arguments)).await;
    match waited {
        Ok(reached) => reached?,
        Err(_) => {
            let late = format!(
                "{name} {} within {}s",
                arguments.goal.missed(),
                arguments.timeout.as_secs()
            );
            match why::diagnose(&cluster, name, kind).await {
                Ok(diagnosis) => bail!("{late}\n{}", why::text(&diagnosis).trim_end()),
                Err(error) => bail!("{late}, and the cause cannot be read: {error:#}"),
            }
        }
    }
    println!("{name} {}", arguments.goal.reached());
    Ok(())
}

/// Returns when the goal is reached, and fails when it cannot be.
async fn until(cluster: &Cluster, kind: Kind, name: &str, arguments: &Wait) -> anyhow::Result<()> {
    let path = subresource::path(
        &cluster.namespace,
        "virtualmachineinstances",
        name,
        &format!("portforward/{}/tcp", arguments.port),
    )?;
    let goal = arguments.goal;
    let mut machine = observe::watch(cluster, name, "VirtualMachine");
    let mut instance = observe::watch(cluster, name, "VirtualMachineInstance");
    let mut answers = std::pin::pin!(ssh::answers(&cluster.client, &path));
    let mut look = std::pin::pin!(tokio::time::sleep(SOON));
    let mut seen = Seen::new(kind);
    let mut told = "";
    let mut hopeless = false;
    loop {
        tokio::select! {
            object = observe::next(&mut machine), if kind != Kind::Instance => seen.vm = Some(object?),
            object = observe::next(&mut instance) => seen.vmi = Some(object?),
            answered = &mut answers, if goal == Goal::Ssh && seen.is_running() => return answered,
            () = &mut look => {
                let diagnosis = why::diagnose(cluster, name, kind)
                    .await
                    .context("the machine's state cannot be read")?;
                let never = goal.never(diagnosis.state);
                if never && hopeless {
                    bail!("{name} {}\n{}", goal.missed(), why::text(&diagnosis).trim_end());
                }
                // A machine that has just been told to start may still look stopped: two looks decide.
                hopeless = never;
                if diagnosis.state == State::Blocked && diagnosis.cause != told {
                    eprintln!("waiting: {name} {}", diagnosis.summary);
                    told = diagnosis.cause;
                }
                let pause = if never { SOON } else { LOOK };
                look.as_mut().reset(tokio::time::Instant::now() + pause);
            }
        }
        if goal.is_reached(&seen) {
            return Ok(());
        }
    }
}
