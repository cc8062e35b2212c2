//! Starts a viewer, and starts it again after its stream broke.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::process::{Child, Command};

use super::proxy::{Event, Proxy};
use super::viewer::Viewer;
use crate::process;

/// How long a viewer may take to connect.
const CONNECT: Duration = Duration::from_secs(60);
/// How long a display may be away while servers restart.
const PATIENCE: Duration = Duration::from_secs(300);
/// A session that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(30);
/// How many sessions in a row may break early.
const BROKEN: u32 = 3;

/// How one run of the viewer ended.
enum Ended {
    /// The user closed it, or the machine stopped.
    Done,
    /// Its stream broke.
    Interrupted(String),
}

/// Runs the viewer until the user closes it or the machine stops.
///
/// # Errors
/// When the viewer cannot be started or does not connect, and when the display cannot be opened again.
pub(super) async fn run(proxy: &mut Proxy, viewer: &Viewer) -> anyhow::Result<()> {
    let mut broken = 0;
    loop {
        let started = Instant::now();
        let reason = match once(proxy, viewer, CONNECT).await? {
            Ended::Done => return Ok(()),
            Ended::Interrupted(reason) => reason,
        };
        broken = if started.elapsed() < GOOD {
            broken + 1
        } else {
            0
        };
        if broken >= BROKEN {
            bail!("the display was interrupted {BROKEN} times in a row: {reason}");
        }
        eprintln!("The display was interrupted: {reason}. The viewer is started again.");
        if let Some(reason) = proxy.reopen(Instant::now() + PATIENCE).await? {
            eprintln!("The display was closed: {reason}");
            return Ok(());
        }
    }
}

/// Starts the viewer once and serves it to its end.
async fn once(proxy: &mut Proxy, viewer: &Viewer, limit: Duration) -> anyhow::Result<Ended> {
    let mut command = Command::new(&viewer.program);
    command
        .args(viewer.arguments(proxy.port()))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut child = process::start(&mut command, "name another viewer with --vnc-path")?;
    let ended = serve(proxy, &mut child, viewer, limit).await;
    process::end(&mut child).await;
    ended
}

async fn serve(
    proxy: &mut Proxy,
    child: &mut Child,
    viewer: &Viewer,
    limit: Duration,
) -> anyhow::Result<Ended> {
    let program = viewer.program.display();
    let deadline = tokio::time::Instant::now() + limit;
    let (mut connected, mut runs) = (false, true);
    loop {
        // In this order: a viewer whose stream broke often ends at once.
        tokio::select! {
            biased;
            event = proxy.next() => match event? {
                Event::Connected => connected = true,
                Event::Left => {}
                Event::Interrupted(reason) => return Ok(Ended::Interrupted(reason)),
                Event::Stopped(reason) => {
                    eprintln!("The display was closed: {reason}");
                    return Ok(Ended::Done);
                }
                Event::Refused(error) => return Err(error.context("the display cannot be opened")),
            },
            status = child.wait(), if runs => {
                runs = false;
                let status = status?;
                if !connected && !status.success() {
                    bail!("{program} ended without connecting: {status}");
                }
            }
            () = tokio::time::sleep_until(deadline), if !connected => {
                bail!("{program} did not connect within {}s", limit.as_secs());
            }
        }
        // Some viewers go on in another process.
        if connected && !runs && proxy.viewers() == 0 {
            return Ok(Ended::Done);
        }
    }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;
