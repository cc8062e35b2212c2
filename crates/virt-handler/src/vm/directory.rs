//! The virtual machines of this node by name, for whoever serves what virt-api asks for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kubevirt_node::launcher::open_empty_dir;
use kubevirt_node::paths::{Beneath, Owner};
use kubevirt_node::peer::Peer;
use tokio::net::UnixStream;

use crate::guest::Guest;
use crate::operations::Refusal;
use crate::streams::{Console, DialError, Fate, Guests, Port, Screen};

/// What the console server needs to know of one virtual machine.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) pod_uid: String,
    pub(crate) instance_uid: String,
    /// The guest runs.
    pub(crate) running: bool,
    /// It has a serial port.
    pub(crate) serial: bool,
    /// It has a display.
    pub(crate) graphics: bool,
    /// It leaves this node, or has left it.
    pub(crate) moves: bool,
    pub(crate) console: Arc<Console>,
    pub(crate) screen: Arc<Screen>,
    /// What operations work with, as long as the guest runs.
    pub(crate) guest: Option<Guest>,
}

/// All virtual machines of this node, by the UID of their pod.
pub(crate) struct Directory {
    kubelet_root: PathBuf,
    entries: Mutex<HashMap<String, Entry>>,
}

impl Directory {
    /// An empty directory; `kubelet_root` is where the pods' files are.
    pub(crate) fn new(kubelet_root: PathBuf) -> Self {
        Self {
            kubelet_root,
            entries: Mutex::default(),
        }
    }

    /// Enters or changes a virtual machine.
    pub(super) fn put(&self, entry: Entry) {
        self.lock().insert(entry.pod_uid.clone(), entry);
    }

    /// Takes one out.
    pub(super) fn remove(&self, pod_uid: &str) {
        self.lock().remove(pod_uid);
    }

    /// How many guests run.
    pub(crate) fn running(&self) -> usize {
        self.lock().values().filter(|entry| entry.running).count()
    }

    /// A guest that runs, for an operation on it.
    pub(crate) fn guest(&self, namespace: &str, name: &str) -> Result<Guest, Refusal> {
        let entry = self
            .named(namespace, name)
            .ok_or_else(|| Refusal::NotHere {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            })?;
        entry
            .guest
            .filter(|_| entry.running)
            .ok_or_else(|| Refusal::NotRunning {
                name: name.to_owned(),
            })
    }

    /// The entry of a name: of several, the one that runs.
    fn named(&self, namespace: &str, name: &str) -> Option<Entry> {
        let entries = self.lock();
        let named = || {
            entries
                .values()
                .filter(|entry| entry.namespace == namespace && entry.name == name)
        };
        let running = named().find(|entry| entry.running);
        running.or_else(|| named().next()).cloned()
    }

    /// The entry of a running virtual machine that has `port`.
    fn usable(&self, namespace: &str, name: &str, port: Port) -> Result<Entry, DialError> {
        let found = self.named(namespace, name);
        let entry = found.ok_or_else(|| DialError::NotHere {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })?;
        let there = match port {
            Port::Serial => entry.serial,
            Port::Display => entry.graphics,
        };
        let name = name.to_owned();
        match (there, entry.running) {
            (false, _) => Err(DialError::Without { name, port }),
            (true, false) => Err(DialError::NotRunning { name }),
            (true, true) => Ok(entry),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guests for Directory {
    fn console(&self, namespace: &str, name: &str) -> Result<Arc<Console>, DialError> {
        let entry = self.usable(namespace, name, Port::Serial)?;
        Ok(entry.console)
    }

    fn screen(&self, namespace: &str, name: &str) -> Result<Arc<Screen>, DialError> {
        let entry = self.usable(namespace, name, Port::Display)?;
        Ok(entry.screen)
    }

    async fn dial(&self, namespace: &str, name: &str, port: Port) -> Result<UnixStream, DialError> {
        let entry = self.usable(namespace, name, port)?;
        let unreachable = |text: String| DialError::Unreachable {
            name: name.to_owned(),
            port,
            text,
        };
        let private = open_empty_dir(&self.kubelet_root, &entry.pod_uid, "private")
            .map_err(|error| unreachable(error.to_string()))?;
        let stream = connect(&private, &entry, port).map_err(unreachable)?;
        UnixStream::from_std(stream).map_err(|error| unreachable(error.to_string()))
    }

    fn fate(&self, namespace: &str, name: &str) -> Fate {
        match self.named(namespace, name) {
            Some(entry) if entry.moves => Fate::Migrated,
            Some(entry) if entry.running => Fate::Runs,
            _ => Fate::Stopped,
        }
    }
}

/// Connects to a socket of the guest and makes sure that the pod's QEMU (or the libvirtd that made its socket) listens there.
fn connect(
    private: &Beneath,
    entry: &Entry,
    port: Port,
) -> Result<std::os::unix::net::UnixStream, String> {
    let path = std::path::Path::new(&entry.instance_uid).join(port.socket());
    let stream = private
        .connect_unix(&path)
        .map_err(|error| error.to_string())?;
    let shown = format!("the socket of the {}", port.shown());
    let peer = Peer::of_pod(&stream, &entry.pod_uid, &shown).map_err(|error| error.to_string())?;
    if peer.uid() != Owner::QEMU.uid {
        return Err(format!(
            "{shown} belongs to user {}, not to {}; it is not used",
            peer.uid(),
            Owner::QEMU.uid
        ));
    }
    Ok(stream)
}
