//! The front proxy: kube-apiserver, which tells who asks in headers and proves by its certificate that it may.

use std::sync::Arc;

use http::HeaderMap;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Client;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::identity::TrustBundle;
use kubevirt_runtime::peer::PeerCertificate;
use kubevirt_runtime::watching::{self, Observed};
use tokio::sync::watch;

/// Where the cluster says how its front proxy is known.
const CONFIG_MAP: (&str, &str) = ("kube-system", "extension-apiserver-authentication");

/// Most values taken of one header; a person is in fewer groups.
const VALUES: usize = 1024;

/// How the front proxy is known and in which headers it tells who asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrontProxy {
    /// Who signs its certificate. `None`: the cluster has no front proxy, nobody can be authenticated.
    pub(crate) trust: Option<TrustBundle>,
    /// Its common names; empty: any that the trust signs.
    allowed_names: Vec<String>,
    user: Vec<String>,
    uid: Vec<String>,
    group: Vec<String>,
    extra_prefix: Vec<String>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) extra: std::collections::BTreeMap<String, Vec<String>>,
}

impl FrontProxy {
    /// From the ConfigMap; header names that it lacks are the usual ones.
    pub(crate) fn from_config_map(map: &ConfigMap) -> Self {
        let entry = |key: &str| map.data.as_ref().and_then(|data| data.get(key));
        let list = |key: &str| -> Vec<String> {
            let parsed = entry(key).map(|text| serde_json::from_str::<Vec<String>>(text));
            match parsed {
                Some(Ok(list)) => list,
                Some(Err(error)) => {
                    tracing::warn!(%error, key, "entry of extension-apiserver-authentication cannot be read");
                    Vec::new()
                }
                None => Vec::new(),
            }
        };
        let headers = |key: &str, usual: &str| {
            let mut headers = list(key);
            if !headers
                .iter()
                .any(|header| header.eq_ignore_ascii_case(usual))
            {
                headers.push(usual.to_owned());
            }
            headers
        };
        let trust = entry("requestheader-client-ca-file")
            .map(|bundle| TrustBundle::from_pem(bundle.as_bytes()));
        Self {
            trust: trust.and_then(|trust| {
                trust
                    .map_err(
                        |error| tracing::error!(%error, "requestheader-client-ca-file is unusable"),
                    )
                    .ok()
            }),
            allowed_names: list("requestheader-allowed-names"),
            user: headers("requestheader-username-headers", "X-Remote-User"),
            uid: headers("requestheader-uid-headers", "X-Remote-Uid"),
            group: headers("requestheader-group-headers", "X-Remote-Group"),
            extra_prefix: headers("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
        }
    }

    /// Who asks, provided that the connection is the front proxy's. The reason otherwise.
    ///
    /// `certificate` has been verified against [`FrontProxy::trust`] in the handshake when there is one.
    pub(crate) fn authenticate(
        &self,
        certificate: &PeerCertificate,
        headers: &HeaderMap,
    ) -> Result<User, String> {
        if self.trust.is_none() {
            return Err(
                "the cluster names no front proxy, so nobody can be authenticated".to_owned(),
            );
        }
        let Some(peer) = &certificate.0 else {
            return Err(
                "no client certificate: requests must come through kube-apiserver".to_owned(),
            );
        };
        let known = self.allowed_names.is_empty() || self.allowed_names.contains(&peer.common_name);
        if !peer.client_auth || !known {
            return Err(format!(
                "the client certificate of {:?} is not the front proxy's",
                peer.common_name
            ));
        }
        let name = self
            .user
            .iter()
            .flat_map(|header| values(headers, header))
            .find(|value| !value.is_empty());
        let Some(name) = name else {
            return Err("the front proxy did not say who asks".to_owned());
        };
        Ok(User {
            name,
            uid: self
                .uid
                .iter()
                .flat_map(|header| values(headers, header))
                .find(|value| !value.is_empty()),
            groups: self
                .group
                .iter()
                .flat_map(|header| values(headers, header))
                .take(VALUES)
                .collect(),
            extra: self.extra(headers),
        })
    }

    fn extra(&self, headers: &HeaderMap) -> std::collections::BTreeMap<String, Vec<String>> {
        let mut extra = std::collections::BTreeMap::<String, Vec<String>>::new();
        for prefix in &self.extra_prefix {
            let prefix = prefix.to_ascii_lowercase();
            for header in headers
                .keys()
                .filter(|header| header.as_str().starts_with(&prefix))
            {
                let key = percent_decoded(&header.as_str()[prefix.len()..]);
                let entry = extra.entry(key).or_default();
                entry.extend(values(headers, header.as_str()).take(VALUES));
            }
        }
        extra
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let values: Vec<String> = headers
        .get_all(name.to_ascii_lowercase())
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    values.into_iter()
}

/// Header names cannot carry every key, so the front proxy writes `%2f` for `/` and the like.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match byte {
            Some(byte) => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Follows the cluster's configuration until `shutdown`. `None` before the first answer.
pub(crate) fn watch(
    client: Client,
    shutdown: CancellationToken,
) -> watch::Receiver<Option<Arc<FrontProxy>>> {
    let (namespace, name) = CONFIG_MAP;
    let mut map = watching::object::<ConfigMap>(client, namespace, name, shutdown);
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        loop {
            let observed = map.borrow_and_update().clone();
            match observed {
                Observed::Unknown => {}
                Observed::Absent => drop(sender.send_replace(Some(Arc::default()))),
                Observed::Present(map) => {
                    drop(sender.send_replace(Some(Arc::new(FrontProxy::from_config_map(&map)))));
                }
            }
            tokio::select! {
                () = sender.closed() => return,
                changed = map.changed() => if changed.is_err() { return },
            }
        }
    });
    receiver
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use kubevirt_runtime::peer::PeerIdentity;
    use std::collections::BTreeMap;

