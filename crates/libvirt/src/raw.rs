//! A libvirt connection as C sees it. Every function here may block.

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use virt_sys as sys;

use crate::decode::last_error;
use crate::event::{CloseReason, Event, LifecycleKind};
use crate::library::{self, Library};
use crate::message::DomainReference;
use crate::queue::EventQueue;
use crate::raw_domain::{self, RawDomain};
use crate::text::{release, to_c};
use crate::{Error, event_loop, limits};

/// An open connection with its callbacks; dropping it closes it, which may block.
pub(crate) struct RawConnection {
    library: &'static Library,
    pointer: NonNull<sys::virConnect>,
    callbacks: Vec<c_int>,
    close_callback: bool,
}

// SAFETY: libvirt's connection objects are reference-counted and locked inside; any thread may use them, several at once.
unsafe impl Send for RawConnection {}
// SAFETY: as above.
unsafe impl Sync for RawConnection {}

impl RawConnection {
    /// Connects, and has the connection's events put into `events`.
    pub(crate) fn open(uri: &str, events: &Arc<EventQueue>) -> Result<Self, Error> {
        let library = event_loop::start()?;
        let uri = to_c("libvirt URI", uri, limits::MESSAGE_BYTES)?;
        // SAFETY: a NUL-terminated string that outlives the call.
        let pointer = unsafe { library.virConnectOpen(uri.as_ptr()) };
        // Whatever goes wrong while opening, there is no connection afterwards.
        let pointer =
            NonNull::new(pointer).ok_or_else(|| last_error(library, "virConnectOpen", || false))?;
        let mut connection = Self {
            library,
            pointer,
            callbacks: Vec::new(),
            close_callback: false,
        };
        // Drivers without a peer (libvirt's test driver) have no keep-alive; failure leaves an end of file as the sign.
        // SAFETY: an open connection.
        if unsafe {
            library.virConnectSetKeepAlive(
                pointer.as_ptr(),
                limits::KEEP_ALIVE_SECONDS,
                limits::KEEP_ALIVE_COUNT,
            )
        } < 0
        {
            let error = last_error(library, "virConnectSetKeepAlive", || true);
            tracing::debug!(%error, "libvirt connection without keep-alive");
        }
        connection.register_close(events);
        connection.register_events(events)?;
        Ok(connection)
    }

