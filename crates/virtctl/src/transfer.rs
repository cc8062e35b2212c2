//! HTTP to servers beside the API server: registries, upload proxies, export servers.
//!
//! It is the connector that kube uses. Every step has a limit: connecting, the beginning of an answer, and each pause in a
//! stream of data. A stream as a whole has none, as a disk may take hours.

mod body;
mod error;
mod receive;

use std::time::Duration;

use anyhow::Context;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::ConfigExt;

pub(crate) use body::{Outgoing, Pulse};
pub(crate) use error::unreachable;
pub(crate) use receive::{read_all, stream_into};

const CONNECT: Duration = Duration::from_secs(15);
/// The beginning of an answer to a request that is sent as a whole.
const ANSWER: Duration = Duration::from_secs(60);
/// The longest pause in which a stream makes no progress.
pub(crate) const PAUSE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_secs(1);

/// By what a server is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Any certificate will do.
    pub(crate) insecure: bool,
    /// Certificates in PEM to trust instead of the computer's.
    pub(crate) roots: Option<String>,
    /// The name in the certificate, where it is not the host of the URL.
    pub(crate) server_name: Option<String>,
}

/// A client with a pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Outgoing>,
}

impl Http {
    /// A client for servers that are trusted as said.
    pub(crate) fn new(trust: &Trust) -> anyhow::Result<Self> {
        let mut config = kube::Config::new(Uri::from_static("https://unused.invalid"));
        config.accept_invalid_certs = trust.insecure;
        config.tls_server_name = trust.server_name.clone();
        config.root_cert = trust.roots.as_deref().map(certificates).transpose()?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let connector = config
            .rustls_https_connector_with_connector(connector)
            .context("cannot set up TLS")?;
        let client =
            hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client })
    }

    /// Sends a request with a small body and waits for the beginning of the answer.
    pub(crate) async fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> anyhow::Result<Response<Incoming>> {
        let uri = request.uri().clone();
        let request = request.map(|bytes| Outgoing::bytes(bytes.into()));
        tokio::time::timeout(ANSWER, self.client.request(request))
            .await
            .with_context(|| {
                format!(
                    "no answer from {} within {}s",
                    server(&uri),
                    ANSWER.as_secs()
                )
            })?
            .map_err(|error| unreachable(&uri, error))
    }

    /// Sends a request whose body comes from a [`Writer`], as long as data flows, then waits at most `answer`.
    pub(crate) async fn send(
        &self,
        request: Request<Outgoing>,
        pulse: &Pulse,
        answer: Duration,
    ) -> anyhow::Result<Response<Incoming>> {
        let uri = request.uri().clone();
        let call = self.client.request(request);
        tokio::pin!(call);
        loop {
            if let Ok(response) = tokio::time::timeout(LOOK, &mut call).await {
                return response.map_err(|error| unreachable(&uri, error));
            }
            let limit = if pulse.ended() { answer } else { PAUSE };
            anyhow::ensure!(
                pulse.idle() < limit,
                "{} takes no more data, or does not answer, since {}s",
                server(&uri),
                limit.as_secs()
            );
        }
    }
}

/// `scheme://host:port` of a URL, for messages.
pub(crate) fn server(uri: &Uri) -> String {
    format!(
        "{}://{}",
        uri.scheme_str().unwrap_or("http"),
        uri.authority().map_or("", |authority| authority.as_str())
    )
}

/// The certificates of a PEM text, in DER.
fn certificates(pem: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|certificate| certificate.map(|der| der.as_ref().to_vec()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| anyhow::anyhow!("the server's certificates are not PEM: {error}"))?;
    anyhow::ensure!(
        !certificates.is_empty(),
        "the server's certificates are empty"
    );
    Ok(certificates)
}
