//! The network of a launcher pod: bridge, TAP device and address translation between the pod's own network device and the
//! guest, all inside the pod's network namespace.
//!
//! [`prepare`] looks at what is there, plans what is missing ([`plan`], a plain function) and does that. A second time it
//! changes nothing and answers the same, also from another virt-handler process: what the pod's device was like before is
//! kept by the kernel, in the device's alias, which nobody without CAP_NET_ADMIN in the pod can write.

mod address;
mod alias;
mod apply;
mod bridge;
mod error;
mod masquerade;
mod namespace;
mod nft;
mod observe;
mod plan;
mod request;

pub use address::{Cidr, MacAddress};
pub use error::NetworkError;
pub use namespace::PodNetwork;
pub use observe::{Link, Observed, Route};
pub use plan::{Action, Fresh, Plan, plan};
pub use request::{Binding, GuestAddress, GuestRoute, InterfaceRequest, Port, PreparedInterface};

use std::time::Duration;

/// All of it takes some 20 ms.
const LIMIT: Duration = Duration::from_secs(20);

/// Makes the network of a pod as the VM's interfaces need it and tells what the domain and the DHCP server are to say.
/// May be repeated at any time, also while the guest runs.
pub async fn prepare(
    network: &PodNetwork,
    requests: &[InterfaceRequest],
) -> Result<Vec<PreparedInterface>, NetworkError> {
    let requests = requests.to_vec();
    for request in &requests {
        request.check()?;
    }
    network
        .run(LIMIT, async move || {
            let netlink = apply::Netlink::open()?;
            let mut prepared = Vec::with_capacity(requests.len());
            for request in &requests {
                let observed = netlink.observe().await?;
                let plan = plan(&observed, request, &Fresh::random()?)?;
                for action in &plan.actions {
                    tracing::debug!(interface = %request.name, ?action, "pod network");
                    netlink.apply(action).await?;
                }
                prepared.push(plan.prepared);
            }
            Ok(prepared)
        })
        .await
}
