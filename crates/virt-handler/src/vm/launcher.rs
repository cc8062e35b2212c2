//! Listening to virt-launcher, in a task of its own: SIGTERM has to be answered within 2 s, whatever the supervisor does.

use kubevirt_node::launcher::{LauncherConnection, LauncherEvent};
use tokio::sync::watch;

/// What virt-launcher has said so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// kubelet wants the pod gone.
    pub(super) terminated: bool,
    /// Counts ends of QEMU and libvirtd; each is a reason to look.
    pub(super) ended: u32,
    /// The connection is over.
    pub(super) closed: bool,
}

/// Listens until the connection ends, or nobody wants the news.
pub(super) fn listen(mut connection: LauncherConnection) -> watch::Receiver<News> {
    let (sender, receiver) = watch::channel(News::default());
    tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                event = connection.next_event() => event,
                () = sender.closed() => return,
            };
            tracing::debug!(?event, "virt-launcher");
            match event {
                Some(LauncherEvent::Sigterm) => {
                    sender.send_modify(|news| news.terminated = true);
                    if let Err(error) = connection.commands().handling().await {
                        tracing::warn!(%error, "virt-launcher does not hear that its SIGTERM is handled");
                    }
                }
                Some(LauncherEvent::QemuExited { .. } | LauncherEvent::LibvirtdExited { .. }) => {
                    sender.send_modify(|news| news.ended = news.ended.wrapping_add(1));
                }
                None => {
                    sender.send_modify(|news| news.closed = true);
                    return;
                }
            }
        }
    });
    receiver
}
