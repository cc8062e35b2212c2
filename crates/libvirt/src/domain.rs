//! One domain of a connection.

use std::fmt;

use crate::connection::{Connection, unexpected};
use crate::message::{
    DomainInformation, DomainReference, MemoryStatistics, RebootMode, Request, Response,
    ShutdownMode,
};
use crate::{DomainState, Error};

/// Prefix and namespace of KubeVirt's element in a domain's metadata.
const METADATA_PREFIX: &str = "kubevirt";
const METADATA_NAMESPACE: &str = "http://kubevirt.io";

/// A domain, by its UUID. It may cease to exist at any time; calls then return [`Error::NotFound`].
#[derive(Clone)]
pub struct Domain {
    pub(crate) connection: Connection,
    pub(crate) reference: DomainReference,
}

impl fmt::Debug for Domain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reference.fmt(formatter)
    }
}

impl Domain {
    pub(crate) fn new(connection: Connection, reference: DomainReference) -> Self {
        Self {
            connection,
            reference,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.reference.name
    }

    /// Its UUID in text form.
    pub fn uuid(&self) -> &str {
        &self.reference.uuid
    }

    /// Starts it from its stored configuration, with its CPUs stopped if `paused`.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it runs already, [`Error::ConfigUnsupported`], or [`Error::Internal`] with
    /// QEMU's text when QEMU fails to start.
    pub async fn start(&self, paused: bool) -> Result<(), Error> {
        self.done(Request::Start {
            domain: self.reference.clone(),
            paused,
        })
        .await
    }

    /// Its state and why.
    ///
    /// # Errors
    /// [`Error::NotFound`] once a domain without stored configuration has ended.
    pub async fn state(&self) -> Result<DomainState, Error> {
        match self
            .connection
            .call(Request::State(self.reference.clone()))
            .await?
        {
            Response::State(state) => Ok(state),
            _ => Err(unexpected("state")),
        }
    }

    /// Asks the guest to shut down. Returns when it was asked, not when it has.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run, [`Error::AgentUnavailable`].
    pub async fn shutdown(&self, mode: ShutdownMode) -> Result<(), Error> {
        self.done(Request::Shutdown(self.reference.clone(), mode))
            .await
    }

    /// Asks the guest to reboot.
    ///
    /// # Errors
    /// As [`Domain::shutdown`].
    pub async fn reboot(&self, mode: RebootMode) -> Result<(), Error> {
        self.done(Request::Reboot(self.reference.clone(), mode))
            .await
    }

    /// Resets it, as the button does.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run.
    pub async fn reset(&self) -> Result<(), Error> {
        self.done(Request::Reset(self.reference.clone())).await
    }

    /// Ends QEMU: SIGTERM, then SIGKILL.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run, [`Error::NotFound`] when it is gone; both mean that it has ended.
    pub async fn destroy(&self) -> Result<(), Error> {
        self.done(Request::Destroy(self.reference.clone())).await
    }

    /// Removes its stored configuration; NVRAM and TPM state are kept.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn undefine(&self) -> Result<(), Error> {
        self.done(Request::Undefine(self.reference.clone())).await
    }

    /// The XML it runs with, or its stored configuration when it does not run.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn xml_description(&self) -> Result<String, Error> {
        self.text(Request::Xml {
            domain: self.reference.clone(),
            inactive: false,
        })
        .await
    }

    /// Its stored configuration: what the next start would use.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn inactive_xml_description(&self) -> Result<String, Error> {
        self.text(Request::Xml {
            domain: self.reference.clone(),
            inactive: true,
        })
        .await
    }

    /// Stops its CPUs.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run.
    pub async fn suspend(&self) -> Result<(), Error> {
        self.done(Request::Suspend(self.reference.clone())).await
    }

    /// Lets its CPUs go on.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it is not paused.
    pub async fn resume(&self) -> Result<(), Error> {
        self.done(Request::Resume(self.reference.clone())).await
    }

    /// Replaces KubeVirt's element in its metadata, both live and stored; `None` removes it. `xml` is one element
    /// without a namespace of its own, such as `<kubevirt><uid>…</uid></kubevirt>`.
    ///
    /// # Errors
    /// [`Error::InvalidXml`].
    pub async fn set_metadata(&self, xml: Option<String>) -> Result<(), Error> {
        self.set_metadata_in(METADATA_PREFIX, METADATA_NAMESPACE, xml)
            .await
    }

    /// As [`Domain::set_metadata`], for an element in a namespace of its own, which libvirt writes with `prefix`.
    ///
    /// # Errors
    /// [`Error::InvalidXml`].
    pub async fn set_metadata_in(
        &self,
        prefix: &str,
        namespace: &str,
        xml: Option<String>,
    ) -> Result<(), Error> {
        self.done(Request::SetMetadata {
            domain: self.reference.clone(),
            prefix: prefix.into(),
            namespace: namespace.into(),
            xml,
        })
        .await
    }

    /// KubeVirt's element of its metadata, or `None` when there is none.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn metadata(&self) -> Result<Option<String>, Error> {
        let request = Request::Metadata {
            domain: self.reference.clone(),
            namespace: METADATA_NAMESPACE.into(),
        };
        match self.text(request).await {
            Ok(text) => Ok(Some(text)),
            // libvirt's numbers tell a missing element from a missing domain.
            Err(Error::NotFound(detail)) if detail.code == crate::decode::NO_METADATA => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Memory, CPUs and CPU time.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn information(&self) -> Result<DomainInformation, Error> {
        match self
            .connection
            .call(Request::Information(self.reference.clone()))
            .await?
        {
            Response::Information(information) => Ok(information),
            _ => Err(unexpected("information")),
        }
    }

    /// The memory balloon's figures.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run.
    pub async fn memory_statistics(&self) -> Result<MemoryStatistics, Error> {
        match self
            .connection
            .call(Request::MemoryStatistics(self.reference.clone()))
            .await?
        {
            Response::MemoryStatistics(statistics) => Ok(statistics),
            _ => Err(unexpected("memory-statistics")),
        }
    }

    pub(crate) async fn done(&self, request: Request) -> Result<(), Error> {
        let call = request.call();
        match self.connection.call(request).await? {
            Response::Done => Ok(()),
            _ => Err(unexpected(call)),
        }
    }

    pub(crate) async fn text(&self, request: Request) -> Result<String, Error> {
        let call = request.call();
        match self.connection.call(request).await? {
            Response::Text(text) => Ok(text),
            _ => Err(unexpected(call)),
        }
    }
}
