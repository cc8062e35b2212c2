//! libvirt's client library, loaded when the first connection is opened.
//!
//! It and the thirty libraries that it needs take 14 MiB of resident memory. A node on which no guest ran since this process
//! began does not pay them. Once loaded, the library stays: it has threads and callbacks of its own. What only QEMU's driver
//! has is in a small library beside it, loaded when it is needed first.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::OnceLock;

use virt_sys as sys;

use crate::Error;

/// The file that is loaded. The number is that of the interface, which has not changed since libvirt's beginnings.
const FILE: &str = "libvirt.so.0";
/// The one with what only QEMU's driver has.
const QEMU_FILE: &str = "libvirt-qemu.so.0";
/// The Debian package that has both.
const PACKAGE: &str = "libvirt0";

static LOADED: OnceLock<Result<Library, Error>> = OnceLock::new();
static QEMU_LOADED: OnceLock<Result<QemuLibrary, Error>> = OnceLock::new();

/// The functions of libvirt, loading the library unless that was done.
///
/// # Errors
/// [`Error::Library`] when it is not there or lacks a function; for good, because it comes with the image.
pub(crate) fn load() -> Result<&'static Library, Error> {
    LOADED
        .get_or_init(|| Library::open(FILE))
        .as_ref()
        .map_err(Clone::clone)
}

/// The functions that only QEMU's driver has, loading their library unless that was done.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_qemu() -> Result<&'static QemuLibrary, Error> {
    QEMU_LOADED
        .get_or_init(|| QemuLibrary::open(QEMU_FILE))
        .as_ref()
        .map_err(Clone::clone)
}

/// The loader's own text, which names the file or function, is the source of the error that says which step failed.
fn missing(file: &'static str, error: &libloading::Error) -> Error {
    let reason = std::error::Error::source(error)
        .map_or_else(|| error.to_string(), |source| source.to_string());
    Error::Library {
        file: file.to_owned(),
        package: PACKAGE.to_owned(),
        reason,
    }
}

