//! Child processes of our own and those that were orphaned to us. One place reaps them all, so that a thread that waits for
//! its child and the loop that reaps never take each other's.

use std::collections::HashMap;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, kill_process, set_child_subreaper, wait,
};

/// More of an error output is dropped.
const ERROR_LIMIT: u64 = 4096;

/// A child that has exited and was reaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) pid: i32,
    /// The exit status, or 128 + N after signal N.
    pub(crate) status: i32,
}

/// Shared between the loop and the thread that prepares disks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Children(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Children that a thread waits for: `None` while they run.
    waited: Mutex<HashMap<i32, Option<i32>>>,
    changed: Condvar,
}

impl Children {
    /// Makes this process the one that orphans beneath it are given to; the first process of a PID namespace is it anyway.
    pub(crate) fn adopt_orphans() -> io::Result<()> {
        set_child_subreaper(Some(rustix::process::getpid())).map_err(io::Error::from)
    }

    /// Starts a child whose end [`Self::reap`] tells.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<i32> {
        let child = command.spawn()?;
        // Never larger than a pid_t.
        i32::try_from(child.id()).map_err(io::Error::other)
    }

    /// Runs a child to its end. Another thread must call [`Self::reap`] at SIGCHLD. Gives the exit status and what it wrote
    /// to its standard error.
    pub(crate) fn run(&self, command: &mut Command, limit: Duration) -> io::Result<(i32, String)> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        let (mut child, pid) = {
            // Under the lock: it cannot be reaped before it is known.
            let mut waited = self.lock();
            let child = command.spawn()?;
            let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
            waited.insert(pid, None);
            (child, pid)
        };
        let stderr = child.stderr.take();
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut stderr) = stderr {
                // What could not be read is missing from a message, no more; the rest is read so that it does not block.
                let _ = stderr.by_ref().take(ERROR_LIMIT).read_to_end(&mut text);
                let _ = io::copy(&mut stderr, &mut io::sink());
            }
            String::from_utf8_lossy(&text).trim().to_owned()
        });
        let status = self.wait(pid, limit)?;
        Ok((status, reader.join().unwrap_or_default()))
    }

    fn wait(&self, pid: i32, limit: Duration) -> io::Result<i32> {
        let deadline = Instant::now() + limit;
        let mut waited = self.lock();
        loop {
            if let Some(Some(status)) = waited.get(&pid).copied() {
                waited.remove(&pid);
                return Ok(status);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                waited.remove(&pid);
                signal(pid, Signal::KILL);
                return Err(io::ErrorKind::TimedOut.into());
            }
            let result = self.0.changed.wait_timeout(waited, left);
            waited = result.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Reaps all children that have exited; those that a thread waits for are told to it.
    pub(crate) fn reap(&self) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut waited = self.lock();
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_nonzero().get();
            let status = status_of(status);
            match waited.get_mut(&pid) {
                Some(slot) => *slot = Some(status),
                None => exits.push(Exit { pid, status }),
            }
        }
        drop(waited);
        self.0.changed.notify_all();
        exits
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i32, Option<i32>>> {
        self.0.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a signal to a process; one that is gone is fine.
pub(crate) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid).filter(|pid| pid.as_raw_nonzero().get() > 1)
        && let Err(errno) = kill_process(pid, signal)
        && errno != rustix::io::Errno::SRCH
    {
        eprintln!("virt-launcher: cannot send signal {signal:?} to process {pid:?}: {errno}");
    }
}

pub(crate) fn status_of(status: WaitStatus) -> i32 {
    status
        .exit_status()
        .or_else(|| status.terminating_signal().map(|signal| 128 + signal))
        .unwrap_or(255)
}
