//! Keys with their certificates, and the certificates that are trusted.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use rustls::RootCertStore;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::peer::PeerIdentity;

/// Key of the certificate chain in a TLS Secret.
pub const TLS_CERTIFICATE: &str = "tls.crt";
/// Key of the private key in a TLS Secret.
pub const TLS_KEY: &str = "tls.key";
/// Key of the bundle in the ConfigMap `kubevirt-ca`.
pub const CA_BUNDLE: &str = "ca-bundle";

/// Most certificates taken from one PEM text; more are an error, not memory.
const CERTIFICATES: usize = 256;

/// Why a key, a certificate or a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// An object lacks an entry.
    #[error("{object} has no entry {key}")]
    Missing {
        /// The Secret or ConfigMap.
        object: String,
        /// The absent key of its data.
        key: &'static str,
    },
    /// Text that is not PEM, or not what was expected in it.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// What was read.
        what: &'static str,
        /// Why it failed.
        reason: String,
    },
    /// The certificate belongs to another key, or the key's kind is not supported.
    #[error("key and certificate cannot be used together: {0}")]
    Mismatch(#[from] rustls::Error),
}

fn unreadable(what: &'static str) -> impl Fn(String) -> IdentityError {
    move |reason| IdentityError::Unreadable { what, reason }
}

/// A private key with its certificate chain, parsed and checked to belong together.
#[derive(Clone)]
pub struct Identity {
    pub(crate) certified: Arc<CertifiedKey>,
    /// What the leaf certificate says.
    pub leaf: PeerIdentity,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("leaf", &self.leaf)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Whether both present the same certificate chain.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.certified.cert == other.certified.cert
    }

    /// From PEM: the chain (leaf first) and the key (PKCS #8, SEC 1 or PKCS #1).
    ///
    /// # Errors
    /// When either cannot be read or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        let chain = certificates(chain, TLS_CERTIFICATE)?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| unreadable(TLS_KEY)(error.to_string()))?;
        Self::from_der(chain, key)
    }

    /// From the entries `tls.crt` and `tls.key` of a Secret.
    ///
    /// # Errors
    /// When an entry is absent or unusable.
    pub fn from_secret(secret: &Secret) -> Result<Self, IdentityError> {
        let entry = |key: &'static str| {
            secret
                .data
                .as_ref()
                .and_then(|data| data.get(key))
                .map(|value| value.0.as_slice())
                .ok_or_else(|| IdentityError::Missing {
                    object: format!(
                        "Secret {}",
                        secret.metadata.name.as_deref().unwrap_or_default()
                    ),
                    key,
                })
        };
        Self::from_pem(entry(TLS_CERTIFICATE)?, entry(TLS_KEY)?)
    }

    /// A fresh key with a certificate signed by itself for `names`, for endpoints whose clients verify nothing
    /// (kubelet's probes) and that must not wait for a real certificate. Valid for ten years; lives in memory only.
    ///
    /// # Errors
    /// When the random generator fails or a name is not ASCII.
    pub fn self_signed(names: &[&str]) -> Result<Self, IdentityError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| unreadable("self-signed certificate")(error.to_string()))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        Self::from_der(vec![made.cert.der().clone()], key)
    }

    fn from_der(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, IdentityError> {
        let leaf = chain
            .first()
            .ok_or_else(|| unreadable(TLS_CERTIFICATE)("it holds no certificate".to_owned()))?;
        let leaf = PeerIdentity::from_der(leaf)
            .map_err(|error| unreadable(TLS_CERTIFICATE)(error.to_string()))?;
        let certified = CertifiedKey::from_der(chain, key, &crate::crypto::provider())?;
        Ok(Self {
            certified: Arc::new(certified),
            leaf,
        })
    }
}

/// Certificates that are trusted to sign others.
#[derive(Clone, Debug)]
pub struct TrustBundle {
    pub(crate) roots: Arc<RootCertStore>,
}

impl TrustBundle {
    /// From PEM certificates; at least one.
    ///
    /// # Errors
    /// When there is none or one cannot be used as a root.
    pub fn from_pem(bundle: &[u8]) -> Result<Self, IdentityError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(bundle, CA_BUNDLE)? {
            roots.add(certificate)?;
        }
        if roots.is_empty() {
            return Err(unreadable(CA_BUNDLE)("it holds no certificate".to_owned()));
        }
        Ok(Self {
            roots: Arc::new(roots),
        })
    }

    /// From entry `key` of a ConfigMap (`ca-bundle` in `kubevirt-ca`).
    ///
    /// # Errors
    /// When the entry is absent or unusable.
    pub fn from_config_map(map: &ConfigMap, key: &'static str) -> Result<Self, IdentityError> {
        let text = map
            .data
            .as_ref()
            .and_then(|data| data.get(key))
            .ok_or_else(|| IdentityError::Missing {
                object: format!(
                    "ConfigMap {}",
                    map.metadata.name.as_deref().unwrap_or_default()
                ),
                key,
            })?;
        Self::from_pem(text.as_bytes())
    }
}

/// What each certificate of a PEM text says, at most 256 of them.
///
/// # Errors
/// When one cannot be read.
pub fn describe(pem: &[u8]) -> Result<Vec<PeerIdentity>, IdentityError> {
    certificates(pem, CA_BUNDLE)?
        .iter()
        .map(|certificate| {
            PeerIdentity::from_der(certificate)
                .map_err(|error| unreadable(CA_BUNDLE)(error.to_string()))
        })
        .collect()
}

fn certificates(
    pem: &[u8],
    what: &'static str,
) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        if found.len() == CERTIFICATES {
            return Err(unreadable(what)(format!(
                "it holds more than {CERTIFICATES} certificates"
            )));
        }
        found.push(certificate.map_err(|error| unreadable(what)(error.to_string()))?);
    }
    Ok(found)
}