/// Declares a library's type from its functions' C declarations: a pointer and an unsafe method for each.
macro_rules! functions {
    ($library:ident from $told:ident; $(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// A library and its functions. Each method is the C function of its name, with what that demands of the caller.
        #[allow(non_snake_case)]
        pub(crate) struct $library {
            $($name: unsafe extern "C" fn($($type),*) $(-> $result)?,)*
            /// Keeps the functions where they are.
            _file: libloading::Library,
        }

        #[allow(non_snake_case, clippy::too_many_arguments)]
        impl $library {
            fn open(file: &str) -> Result<Self, Error> {
                // SAFETY: libvirt's initialisers only set up its own locks and its libraries' tables; it is never unloaded.
                let library = unsafe { libloading::Library::new(file) }.map_err(|error| missing($told, &error))?;
                Ok(Self {
                    // SAFETY: the pointer's type is that of libvirt's header, which the compiler checks below.
                    $($name: *unsafe { library.get(concat!(stringify!($name), "\0").as_bytes()) }
                        .map_err(|error| missing($told, &error))?,)*
                    _file: library,
                })
            }

            $(
                // SAFETY: for the caller; see libvirt's documentation of the function.
                pub(crate) unsafe fn $name(&self, $($argument: $type),*) $(-> $result)? {
                    // SAFETY: by the caller's word.
                    unsafe { (self.$name)($($argument),*) }
                }
            )*
        }

        // A declaration that differs from the header's does not compile. A constant that nobody uses makes no code, and so no
        // need of the library when the program starts.
        $(const _: unsafe extern "C" fn($($type),*) $(-> $result)? = sys::$name;)*
    };
}

functions! {
    Library from FILE;

    fn virInitialize() -> c_int;
    fn virSetErrorFunc(user_data: *mut c_void, handler: sys::virErrorFunc);
    fn virGetLastError() -> sys::virErrorPtr;
    fn virResetLastError();

    fn virEventRegisterDefaultImpl() -> c_int;
    fn virEventRunDefaultImpl() -> c_int;

    fn virConnectOpen(name: *const c_char) -> sys::virConnectPtr;
    fn virConnectClose(connection: sys::virConnectPtr) -> c_int;
    fn virConnectIsAlive(connection: sys::virConnectPtr) -> c_int;
    fn virConnectSetKeepAlive(connection: sys::virConnectPtr, interval: c_int, count: c_uint) -> c_int;
    fn virConnectRegisterCloseCallback(
        connection: sys::virConnectPtr,
        callback: sys::virConnectCloseFunc,
        opaque: *mut c_void,
        free: sys::virFreeCallback
    ) -> c_int;
    fn virConnectUnregisterCloseCallback(connection: sys::virConnectPtr, callback: sys::virConnectCloseFunc) -> c_int;
    fn virConnectDomainEventRegisterAny(
        connection: sys::virConnectPtr,
        domain: sys::virDomainPtr,
        event: c_int,
        callback: sys::virConnectDomainEventGenericCallback,
        opaque: *mut c_void,
        free: sys::virFreeCallback
    ) -> c_int;
    fn virConnectDomainEventDeregisterAny(connection: sys::virConnectPtr, identifier: c_int) -> c_int;
    fn virConnectListAllDomains(connection: sys::virConnectPtr, domains: *mut *mut sys::virDomainPtr, flags: c_uint) -> c_int;

    fn virDomainDefineXMLFlags(connection: sys::virConnectPtr, xml: *const c_char, flags: c_uint) -> sys::virDomainPtr;
    fn virDomainCreateXML(connection: sys::virConnectPtr, xml: *const c_char, flags: c_uint) -> sys::virDomainPtr;
    fn virDomainLookupByName(connection: sys::virConnectPtr, name: *const c_char) -> sys::virDomainPtr;
    fn virDomainLookupByUUIDString(connection: sys::virConnectPtr, uuid: *const c_char) -> sys::virDomainPtr;
    fn virDomainFree(domain: sys::virDomainPtr) -> c_int;

    fn virDomainGetName(domain: sys::virDomainPtr) -> *const c_char;
    fn virDomainGetUUIDString(domain: sys::virDomainPtr, buffer: *mut c_char) -> c_int;
    fn virDomainGetState(domain: sys::virDomainPtr, state: *mut c_int, reason: *mut c_int, flags: c_uint) -> c_int;
    fn virDomainGetInfo(domain: sys::virDomainPtr, information: sys::virDomainInfoPtr) -> c_int;
    fn virDomainGetXMLDesc(domain: sys::virDomainPtr, flags: c_uint) -> *mut c_char;
    fn virDomainMemoryStats(
        domain: sys::virDomainPtr,
        statistics: sys::virDomainMemoryStatPtr,
        count: c_uint,
        flags: c_uint
    ) -> c_int;
    fn virDomainIsActive(domain: sys::virDomainPtr) -> c_int;
    fn virDomainIsPersistent(domain: sys::virDomainPtr) -> c_int;
    fn virDomainGetMetadata(domain: sys::virDomainPtr, kind: c_int, uri: *const c_char, flags: c_uint) -> *mut c_char;
    fn virDomainSetMetadata(
        domain: sys::virDomainPtr,
        kind: c_int,
        metadata: *const c_char,
        key: *const c_char,
        uri: *const c_char,
        flags: c_uint
    ) -> c_int;

    fn virDomainCreateWithFlags(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainShutdownFlags(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainReboot(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainReset(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainDestroyFlags(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainUndefineFlags(domain: sys::virDomainPtr, flags: c_uint) -> c_int;
    fn virDomainSuspend(domain: sys::virDomainPtr) -> c_int;
    fn virDomainResume(domain: sys::virDomainPtr) -> c_int;
    fn virDomainAgentSetResponseTimeout(domain: sys::virDomainPtr, seconds: c_int, flags: c_uint) -> c_int;
    fn virDomainScreenshot(
        domain: sys::virDomainPtr,
        stream: sys::virStreamPtr,
        screen: c_uint,
        flags: c_uint
    ) -> *mut c_char;

    fn virStreamNew(connection: sys::virConnectPtr, flags: c_uint) -> sys::virStreamPtr;
    fn virStreamRecv(stream: sys::virStreamPtr, data: *mut c_char, size: usize) -> c_int;
    fn virStreamFinish(stream: sys::virStreamPtr) -> c_int;
    fn virStreamAbort(stream: sys::virStreamPtr) -> c_int;
    fn virStreamFree(stream: sys::virStreamPtr) -> c_int;
}

functions! {
    QemuLibrary from QEMU_FILE;

    fn virDomainQemuAgentCommand(
        domain: sys::virDomainPtr,
        command: *const c_char,
        timeout: c_int,
        flags: c_uint
    ) -> *mut c_char;
    fn virDomainQemuMonitorCommand(
        domain: sys::virDomainPtr,
        command: *const c_char,
        answer: *mut *mut c_char,
        flags: c_uint
    ) -> c_int;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_functions_are_there() {
        assert!(load().is_ok());
        assert!(load_qemu().is_ok());
    }

    #[test]
    fn a_missing_library_is_named_with_its_package() {
        let error = Library::open("libvirt-of-another-world.so.0").err();
        let message = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            message.starts_with("cannot load libvirt.so.0: "),
            "{message}"
        );
        assert!(message.contains("of-another-world"), "{message}");
        assert!(
            message.ends_with("install the package libvirt0 in this program's image"),
            "{message}"
        );
    }

    #[test]
    fn a_library_without_the_functions_is_refused() {
        let message = Library::open("libc.so.6")
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(message.contains("virInitialize"), "{message}");
    }
}