    /// A front proxy as kubeadm sets it up, its CA being any certificate.
    pub(crate) fn usual() -> FrontProxy {
        let ca = crate::certificates::authority::create(1_800_000_000).unwrap();
        let data = [
            ("requestheader-client-ca-file", ca.certificate.as_str()),
            ("requestheader-allowed-names", r#"["front-proxy-client"]"#),
            ("requestheader-username-headers", r#"["X-Remote-User"]"#),
            ("requestheader-group-headers", r#"["X-Remote-Group"]"#),
            (
                "requestheader-extra-headers-prefix",
                r#"["X-Remote-Extra-"]"#,
            ),
        ];
        let data = data.map(|(key, value)| (key.to_owned(), value.to_owned()));
        FrontProxy::from_config_map(&ConfigMap {
            data: Some(BTreeMap::from(data)),
            ..ConfigMap::default()
        })
    }

    pub(crate) fn certificate(name: &str) -> PeerCertificate {
        let identity = PeerIdentity {
            common_name: name.to_owned(),
            client_auth: true,
            ..PeerIdentity::default()
        };
        PeerCertificate(Some(Arc::new(identity)))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_front_proxy_says_who_asks() {
        let headers = headers(&[
            ("x-remote-user", "alice"),
            ("x-remote-group", "devs"),
            ("x-remote-group", "system:authenticated"),
            ("x-remote-extra-example.com%2fscope", "a"),
        ]);
        let user = usual()
            .authenticate(&certificate("front-proxy-client"), &headers)
            .unwrap();
        assert_eq!(user.name, "alice");
        assert_eq!(user.groups, ["devs", "system:authenticated"]);
        assert_eq!(user.extra["example.com/scope"], ["a"]);
    }

    #[test]
    fn headers_alone_say_nothing() {
        let forged = headers(&[
            ("x-remote-user", "system:admin"),
            ("x-remote-group", "system:masters"),
        ]);
        assert!(
            usual()
                .authenticate(&PeerCertificate(None), &forged)
                .is_err()
        );
        assert!(
            usual()
                .authenticate(&certificate("kube-apiserver"), &forged)
                .is_err()
        );
        assert!(
            FrontProxy::default()
                .authenticate(&certificate("front-proxy-client"), &forged)
                .is_err()
        );
        let mut server = PeerIdentity {
            common_name: "front-proxy-client".to_owned(),
            ..PeerIdentity::default()
        };
        server.server_auth = true;
        assert!(
            usual()
                .authenticate(&PeerCertificate(Some(Arc::new(server))), &forged)
                .is_err()
        );
    }

    #[test]
    fn nobody_in_particular_is_refused() {
        let nobody = headers(&[("x-remote-user", ""), ("x-remote-group", "system:masters")]);
        assert!(
            usual()
                .authenticate(&certificate("front-proxy-client"), &nobody)
                .is_err()
        );
    }
}
