//! The installation's certificates: made, renewed and handed to whoever trusts them.
//!
//! Every replica runs the same loop and writes only what is due, each write conflict-checked, so that it does not matter
//! which of them is first. What is due is decided by [`plan`], a pure function of what is there and the time.

pub(crate) mod authority;
pub(crate) mod inject;
pub(crate) mod keeper;
pub(crate) mod plan;

/// Lifetime of the CA certificate, seconds (7 days).
pub(crate) const CA_LIFETIME: i64 = 7 * 24 * 3600;
/// Lifetime of the other certificates, seconds (24 h).
pub(crate) const LEAF_LIFETIME: i64 = 24 * 3600;
/// How far certificates reach into the past, for clocks that are behind. Seconds.
pub(crate) const BACKDATE: i64 = 3600;

/// Secret of the CA.
pub(crate) const CA_SECRET: &str = "kubevirt-ca";
/// Secret of virt-api's server certificate.
pub(crate) const API_SECRET: &str = "kubevirt-virt-api-certs";
/// Secret of the certificate that virt-api shows to virt-handler.
pub(crate) const API_CLIENT_SECRET: &str = "kubevirt-virt-api-client-certs";
/// Secret of virt-handler's server certificate.
pub(crate) const HANDLER_SECRET: &str = "kubevirt-virt-handler-server-certs";

/// Common name of virt-api towards virt-handler.
pub(crate) const API_CLIENT_NAME: &str = "kubevirt.io:system:client:virt-api";
/// Name in virt-handler's server certificate.
pub(crate) const HANDLER_NAME: &str = "kubevirt.io:system:node:virt-handler";

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Server,
    Client,
}

/// A certificate that must exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) secret: &'static str,
    pub(crate) common_name: String,
    pub(crate) dns_names: Vec<String>,
    pub(crate) usage: Usage,
}

/// All certificates of an installation in `namespace`.
pub(crate) fn leaves(namespace: &str) -> Vec<Leaf> {
    let service = |name: &str| {
        vec![
            format!("{name}.{namespace}.svc"),
            format!("{name}.{namespace}"),
            format!("{name}.{namespace}.svc.cluster.local"),
        ]
    };
    let server = |secret, common_name: &str, dns_names| Leaf {
        secret,
        common_name: common_name.to_owned(),
        dns_names,
        usage: Usage::Server,
    };
    vec![
        server(
            API_SECRET,
            "kubevirt.io:system:server:virt-api",
            service("virt-api"),
        ),
        server(HANDLER_SECRET, HANDLER_NAME, vec![HANDLER_NAME.to_owned()]),
        Leaf {
            secret: API_CLIENT_SECRET,
            common_name: API_CLIENT_NAME.to_owned(),
            dns_names: Vec::new(),
            usage: Usage::Client,
        },
    ]
}

#[cfg(test)]
mod tests;
