//! A component's certificate and trust as the cluster holds them, followed while they change.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Client;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::identity::{CA_BUNDLE, Identity, TrustBundle};
use crate::tls::{ClientRule, ClientTls, ServerTls, client_config, server_config};
use crate::watching::{self, Observed};

/// Name of the ConfigMap with the CA bundle, in the install namespace.
pub const CA_CONFIG_MAP: &str = "kubevirt-ca";

/// A component's own certificate and whom it trusts.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Own key and certificate.
    pub identity: Identity,
    /// The CA certificates of this installation.
    pub trust: TrustBundle,
}

/// Follows Secret `secret` (`tls.crt`, `tls.key`) and ConfigMap `kubevirt-ca` of the install namespace until `shutdown`.
/// The receiver holds `None` until both are there and usable; after that always the last usable pair. Costs two watches
/// of one object each; needs `get`, `list`, `watch` on exactly these two names.
pub fn watch(
    client: Client,
    namespace: &str,
    secret: &str,
    shutdown: CancellationToken,
) -> watch::Receiver<Option<Credentials>> {
    let mut secrets =
        watching::object::<Secret>(client.clone(), namespace, secret, shutdown.clone());
    let mut maps =
        watching::object::<ConfigMap>(client, namespace, CA_CONFIG_MAP, shutdown.clone());
    let (sender, receiver) = watch::channel(None);
    let name = secret.to_owned();
    tokio::spawn(async move {
        loop {
            let pair = (
                secrets.borrow_and_update().clone(),
                maps.borrow_and_update().clone(),
            );
            if let (Observed::Present(secret), Observed::Present(map)) = pair {
                match read(&secret, &map) {
                    Ok(credentials) => {
                        tracing::debug!(secret = %name, expires = credentials.identity.leaf.not_after, "certificate in use");
                        sender.send_replace(Some(credentials));
                    }
                    Err(error) => {
                        tracing::warn!(%error, secret = %name, "certificate not usable, keeping the last one")
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = sender.closed() => return,
                changed = secrets.changed() => if changed.is_err() { return },
                changed = maps.changed() => if changed.is_err() { return },
            }
        }
    });
    receiver
}

fn read(secret: &Secret, map: &ConfigMap) -> Result<Credentials, crate::identity::IdentityError> {
    Ok(Credentials {
        identity: Identity::from_secret(secret)?,
        trust: TrustBundle::from_config_map(map, CA_BUNDLE)?,
    })
}

/// A server's TLS that follows `credentials`. `rule` makes the rule for clients from the installation's trust, for
/// example `|trust| ClientRule::Named { trust: trust.clone(), names: vec![...] }`.
pub fn server_tls(
    credentials: watch::Receiver<Option<Credentials>>,
    rule: impl Fn(&TrustBundle) -> ClientRule + Send + 'static,
) -> ServerTls {
    let tls = ServerTls::default();
    let target = tls.clone();
    apply(credentials, move |credentials| {
        match server_config(&credentials.identity, &rule(&credentials.trust)) {
            Ok(config) => target.set(config),
            Err(error) => {
                tracing::error!(%error, "server certificate not usable, keeping the last one")
            }
        }
    });
    tls
}

/// A client's TLS that follows `credentials` and accepts only the server named `server_name`.
pub fn client_tls(
    credentials: watch::Receiver<Option<Credentials>>,
    server_name: &str,
) -> ClientTls {
    let tls = ClientTls::default();
    let target = tls.clone();
    let server_name = server_name.to_owned();
    apply(credentials, move |credentials| {
        match client_config(
            Some(&credentials.identity),
            &credentials.trust,
            &server_name,
        ) {
            Ok(config) => target.set(config),
            Err(error) => {
                tracing::error!(%error, "client certificate not usable, keeping the last one")
            }
        }
    });
    tls
}

/// Calls `act` with the credentials there are and with each that follow, until their watch ends.
fn apply(
    mut credentials: watch::Receiver<Option<Credentials>>,
    act: impl Fn(&Credentials) + Send + 'static,
) {
    tokio::spawn(async move {
        loop {
            let current = credentials.borrow_and_update().clone();
            if let Some(current) = &current {
                act(current);
            }
            if credentials.changed().await.is_err() {
                return;
            }
        }
    });
}
