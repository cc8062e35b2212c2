//! libvirt's event loop, one per process, on a thread of its own.

use std::ffi::c_void;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use virt_sys as sys;

use crate::decode::last_error;
use crate::library::{self, Library};
use crate::{Error, limits};

static STARTED: OnceLock<Result<&'static Library, Error>> = OnceLock::new();

/// Loads and starts the library and its event loop unless that was done. Must precede the first open: connections made
/// before have neither events nor keep-alive.
pub(crate) fn start() -> Result<&'static Library, Error> {
    STARTED.get_or_init(initialise).clone()
}

fn initialise() -> Result<&'static Library, Error> {
    let library = library::load()?;
    // SAFETY: the handler is a function of the required signature that lives as long as the program.
    unsafe { library.virSetErrorFunc(std::ptr::null_mut(), Some(discard)) };
    // SAFETY: no argument; may be called from any thread.
    if unsafe { library.virInitialize() } < 0 {
        return Err(last_error(library, "virInitialize", || true));
    }
    // SAFETY: no argument; called once (OnceLock) and before any connection exists.
    if unsafe { library.virEventRegisterDefaultImpl() } < 0 {
        return Err(last_error(library, "virEventRegisterDefaultImpl", || true));
    }
    thread::Builder::new()
        .name("libvirt-events".into())
        .stack_size(limits::THREAD_STACK)
        .spawn(move || run(library))
        .map(|_| library)
        .map_err(|error| Error::Resources {
            what: "libvirt's event thread",
            reason: error.to_string(),
        })
}

fn run(library: &Library) {
    loop {
        // SAFETY: no argument; only this thread runs the loop, after its registration.
        if unsafe { library.virEventRunDefaultImpl() } < 0 {
            let error = last_error(library, "virEventRunDefaultImpl", || true);
            tracing::error!(%error, "libvirt's event loop failed, going on in a second");
            thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Keeps libvirt from printing errors on stderr: each is returned to the caller.
unsafe extern "C" fn discard(_user_data: *mut c_void, _error: sys::virErrorPtr) {}
