//! The way to virt-handler: its pod on the instance's node, mutual TLS, then one request, which either is answered or
//! becomes a WebSocket.

mod call;
mod connect;
mod dial;
mod find;
mod refused;

pub(crate) use call::call;
pub(crate) use dial::dial;

use kubevirt_runtime::tls::ClientTls;

/// Where the virt-handlers are and how virt-api proves who it is. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handlers {
    tls: ClientTls,
    /// Namespace of their pods.
    namespace: String,
    port: u16,
}

impl Handlers {
    pub(crate) fn new(tls: ClientTls, namespace: &str, port: u16) -> Self {
        Self {
            tls,
            namespace: namespace.to_owned(),
            port,
        }
    }
}

/// virt-handler's path of an instance's subresource.
pub(crate) fn path(namespace: &str, name: &str, subresource: &str) -> String {
    format!("/v1/namespaces/{namespace}/virtualmachineinstances/{name}/{subresource}")
}

#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod tests;
