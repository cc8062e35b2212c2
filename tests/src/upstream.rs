//! The original's own virtctl, built from its published module by `cluster/tools/build.sh upstream-virtctl`.

use std::path::PathBuf;
use std::process::Command;

use crate::kubectl::kubeconfig;

/// Where it is.
pub fn path() -> PathBuf {
    std::env::var_os("UPSTREAM_VIRTCTL").map_or_else(
        || PathBuf::from("/var/cache/kubevirt-local/upstream-virtctl/virtctl"),
        PathBuf::from,
    )
}

/// A command of it in a namespace of the cluster under test.
///
/// # Errors
/// It was not built.
pub fn virtctl(namespace: &str) -> anyhow::Result<Command> {
    let path = path();
    anyhow::ensure!(
        path.is_file(),
        "{} is missing: run cluster/tools/build.sh upstream-virtctl",
        path.display()
    );
    let mut command = Command::new(path);
    command
        .env("KUBECONFIG", kubeconfig())
        .args(["-n", namespace]);
    Ok(command)
}