    /// libvirt's functions.
    pub(crate) fn library(&self) -> &'static Library {
        self.library
    }

    /// The connection as libvirt's functions take it, valid as long as this value lives.
    pub(crate) fn as_ptr(&self) -> sys::virConnectPtr {
        self.pointer.as_ptr()
    }

    /// True while the peer is there as far as this side knows.
    pub(crate) fn alive(&self) -> bool {
        // SAFETY: an open connection; looks at local state only.
        unsafe { self.library.virConnectIsAlive(self.pointer.as_ptr()) != 0 }
    }

    /// The last error of this thread, for a call on this connection.
    pub(crate) fn error(&self, call: &'static str) -> Error {
        last_error(self.library, call, || self.alive())
    }

    /// Takes over a domain pointer that a call returned.
    fn domain(
        &self,
        call: &'static str,
        pointer: sys::virDomainPtr,
    ) -> Result<RawDomain<'_>, Error> {
        // SAFETY: fresh from libvirt, with a reference that is ours; it belongs to this connection.
        unsafe { RawDomain::new(self, pointer) }.ok_or_else(|| self.error(call))
    }

    /// Stores a domain's configuration, on demand after checking it against libvirt's schema.
    pub(crate) fn define(&self, xml: &str, validate: bool) -> Result<RawDomain<'_>, Error> {
        let xml = to_c("domain XML", xml, limits::DOCUMENT_BYTES)?;
        let flags = if validate {
            sys::VIR_DOMAIN_DEFINE_VALIDATE
        } else {
            0
        };
        // SAFETY: an open connection and a string that outlives the call.
        let pointer = unsafe {
            self.library
                .virDomainDefineXMLFlags(self.pointer.as_ptr(), xml.as_ptr(), flags)
        };
        self.domain("virDomainDefineXMLFlags", pointer)
    }

    /// Starts a domain without storing its configuration.
    pub(crate) fn create(&self, xml: &str, paused: bool) -> Result<RawDomain<'_>, Error> {
        let xml = to_c("domain XML", xml, limits::DOCUMENT_BYTES)?;
        let flags = if paused {
            sys::VIR_DOMAIN_START_PAUSED
        } else {
            0
        };
        // SAFETY: an open connection and a string that outlives the call.
        let pointer = unsafe {
            self.library
                .virDomainCreateXML(self.pointer.as_ptr(), xml.as_ptr(), flags)
        };
        self.domain("virDomainCreateXML", pointer)
    }

    /// Finds a domain by name.
    pub(crate) fn by_name(&self, name: &str) -> Result<RawDomain<'_>, Error> {
        let name = to_c("domain name", name, limits::NAME_BYTES)?;
        // SAFETY: an open connection and a string that outlives the call.
        let pointer = unsafe {
            self.library
                .virDomainLookupByName(self.pointer.as_ptr(), name.as_ptr())
        };
        self.domain("virDomainLookupByName", pointer)
    }

    /// Finds a domain by UUID.
    pub(crate) fn by_uuid(&self, uuid: &str) -> Result<RawDomain<'_>, Error> {
        let uuid = to_c("domain UUID", uuid, limits::NAME_BYTES)?;
        // SAFETY: an open connection and a string that outlives the call.
        let pointer = unsafe {
            self.library
                .virDomainLookupByUUIDString(self.pointer.as_ptr(), uuid.as_ptr())
        };
        self.domain("virDomainLookupByUUIDString", pointer)
    }

    /// All domains, at most [`limits::LISTED_DOMAINS`].
    pub(crate) fn list(&self) -> Result<Vec<DomainReference>, Error> {
        let mut array: *mut sys::virDomainPtr = ptr::null_mut();
        // SAFETY: an open connection and a place for the array's address.
        let count = unsafe {
            self.library
                .virConnectListAllDomains(self.pointer.as_ptr(), &mut array, 0)
        };
        let count = usize::try_from(count).map_err(|_| self.error("virConnectListAllDomains"))?;
        let mut domains = Vec::new();
        for index in 0..count {
            // SAFETY: libvirt filled `count` elements, each with a reference that is ours.
            if let Some(domain) = unsafe { RawDomain::new(self, *array.add(index)) }
                && domains.len() < limits::LISTED_DOMAINS
            {
                domains.push(domain.reference());
            }
        }
        // SAFETY: the array is ours to release; its elements were released above.
        unsafe { release(array) };
        Ok(domains)
    }

    fn register_close(&mut self, events: &Arc<EventQueue>) {
        let opaque = Arc::into_raw(Arc::clone(events))
            .cast_mut()
            .cast::<c_void>();
        // SAFETY: an open connection; `opaque` owns one reference of the queue, which `forget_queue` gives back.
        let result = unsafe {
            self.library.virConnectRegisterCloseCallback(
                self.pointer.as_ptr(),
                Some(on_close),
                opaque,
                Some(forget_queue),
            )
        };
        if result < 0 {
            // SAFETY: not registered, so libvirt will not give the reference back; it is the one made above.
            unsafe { forget_queue(opaque) };
            let error = last_error(self.library, "virConnectRegisterCloseCallback", || true);
            tracing::debug!(%error, "libvirt connection without notice of its end");
        } else {
            self.close_callback = true;
        }
    }

    fn register_events(&mut self, events: &Arc<EventQueue>) -> Result<(), Error> {
        type Generic = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void);
        // SAFETY: libvirt takes each callback as the generic type and calls it with the arguments that belong to the
        // event's number; each function below has exactly those (virConnectDomainEvent*Callback).
        let (lifecycle, agent) = unsafe {
            (
                std::mem::transmute::<*const (), Generic>(on_lifecycle as *const ()),
                std::mem::transmute::<*const (), Generic>(on_agent as *const ()),
            )
        };
        self.register(events, sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle)?;
        self.register(events, sys::VIR_DOMAIN_EVENT_ID_REBOOT, on_reboot)?;
        match self.register(events, sys::VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, agent) {
            Err(Error::NoSupport(_)) => Ok(()),
            other => other,
        }
    }

    fn register(
        &mut self,
        events: &Arc<EventQueue>,
        event: sys::virDomainEventID,
        callback: unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void),
    ) -> Result<(), Error> {
        let opaque = Arc::into_raw(Arc::clone(events))
            .cast_mut()
            .cast::<c_void>();
        // SAFETY: an open connection; no particular domain; `opaque` owns one reference of the queue, which
        // `forget_queue` gives back when libvirt drops the callback.
        let identifier = unsafe {
            self.library.virConnectDomainEventRegisterAny(
                self.pointer.as_ptr(),
                ptr::null_mut(),
                event.cast_signed(),
                Some(callback),
                opaque,
                Some(forget_queue),
            )
        };
        if identifier < 0 {
            let error = self.error("virConnectDomainEventRegisterAny");
            // SAFETY: not registered, so libvirt will not give the reference back; it is the one made above.
            unsafe { forget_queue(opaque) };
            return Err(error);
        }
        self.callbacks.push(identifier);
        Ok(())
    }
}

