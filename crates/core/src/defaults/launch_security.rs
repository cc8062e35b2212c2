//! What guests with protected memory need from their node.

use kubevirt_api::{VirtualMachineInstance, names::annotation};

use super::annotations;
use crate::config::ClusterConfig;

/// Guests with TDX are told where the node's quote generation service listens. The settings say it, not the user: it is a
/// path on the node.
pub(super) fn quote_service(vmi: &mut VirtualMachineInstance, config: &ClusterConfig) {
    let tdx = vmi
        .spec
        .domain
        .launch_security
        .as_ref()
        .is_some_and(|security| security.tdx.is_some());
    if tdx {
        annotations(&mut vmi.metadata).insert(
            annotation::QGS_SOCKET_PATH.to_owned(),
            config.qgs_socket_path.clone(),
        );
    }
}
