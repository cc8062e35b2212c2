//! The end of the process: SIGTERM and SIGINT as a token.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGTERM or SIGINT. A second signal ends the process at once with status 130,
/// so that a shutdown that hangs can be cut short.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn token() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        let mut first = true;
        loop {
            let name = tokio::select! {
                received = terminate.recv() => received.map(|()| "SIGTERM"),
                received = interrupt.recv() => received.map(|()| "SIGINT"),
            };
            let Some(name) = name else { return };
            if !first {
                tracing::warn!(signal = name, "second signal, leaving without waiting");
                std::process::exit(130);
            }
            first = false;
            tracing::info!(signal = name, "shutting down");
            cancel.cancel();
        }
    });
    Ok(token)
}
