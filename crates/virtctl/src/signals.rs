//! The signals that ask the program to end, for commands that have to clean up first.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGHUP and SIGINT. From its making on they do not end the program by themselves.
pub(crate) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn catch() -> anyhow::Result<Self> {
        let catch = |kind| signal(kind).context("cannot catch signals");
        Ok(Self {
            terminate: catch(SignalKind::terminate())?,
            hang_up: catch(SignalKind::hangup())?,
            interrupt: catch(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them; the error to end with.
    pub(crate) async fn received(&mut self) -> anyhow::Error {
        tokio::select! {
            _ = self.interrupt.recv() => ended("SIGINT"),
            _ = self.hang_up.recv() => ended("SIGHUP"),
            _ = self.terminate.recv() => ended("SIGTERM"),
        }
    }

    /// Waits for one that is not an interrupt from the keyboard, for while another program has the terminal.
    pub(crate) async fn terminated(&mut self) -> anyhow::Error {
        tokio::select! {
            _ = self.hang_up.recv() => ended("SIGHUP"),
            _ = self.terminate.recv() => ended("SIGTERM"),
        }
    }
}

fn ended(signal: &str) -> anyhow::Error {
    anyhow::anyhow!("ended by {signal}")
}
