//! Plugin.

use kubevirt_api::Plugin;
use kubevirt_api::plugin::{DomainHook, NodeHook};

use super::duration::duration;
use super::{Fault, Faults, Path};

const STRATEGIES: [&str; 2] = ["Fail", "Ignore"];
const HOOKS: [&str; 7] = [
    "PreVMStart",
    "PostVMStart",
    "PreVMStop",
    "PostVMStop",
    "PreMigrationSource",
    "PreMigrationTarget",
    "PostMigrationTarget",
];

/// What is wrong with a plugin.
pub fn validate_plugin(plugin: &Plugin) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &plugin.spec;
    faults.one_of(
        &path.field("failureStrategy"),
        spec.failure_strategy.as_deref(),
        &STRATEGIES,
    );
    for (index, hook) in spec.domain_hooks.iter().enumerate() {
        domain_hook(&mut faults, &path.field("domainHooks").index(index), hook);
    }
    for (index, hook) in spec.node_hooks.iter().enumerate() {
        node_hook(&mut faults, &path.field("nodeHooks").index(index), hook);
    }
    for (name, references) in [
        (
            "mutatingAdmissionPolicies",
            &spec.mutating_admission_policies,
        ),
        (
            "validatingAdmissionPolicies",
            &spec.validating_admission_policies,
        ),
        (
            "mutatingAdmissionWebhooks",
            &spec.mutating_admission_webhooks,
        ),
        (
            "validatingAdmissionWebhooks",
            &spec.validating_admission_webhooks,
        ),
    ] {
        for (index, reference) in references.iter().enumerate() {
            if reference.name.is_empty() {
                faults.required(
                    &path.field(name).index(index).field("name"),
                    "must name the object",
                );
            }
        }
    }
    faults.into_vec()
}

fn domain_hook(faults: &mut Faults, path: &Path, hook: &DomainHook) {
    match (&hook.cel, &hook.sidecar) {
        (Some(_), Some(_)) => {
            faults.invalid(path, "must have one of cel and sidecar: take one out")
        }
        (None, None) => faults.required(path, "must have cel or sidecar"),
        (Some(cel), None) if cel.expression.is_empty() => {
            faults.required(&path.field("cel").field("expression"), "must not be empty");
        }
        (None, Some(sidecar)) => {
            socket(
                faults,
                &path.field("sidecar").field("socketPath"),
                &sidecar.socket_path,
            );
        }
        (Some(_), None) => {}
    }
    faults.one_of(
        &path.field("failureStrategy"),
        hook.failure_strategy.as_deref(),
        &STRATEGIES,
    );
    duration(
        faults,
        &path.field("timeout"),
        hook.timeout.as_deref(),
        true,
    );
}

fn node_hook(faults: &mut Faults, path: &Path, hook: &NodeHook) {
    socket(faults, &path.field("socket"), &hook.socket);
    let hooks = path.field("permittedHooks");
    if hook.permitted_hooks.is_empty() {
        faults.required(
            &hooks,
            format!("must name when the hook is called: {}", HOOKS.join(", ")),
        );
    }
    for (index, name) in hook.permitted_hooks.iter().enumerate() {
        faults.one_of(&hooks.index(index), Some(name), &HOOKS);
    }
    faults.one_of(
        &path.field("failureStrategy"),
        hook.failure_strategy.as_deref(),
        &STRATEGIES,
    );
    duration(
        faults,
        &path.field("timeout"),
        hook.timeout.as_deref(),
        true,
    );
}

fn socket(faults: &mut Faults, path: &Path, socket: &str) {
    if socket.is_empty() {
        faults.required(path, "must be the path of a socket");
    } else if socket.split('/').any(|part| part == "..") {
        faults.invalid(
            path,
            format!("{socket:?} has .. in it: write a path that stays below its beginning"),
        );
    }
}