impl Drop for RawConnection {
    fn drop(&mut self) {
        // Callbacks hold references of the connection, so they go first. Errors are of no interest: the connection
        // ends either way.
        for &identifier in &self.callbacks {
            // SAFETY: an open connection and the number of a callback registered on it, removed once.
            unsafe {
                self.library
                    .virConnectDomainEventDeregisterAny(self.pointer.as_ptr(), identifier)
            };
        }
        if self.close_callback {
            // SAFETY: an open connection and the callback that is registered on it.
            unsafe {
                self.library
                    .virConnectUnregisterCloseCallback(self.pointer.as_ptr(), Some(on_close))
            };
        }
        // SAFETY: our reference, given up once; nothing uses the pointer afterwards.
        unsafe { self.library.virConnectClose(self.pointer.as_ptr()) };
    }
}

/// Gives back the reference of the queue that a registered callback owned.
unsafe extern "C" fn forget_queue(opaque: *mut c_void) {
    // SAFETY: `opaque` comes from Arc::into_raw of this type and is given back once per registration.
    drop(unsafe { Arc::from_raw(opaque.cast::<EventQueue>()) });
}

/// The queue behind a callback's `opaque`.
///
/// # Safety
/// `opaque` is the pointer that was registered with the callback now running.
unsafe fn queue<'a>(opaque: *mut c_void) -> &'a EventQueue {
    // SAFETY: libvirt keeps the registration's reference until after the callback.
    unsafe { &*opaque.cast::<EventQueue>() }
}

/// Name and UUID of the domain that libvirt lends a callback.
///
/// # Safety
/// `domain` is a valid domain.
unsafe fn lent(domain: sys::virDomainPtr) -> DomainReference {
    // The library is loaded: it calls.
    match library::load() {
        // SAFETY: by this function's contract.
        Ok(library) => unsafe { raw_domain::reference(library, domain) },
        Err(_) => DomainReference::default(),
    }
}

unsafe extern "C" fn on_close(_connection: sys::virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: registered with a queue.
    unsafe { queue(opaque) }.close(CloseReason::from_raw(reason));
}

unsafe extern "C" fn on_lifecycle(
    _connection: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: libvirt lends the domain for the callback.
    let DomainReference { name, uuid } = unsafe { lent(domain) };
    let (kind, detail) = LifecycleKind::from_raw(event, detail);
    // SAFETY: registered with a queue.
    unsafe { queue(opaque) }.push(&Event::Lifecycle {
        domain: name,
        uuid,
        kind,
        detail,
    });
    0
}

unsafe extern "C" fn on_reboot(
    _connection: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    opaque: *mut c_void,
) {
    // SAFETY: libvirt lends the domain for the callback.
    let DomainReference { name, uuid } = unsafe { lent(domain) };
    // SAFETY: registered with a queue.
    unsafe { queue(opaque) }.push(&Event::Reboot { domain: name, uuid });
}

unsafe extern "C" fn on_agent(
    _connection: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    state: c_int,
    _reason: c_int,
    opaque: *mut c_void,
) {
    // SAFETY: libvirt lends the domain for the callback.
    let DomainReference { name, uuid } = unsafe { lent(domain) };
    let connected = u32::try_from(state)
        .is_ok_and(|state| state == sys::VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED);
    // SAFETY: registered with a queue.
    unsafe { queue(opaque) }.push(&Event::AgentLifecycle {
        domain: name,
        uuid,
        connected,
    });
}
