//! A libvirt domain as C sees it. Every method may block.

use std::ffi::{CString, c_char, c_int};
use std::ptr::{self, NonNull};

use virt_sys as sys;

use crate::library::Library;
use crate::message::{DomainInformation, DomainReference, MemoryStatistics, ShutdownMode};
use crate::raw::RawConnection;
use crate::text::{Owned, from_c, to_c};
use crate::{DomainState, Error, limits};

/// More kinds of memory figures than libvirt has, so that a newer one's are not cut.
const MEMORY_FIGURES: usize = 32;

/// A domain of a connection; dropping it gives the reference back and does not touch the domain.
pub(crate) struct RawDomain<'a> {
    connection: &'a RawConnection,
    pointer: NonNull<sys::virDomain>,
}

impl<'a> RawDomain<'a> {
    /// Takes over a domain reference; `None` for a null pointer.
    ///
    /// # Safety
    /// `pointer` is null, or a valid domain of `connection` with a reference that nobody else gives back.
    pub(crate) unsafe fn new(
        connection: &'a RawConnection,
        pointer: sys::virDomainPtr,
    ) -> Option<Self> {
        NonNull::new(pointer).map(|pointer| Self {
            connection,
            pointer,
        })
    }

    pub(crate) fn library(&self) -> &'static Library {
        self.connection.library()
    }

    /// The connection that it belongs to.
    pub(crate) fn connection(&self) -> &'a RawConnection {
        self.connection
    }

    /// The domain as libvirt's functions take it, valid as long as this value lives.
    pub(crate) fn as_ptr(&self) -> sys::virDomainPtr {
        self.pointer.as_ptr()
    }

    /// Name and UUID.
    pub(crate) fn reference(&self) -> DomainReference {
        // SAFETY: a valid domain.
        unsafe { reference(self.library(), self.pointer.as_ptr()) }
    }

    /// Turns libvirt's "negative is failure" into a result.
    pub(crate) fn check(&self, call: &'static str, result: c_int) -> Result<(), Error> {
        if result < 0 {
            Err(self.connection.error(call))
        } else {
            Ok(())
        }
    }

    /// Copies a string that libvirt allocated for us.
    ///
    /// # Safety
    /// `pointer` is a result of libvirt's that the caller has to release, or null for failure.
    unsafe fn document(&self, call: &'static str, pointer: *mut c_char) -> Result<String, Error> {
        // SAFETY: by this function's contract.
        unsafe { self.text(call, pointer, limits::DOCUMENT_BYTES) }
    }

    /// Copies a string of at most `limit` bytes that libvirt allocated for us.
    ///
    /// # Safety
    /// `pointer` is a result of libvirt's that the caller has to release, or null for failure.
    pub(crate) unsafe fn text(
        &self,
        call: &'static str,
        pointer: *mut c_char,
        limit: usize,
    ) -> Result<String, Error> {
        // SAFETY: by this function's contract.
        let text = unsafe { Owned::new(pointer) }.ok_or_else(|| self.connection.error(call))?;
        text.read(call, limit)
    }

    pub(crate) fn start(&self, paused: bool) -> Result<(), Error> {
        let flags = if paused {
            sys::VIR_DOMAIN_START_PAUSED
        } else {
            0
        };
        // SAFETY: a valid domain.
        self.check("virDomainCreateWithFlags", unsafe {
            self.library()
                .virDomainCreateWithFlags(self.pointer.as_ptr(), flags)
        })
    }

    pub(crate) fn state(&self) -> Result<DomainState, Error> {
        let (mut state, mut reason): (c_int, c_int) = (0, 0);
        // SAFETY: a valid domain and places for two numbers.
        let result = unsafe {
            self.library()
                .virDomainGetState(self.pointer.as_ptr(), &mut state, &mut reason, 0)
        };
        self.check("virDomainGetState", result)?;
        Ok(DomainState::from_raw(state, reason))
    }

    pub(crate) fn shutdown(&self, mode: ShutdownMode) -> Result<(), Error> {
        let flags = match mode {
            ShutdownMode::Acpi => sys::VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
            ShutdownMode::Agent => sys::VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
        };
        // SAFETY: a valid domain.
        self.check("virDomainShutdownFlags", unsafe {
            self.library()
                .virDomainShutdownFlags(self.pointer.as_ptr(), flags)
        })
    }

    pub(crate) fn reboot(&self, mode: ShutdownMode) -> Result<(), Error> {
        let flags = match mode {
            ShutdownMode::Acpi => sys::VIR_DOMAIN_REBOOT_ACPI_POWER_BTN,
            ShutdownMode::Agent => sys::VIR_DOMAIN_REBOOT_GUEST_AGENT,
        };
        // SAFETY: a valid domain.
        self.check("virDomainReboot", unsafe {
            self.library().virDomainReboot(self.pointer.as_ptr(), flags)
        })
    }

    pub(crate) fn reset(&self) -> Result<(), Error> {
        // SAFETY: a valid domain.
        self.check("virDomainReset", unsafe {
            self.library().virDomainReset(self.pointer.as_ptr(), 0)
        })
    }

    pub(crate) fn destroy(&self) -> Result<(), Error> {
        // SAFETY: a valid domain.
        self.check("virDomainDestroyFlags", unsafe {
            self.library()
                .virDomainDestroyFlags(self.pointer.as_ptr(), sys::VIR_DOMAIN_DESTROY_DEFAULT)
        })
    }

    /// Removes the configuration. NVRAM and TPM state stay: they are the user's, and vanish with the pod otherwise.
    pub(crate) fn undefine(&self) -> Result<(), Error> {
        let old =
            sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
        let new = sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
            | sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
            | sys::VIR_DOMAIN_UNDEFINE_KEEP_TPM;
        // SAFETY: a valid domain.
        let undefine = |flags| unsafe {
            self.library()
                .virDomainUndefineFlags(self.pointer.as_ptr(), flags)
        };
        match self.check("virDomainUndefineFlags", undefine(old | new)) {
            // A driver without checkpoints, NVRAM and TPM does not know their flags.
            Err(Error::Internal(detail))
                if detail.code == sys::VIR_ERR_INVALID_ARG.cast_signed() =>
            {
                self.check("virDomainUndefineFlags", undefine(old))
            }
            other => other,
        }
    }

    pub(crate) fn xml(&self, inactive: bool) -> Result<String, Error> {
        let flags = if inactive {
            sys::VIR_DOMAIN_XML_INACTIVE
        } else {
            0
        };
        // SAFETY: a valid domain; the result is ours to release.
        unsafe {
            self.document(
                "virDomainGetXMLDesc",
                self.library()
                    .virDomainGetXMLDesc(self.pointer.as_ptr(), flags),
            )
        }
    }

    pub(crate) fn suspend(&self) -> Result<(), Error> {
        // SAFETY: a valid domain.
        self.check("virDomainSuspend", unsafe {
            self.library().virDomainSuspend(self.pointer.as_ptr())
        })
    }

    pub(crate) fn resume(&self) -> Result<(), Error> {
        // SAFETY: a valid domain.
        self.check("virDomainResume", unsafe {
            self.library().virDomainResume(self.pointer.as_ptr())
        })
    }

    pub(crate) fn set_metadata(
        &self,
        prefix: &str,
        namespace: &str,
        xml: Option<&str>,
    ) -> Result<(), Error> {
        let prefix = to_c("metadata prefix", prefix, limits::NAME_BYTES)?;
        let namespace = to_c("metadata namespace", namespace, limits::NAME_BYTES)?;
        let xml = xml
            .map(|xml| to_c("metadata", xml, limits::DOCUMENT_BYTES))
            .transpose()?;
        // SAFETY: a valid domain.
        let active = unsafe { self.library().virDomainIsActive(self.pointer.as_ptr()) } == 1;
        // SAFETY: a valid domain.
        let persistent =
            unsafe { self.library().virDomainIsPersistent(self.pointer.as_ptr()) } == 1;
        let mut flags = sys::VIR_DOMAIN_AFFECT_CURRENT;
        if active {
            flags |= sys::VIR_DOMAIN_AFFECT_LIVE;
        }
        if persistent {
            flags |= sys::VIR_DOMAIN_AFFECT_CONFIG;
        }
        // SAFETY: a valid domain; strings that outlive the call, or null to remove the element.
        let result = unsafe {
            self.library().virDomainSetMetadata(
                self.pointer.as_ptr(),
                sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed(),
                xml.as_ref()
                    .map_or(ptr::null(), |xml: &CString| xml.as_ptr()),
                prefix.as_ptr(),
                namespace.as_ptr(),
                flags,
            )
        };
        self.check("virDomainSetMetadata", result)
    }

    pub(crate) fn metadata(&self, namespace: &str) -> Result<String, Error> {
        let namespace = to_c("metadata namespace", namespace, limits::NAME_BYTES)?;
        // SAFETY: a valid domain and a string that outlives the call; the result is ours to release.
        unsafe {
            let text = self.library().virDomainGetMetadata(
                self.pointer.as_ptr(),
                sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed(),
                namespace.as_ptr(),
                sys::VIR_DOMAIN_AFFECT_CURRENT,
            );
            self.document("virDomainGetMetadata", text)
        }
    }

    pub(crate) fn information(&self) -> Result<DomainInformation, Error> {
        let mut raw = sys::virDomainInfo {
            state: 0,
            maxMem: 0,
            memory: 0,
            nrVirtCpu: 0,
            cpuTime: 0,
        };
        // SAFETY: a valid domain and a place for the result.
        self.check("virDomainGetInfo", unsafe {
            self.library()
                .virDomainGetInfo(self.pointer.as_ptr(), &mut raw)
        })?;
        Ok(DomainInformation {
            maximum_memory_kib: raw.maxMem,
            memory_kib: raw.memory,
            virtual_cpus: raw.nrVirtCpu,
            cpu_time_nanoseconds: raw.cpuTime,
        })
    }

    pub(crate) fn memory_statistics(&self) -> Result<MemoryStatistics, Error> {
        let mut raw = [sys::virDomainMemoryStatStruct { tag: 0, val: 0 }; MEMORY_FIGURES];
        // SAFETY: a valid domain and an array of the length that is given.
        let count = unsafe {
            self.library().virDomainMemoryStats(
                self.pointer.as_ptr(),
                raw.as_mut_ptr(),
                MEMORY_FIGURES as u32,
                0,
            )
        };
        self.check("virDomainMemoryStats", count)?;
        let mut statistics = MemoryStatistics::default();
        for figure in raw.iter().take(usize::try_from(count).unwrap_or(0)) {
            let place = match figure.tag.cast_unsigned() {
                sys::VIR_DOMAIN_MEMORY_STAT_SWAP_IN => &mut statistics.swap_in,
                sys::VIR_DOMAIN_MEMORY_STAT_SWAP_OUT => &mut statistics.swap_out,
                sys::VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT => &mut statistics.major_faults,
                sys::VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT => &mut statistics.minor_faults,
                sys::VIR_DOMAIN_MEMORY_STAT_UNUSED => &mut statistics.unused,
                sys::VIR_DOMAIN_MEMORY_STAT_AVAILABLE => &mut statistics.available,
                sys::VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON => &mut statistics.actual,
                sys::VIR_DOMAIN_MEMORY_STAT_RSS => &mut statistics.resident,
                sys::VIR_DOMAIN_MEMORY_STAT_USABLE => &mut statistics.usable,
                sys::VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE => &mut statistics.last_update,
                sys::VIR_DOMAIN_MEMORY_STAT_DISK_CACHES => &mut statistics.disk_caches,
                _ => continue,
            };
            *place = Some(figure.val);
        }
        Ok(statistics)
    }
}

impl Drop for RawDomain<'_> {
    fn drop(&mut self) {
        // SAFETY: our reference, given back once.
        unsafe { self.library().virDomainFree(self.pointer.as_ptr()) };
    }
}

/// Name and UUID of a domain, from libvirt's memory (no call to the peer).
///
/// # Safety
/// `domain` is a valid domain.
pub(crate) unsafe fn reference(library: &Library, domain: sys::virDomainPtr) -> DomainReference {
    // libvirt's VIR_UUID_STRING_BUFLEN: 36 characters and the NUL.
    let mut uuid: [c_char; 37] = [0; 37];
    // SAFETY: a valid domain and a buffer of the length that libvirt documents.
    let known = unsafe { library.virDomainGetUUIDString(domain, uuid.as_mut_ptr()) } == 0;
    DomainReference {
        // SAFETY: a valid domain; the name belongs to it and is copied at once.
        name: unsafe { from_c(library.virDomainGetName(domain), limits::NAME_BYTES) },
        // SAFETY: libvirt terminated the text; the last byte is 0 in any case.
        uuid: if known {
            unsafe { from_c(uuid.as_ptr(), uuid.len() - 1) }
        } else {
            String::new()
        },
    }
}
