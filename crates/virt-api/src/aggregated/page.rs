//! The page docs/subresources.md, made from the table, so that it cannot say anything else.

use std::fmt::Write;
use std::path::Path;

use super::route::{Implementation, Subresource};
use crate::later;

const HEAD: &str = "# Subresources

What the aggregated API `subresources.kubevirt.io` serves, in the versions `v1` and `v1alpha3`, beneath
`/apis/subresources.kubevirt.io/VERSION`. Paths, methods, bodies, codes and rights are those of upstream KubeVirt.

An endpoint whose feature is *missing* is there all the same: it authorizes, refuses what is wrong in any version as upstream
does, and answers everything else with a `Status` of code 501 and reason `NotImplemented` that names the feature. The list shrinks
with each version.

Nothing in this version moves a running guest or plugs disks into one. `migrate` makes the VirtualMachineInstanceMigration
that clients expect, and its answer has a `Warning` header that says that the guest stays. `addvolume` and `removevolume` of a
VirtualMachine take effect at its guest's next start, which a `Warning` header says when one runs; those of a
VirtualMachineInstance, which has no next start, answer 501 unless something else is wrong with them.

What is refused is a `Status` with `details.group: kubevirt.io`, except, as in upstream: who may not is told so in plain text
with 401, and each failure of `guestosinfo`, `userlist` and `filesystemlist` is plain text with 500. Bodies are JSON or YAML,
whatever their content type says; without a body the defaults hold. OPTIONS answers with the path's method. It grants no
origin: whether a browser may ask is decided by kube-apiserver (`--cors-allowed-origins`), behind which this API stands.

Rights are asked for with the path behind the object's name as the subresource, as in `virtualmachineinstances/vnc/screenshot`,
without the port and protocol of `portforward`. Which role gives which is in `manifests/rbac-users.yaml`.

<!-- Generated from crates/virt-api/src/aggregated/subresource.rs:
     KUBEVIRT_WRITE_PAGE=1 cargo test -p virt-api --bin virt-api page -->
";

/// Paths that are about no object, and whether they are served.
const PLAIN: [(&str, Option<&str>); 4] = [
    ("version", None),
    ("guestfs", None),
    ("healthz", None),
    (
        "start-cluster-profiler`, `stop-cluster-profiler`, `dump-cluster-profiler",
        Some(later::PROFILES),
    ),
];

fn page() -> String {
    let mut page = HEAD.to_owned();
    let state = |missing: Option<&str>| match missing {
        Some(what) => format!("missing: {what}"),
        None => "served".to_owned(),
    };
    for (title, resource) in [
        ("VirtualMachine", "virtualmachines"),
        ("VirtualMachineInstance", "virtualmachineinstances"),
        ("Namespace", "expand-vm-spec"),
    ] {
        let place = match resource {
            "expand-vm-spec" => "namespaces/NAMESPACE".to_owned(),
            _ => format!("namespaces/NAMESPACE/{resource}/NAME"),
        };
        let _ = write!(page, "\n## {title}\nBeneath `{place}`.\n\n");
        page.push_str("| endpoint | method | success | in discovery | |\n|---|---|---|---|---|\n");
        for subresource in Subresource::ALL.iter().copied() {
            let row = subresource.row();
            if row.resource != resource {
                continue;
            }
            let name = match row.name {
                "" => row.resource.to_owned(),
                name if subresource.has_port() => format!("{name}/PORT[/tcp\\|udp]"),
                name => name.to_owned(),
            };
            let success = match row.implementation {
                Implementation::Stream => "101, WebSocket".to_owned(),
                _ => row.success.to_string(),
            };
            let (method, listed) = (row.method.as_str(), if row.listed { "yes" } else { "" });
            let state = state(later::missing(subresource));
            let _ = writeln!(
                page,
                "| `{name}` | {method} | {success} | {listed} | {state} |"
            );
        }
    }
    page.push_str("\n## Cluster\n| endpoint | method | |\n|---|---|---|\n");
    for (path, missing) in PLAIN {
        let _ = writeln!(page, "| `{path}` | GET | {} |", state(missing));
    }
    page
}

#[test]
fn the_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/subresources.md");
    let page = page();
    if std::env::var_os("KUBEVIRT_WRITE_PAGE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/subresources.md is not what the table says: run KUBEVIRT_WRITE_PAGE=1 cargo test -p virt-api --bin virt-api page"
    );
}
