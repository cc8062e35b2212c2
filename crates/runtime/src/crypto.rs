//! The one cryptography provider of the process.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// Makes ring the process-wide provider of rustls. Safe to call any number of times and from any thread.
pub fn install() {
    // The only failure is that a provider is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The provider that this crate's TLS configurations use.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    install();
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}
