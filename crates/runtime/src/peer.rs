//! Who is at the other end of a TLS connection, as its certificate says.

use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a certificate says about its holder. Worth something only after the chain has been verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The subject's common name; empty when there is none or more than one.
    pub common_name: String,
    /// The issuer's common name; empty when there is none or more than one.
    pub issuer: String,
    /// The DNS names of the subject alternative name.
    pub dns_names: Vec<String>,
    /// The certificate may identify a TLS client.
    pub client_auth: bool,
    /// The certificate may identify a TLS server.
    pub server_auth: bool,
    /// Start of validity, seconds since 1970.
    pub not_before: i64,
    /// End of validity, seconds since 1970.
    pub not_after: i64,
}

/// A certificate that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the certificate cannot be read: {0}")]
pub struct PeerError(String);

impl PeerIdentity {
    /// Reads one DER certificate. An absent extended key usage grants nothing: our certificates always say what they
    /// are for, so that one made for a node cannot pose as the API server.
    ///
    /// # Errors
    /// When the bytes are not one X.509 certificate.
    pub fn from_der(der: &CertificateDer<'_>) -> Result<Self, PeerError> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|error| PeerError(error.to_string()))?;
        if !rest.is_empty() {
            return Err(PeerError(format!("{} bytes follow it", rest.len())));
        }
        let common_name = single_common_name(certificate.subject());
        let issuer = single_common_name(certificate.issuer());
        let dns_names = certificate
            .subject_alternative_name()
            .map_err(|error| PeerError(error.to_string()))?
            .map(|extension| {
                let names = extension.value.general_names.iter();
                names
                    .filter_map(|name| match name {
                        GeneralName::DNSName(name) => Some((*name).to_owned()),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default();
        let usage = certificate
            .extended_key_usage()
            .map_err(|error| PeerError(error.to_string()))?;
        Ok(Self {
            common_name,
            issuer,
            dns_names,
            client_auth: usage.as_ref().is_some_and(|usage| usage.value.client_auth),
            server_auth: usage.as_ref().is_some_and(|usage| usage.value.server_auth),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }

    /// The certificate is for servers and carries exactly this name among its alternative names (no wildcards).
    #[must_use]
    pub fn is_server(&self, name: &str) -> bool {
        self.server_auth && self.dns_names.iter().any(|candidate| candidate == name)
    }

    /// The certificate is for clients and its common name is exactly this one.
    #[must_use]
    pub fn is_client(&self, name: &str) -> bool {
        self.client_auth && !name.is_empty() && self.common_name == name
    }
}

fn single_common_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let mut names = name.iter_common_name();
    match (names.next(), names.next()) {
        (Some(name), None) => name.as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// The client's certificate on a connection, an extension of every request that [`crate::serve`] hands out. `None`
/// when the client sent none. When there is one, its chain has been verified against the trust of the server's rule.
#[derive(Clone, Debug, Default)]
pub struct PeerCertificate(pub Option<std::sync::Arc<PeerIdentity>>);

/// The address of the peer, an extension of every request that [`crate::serve`] hands out.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub std::net::SocketAddr);
