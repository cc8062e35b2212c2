//! TLS configurations that follow their certificates while the process runs.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::{ClientConfig, ServerConfig};

use crate::identity::{Identity, TrustBundle};

mod client_verifier;
mod server_verifier;

/// Why a configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// rustls refuses it.
    #[error("the TLS configuration cannot be made: {0}")]
    Rustls(#[from] rustls::Error),
    /// The trust for client certificates is unusable.
    #[error("client certificates cannot be verified: {0}")]
    Verifier(String),
}

/// What a server asks of its clients' certificates.
#[derive(Clone, Debug)]
pub enum ClientRule {
    /// No certificate is asked for.
    Anonymous,
    /// A certificate is asked for. One that is sent must chain to the trust (else the handshake fails); none is fine.
    Optional(TrustBundle),
    /// Only clients whose certificate chains to the trust, is for clients (extended key usage) and has one of these
    /// common names.
    Named {
        /// Who may sign.
        trust: TrustBundle,
        /// The accepted common names, compared exactly.
        names: Vec<String>,
    },
}

/// A server's configuration: TLS 1.2 and 1.3, HTTP/1.1, no session resumption (a client whose certificate is no longer
/// trusted must not come back by an old session).
///
/// # Errors
/// When the rule's trust is unusable.
pub fn server_config(
    identity: &Identity,
    rule: &ClientRule,
) -> Result<Arc<ServerConfig>, TlsError> {
    let builder = ServerConfig::builder_with_provider(crate::crypto::provider())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(client_verifier::for_rule(rule)?);
    let mut config = builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
        identity.certified.clone(),
    )));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// A client's configuration that accepts exactly one server: its certificate chains to `trust`, is for servers (extended
/// key usage) and has `server_name` among its alternative names, whatever address was dialled. `server_name` may be a
/// name that DNS would not allow, such as `kubevirt.io:system:node:virt-handler`. Give rustls any server name
/// (the address) when connecting.
///
/// # Errors
/// When rustls refuses the key.
pub fn client_config(
    identity: Option<&Identity>,
    trust: &TrustBundle,
    server_name: &str,
) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = crate::crypto::provider();
    let verifier =
        server_verifier::NamedServer::new(trust.clone(), server_name.to_owned(), &provider);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(
            rustls::sign::SingleCertAndKey::from(identity.certified.clone()),
        )),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// A configuration that is replaced while it is in use; connections take what is current when they begin.
#[derive(Debug)]
pub struct Current<T>(Arc<RwLock<Option<Arc<T>>>>);

/// What [`crate::serve::serve`] accepts connections with.
pub type ServerTls = Current<ServerConfig>;
/// What a client dials with.
pub type ClientTls = Current<ClientConfig>;

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Current<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Current<T> {
    /// With a configuration from the start.
    #[must_use]
    pub fn new(config: Arc<T>) -> Self {
        Self(Arc::new(RwLock::new(Some(config))))
    }

    /// The configuration of the moment, `None` before the first [`Current::set`].
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the configuration for connections to come.
    pub fn set(&self, config: Arc<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(config);
    }
}

#[cfg(test)]
mod tests;
