//! virt-api's own TLS: the server's follows the certificate and the front proxy's CA, the client's the certificate alone.

use std::sync::Arc;

use kubevirt_runtime::health::Health;
use kubevirt_runtime::tls::{ClientRule, ClientTls, ServerTls, client_config, server_config};
use tokio::sync::watch;

use crate::aggregated::front_proxy::FrontProxy;
use crate::certificates::HANDLER_NAME;
use crate::certificates::keeper::Material;

/// The conditions of readiness that this module sets.
pub(crate) const CERTIFICATES: &str = "certificates";
/// Set when it is known who the front proxy is.
pub(crate) const FRONT_PROXY: &str = "front-proxy";

/// Starts to follow; the configurations are empty until there is a certificate.
pub(crate) fn follow(
    mut material: watch::Receiver<Option<Material>>,
    mut front_proxy: watch::Receiver<Option<Arc<FrontProxy>>>,
    health: Health,
) -> (ServerTls, ClientTls) {
    let (server, client) = (ServerTls::default(), ClientTls::default());
    let current = (server.clone(), client.clone());
    tokio::spawn(async move {
        loop {
            let known = material.borrow_and_update().clone();
            let proxy = front_proxy.borrow_and_update().clone();
            health.set(FRONT_PROXY, proxy.is_some());
            if let (Some(known), Some(proxy)) = (known, proxy) {
                // A client that sends no certificate is kube-apiserver asking for admission, or kubelet probing.
                let rule = proxy
                    .trust
                    .clone()
                    .map_or(ClientRule::Anonymous, ClientRule::Optional);
                let configs = server_config(&known.server, &rule).and_then(|server| {
                    Ok((
                        server,
                        client_config(Some(&known.client), &known.trust, HANDLER_NAME)?,
                    ))
                });
                match configs {
                    Ok((server, client)) => {
                        current.0.set(server);
                        current.1.set(client);
                        health.set(CERTIFICATES, true);
                    }
                    Err(error) => {
                        tracing::error!(%error, "certificate not usable, keeping the last one")
                    }
                }
            }
            tokio::select! {
                changed = material.changed() => if changed.is_err() { return },
                changed = front_proxy.changed() => if changed.is_err() { return },
            }
        }
    });
    (server, client)
}
