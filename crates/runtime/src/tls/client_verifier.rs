//! How a server verifies its clients.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::{ClientRule, TlsError};
use crate::identity::TrustBundle;
use crate::peer::PeerIdentity;

pub(super) fn for_rule(rule: &ClientRule) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    match rule {
        ClientRule::Anonymous => Ok(WebPkiClientVerifier::no_client_auth()),
        ClientRule::Optional(trust) => builder(trust)
            .allow_unauthenticated()
            .build()
            .map_err(unusable),
        ClientRule::Named { trust, names } => {
            let chain = builder(trust).build().map_err(unusable)?;
            Ok(Arc::new(NamedClient {
                chain,
                names: names.clone(),
            }))
        }
    }
}

fn builder(trust: &TrustBundle) -> rustls::server::ClientCertVerifierBuilder {
    WebPkiClientVerifier::builder_with_provider(trust.roots.clone(), crate::crypto::provider())
}

fn unusable(error: rustls::server::VerifierBuilderError) -> TlsError {
    TlsError::Verifier(error.to_string())
}

/// The chain, then the name and what the certificate is for.
#[derive(Debug)]
struct NamedClient {
    chain: Arc<dyn ClientCertVerifier>,
    names: Vec<String>,
}

impl ClientCertVerifier for NamedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self
            .chain
            .verify_client_cert(end_entity, intermediates, now)?;
        let peer = PeerIdentity::from_der(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        if self.names.iter().any(|name| peer.is_client(name)) {
            return Ok(verified);
        }
        tracing::warn!(common_name = %peer.common_name, "client refused: its certificate is another's");
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
