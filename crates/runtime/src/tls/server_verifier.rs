//! How a client verifies the one server that it means.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::identity::TrustBundle;
use crate::peer::PeerIdentity;

/// Accepts the server whose certificate carries one exact name. The name that was dialled says nothing: it is an
/// address of a pod that anybody may get next.
#[derive(Debug)]
pub(super) struct NamedServer {
    trust: TrustBundle,
    name: String,
    algorithms: WebPkiSupportedAlgorithms,
}

impl NamedServer {
    pub(super) fn new(trust: TrustBundle, name: String, provider: &CryptoProvider) -> Self {
        Self {
            trust,
            name,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for NamedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.trust.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        let peer = PeerIdentity::from_der(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        if peer.is_server(&self.name) {
            return Ok(ServerCertVerified::assertion());
        }
        tracing::warn!(expected = %self.name, found = ?peer.dns_names, "server refused: its certificate is another's");
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
