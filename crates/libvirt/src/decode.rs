//! libvirt's last error as our [`Error`].

use virt_sys as sys;

use crate::error::{Detail, Error};
use crate::library::Library;
use crate::{limits, text};

/// libvirt's number for a metadata element that is not there.
pub(crate) const NO_METADATA: i32 = sys::VIR_ERR_NO_DOMAIN_METADATA.cast_signed();

/// Takes the calling thread's last libvirt error. `alive` says whether the connection still is: libvirt reports a lost
/// connection by many numbers, the connection's own word is the reliable sign. It is asked last, because asking
/// clears the error.
pub(crate) fn last_error(
    library: &Library,
    call: &'static str,
    alive: impl FnOnce() -> bool,
) -> Error {
    // SAFETY: virGetLastError takes no argument; its result is the thread's own and valid until the next libvirt call
    // on this thread. The strings are copied before that.
    let detail = unsafe {
        let pointer = library.virGetLastError();
        match pointer.as_ref() {
            Some(error) => Detail {
                call,
                code: error.code,
                domain: error.domain,
                message: text::from_c(error.message, limits::MESSAGE_BYTES),
            },
            None => Detail {
                call,
                code: 0,
                domain: 0,
                message: "libvirt gave no reason".into(),
            },
        }
    };
    // SAFETY: no argument, clears the thread's own error.
    unsafe { library.virResetLastError() };
    if alive() {
        classify(detail)
    } else {
        Error::Disconnected {
            call,
            message: detail.message,
        }
    }
}

/// Sorts libvirt's error numbers into the kinds that callers tell apart.
fn classify(detail: Detail) -> Error {
    let Ok(code) = u32::try_from(detail.code) else {
        return Error::Internal(detail);
    };
    match code {
        sys::VIR_ERR_NO_DOMAIN | sys::VIR_ERR_NO_DOMAIN_METADATA => Error::NotFound(detail),
        sys::VIR_ERR_DOM_EXIST => Error::Exists(detail),
        sys::VIR_ERR_XML_ERROR | sys::VIR_ERR_XML_DETAIL | sys::VIR_ERR_XML_INVALID_SCHEMA => {
            Error::InvalidXml(detail)
        }
        sys::VIR_ERR_CONFIG_UNSUPPORTED | sys::VIR_ERR_CPU_INCOMPATIBLE => {
            Error::ConfigUnsupported(detail)
        }
        sys::VIR_ERR_OPERATION_INVALID => Error::OperationInvalid(detail),
        sys::VIR_ERR_NO_SUPPORT
        | sys::VIR_ERR_OPERATION_UNSUPPORTED
        | sys::VIR_ERR_ARGUMENT_UNSUPPORTED => Error::NoSupport(detail),
        sys::VIR_ERR_OPERATION_TIMEOUT | sys::VIR_ERR_RESOURCE_BUSY => Error::Busy(detail),
        sys::VIR_ERR_AGENT_UNRESPONSIVE
        | sys::VIR_ERR_AGENT_UNSYNCED
        | sys::VIR_ERR_AGENT_COMMAND_TIMEOUT => Error::AgentUnavailable(detail),
        // The agent's own answer.
        sys::VIR_ERR_AGENT_COMMAND_FAILED => Error::AgentRefused(detail),
        sys::VIR_ERR_AUTH_FAILED
        | sys::VIR_ERR_AUTH_CANCELLED
        | sys::VIR_ERR_AUTH_UNAVAILABLE
        | sys::VIR_ERR_ACCESS_DENIED
        | sys::VIR_ERR_OPERATION_DENIED => Error::Denied(detail),
        sys::VIR_ERR_RPC | sys::VIR_ERR_NO_CONNECT | sys::VIR_ERR_INVALID_CONN => {
            Error::Disconnected {
                call: detail.call,
                message: detail.message,
            }
        }
        _ => Error::Internal(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(code: u32) -> Detail {
        Detail {
            call: "virDomainCreate",
            code: code as i32,
            domain: 10,
            message: "text".into(),
        }
    }

    #[test]
    fn kinds() {
        assert!(matches!(
            classify(detail(sys::VIR_ERR_NO_DOMAIN)),
            Error::NotFound(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_DOM_EXIST)),
            Error::Exists(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_XML_INVALID_SCHEMA)),
            Error::InvalidXml(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_CONFIG_UNSUPPORTED)),
            Error::ConfigUnsupported(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_OPERATION_INVALID)),
            Error::OperationInvalid(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_NO_SUPPORT)),
            Error::NoSupport(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_OPERATION_TIMEOUT)),
            Error::Busy(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_AGENT_UNRESPONSIVE)),
            Error::AgentUnavailable(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_AGENT_COMMAND_FAILED)),
            Error::AgentRefused(_)
        ));
        assert!(matches!(
            classify(detail(sys::VIR_ERR_ACCESS_DENIED)),
            Error::Denied(_)
        ));
        assert!(classify(detail(sys::VIR_ERR_RPC)).is_disconnected());
        assert!(matches!(
            classify(detail(sys::VIR_ERR_INTERNAL_ERROR)),
            Error::Internal(_)
        ));
        assert!(matches!(
            classify(Detail {
                code: -1,
                ..detail(0)
            }),
            Error::Internal(_)
        ));
    }

    #[test]
    fn libvirts_text_is_kept() {
        let error = classify(detail(sys::VIR_ERR_OPERATION_INVALID));
        assert_eq!(
            error.to_string(),
            "not possible in the domain's state: text (virDomainCreate, libvirt error 55)"
        );
        assert_eq!(
            error.detail().map(|detail| detail.message.as_str()),
            Some("text")
        );
    }
}
