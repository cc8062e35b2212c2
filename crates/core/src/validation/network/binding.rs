//! How an interface is connected to its network, and whether its cable is plugged in.

use kubevirt_api::{Interface, Network};

use super::{Context, Faults, Path, is_default};
use crate::config::Gate;

/// The fields that say how, with those of the past last.
const BINDINGS: [&str; 7] = [
    "masquerade",
    "bridge",
    "sriov",
    "passtBinding",
    "binding",
    "slirp",
    "macvtap",
];

pub(super) fn validate(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    interface: &Interface,
    network: Option<&Network>,
) {
    let names = given(interface);
    match names[..] {
        [] => faults.required(
            path,
            "an interface needs a binding: add masquerade: {} or bridge: {}",
        ),
        [name] => one(faults, context, path, interface, network, name),
        _ => faults.invalid(
            path,
            format!(
                "has more than one binding ({}): keep one of them",
                names.join(", ")
            ),
        ),
    }
    state(faults, &path.field("state"), interface, network);
}

fn given(interface: &Interface) -> Vec<&'static str> {
    let is_set = [
        interface.masquerade.is_some(),
        interface.bridge.is_some(),
        interface.sriov.is_some(),
        interface.passt_binding.is_some(),
        interface.binding.is_some(),
        interface.slirp.is_some(),
        interface.macvtap.is_some(),
    ];
    let mut names: Vec<_> = BINDINGS
        .into_iter()
        .zip(is_set)
        .filter_map(|(name, is_set)| is_set.then_some(name))
        .collect();
    names.extend(interface.passt.as_ref().map(|_| "passt"));
    names
}

fn one(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    interface: &Interface,
    network: Option<&Network>,
    name: &str,
) {
    let on_pod = network.is_some_and(|network| network.pod.is_some());
    let elsewhere = network.is_some() && !on_pod;
    let path = path.field(name);
    match name {
        "bridge" if on_pod && !context.config.network.permit_bridge_on_pod_network => faults
            .invalid(
                &path,
                "bridge is not permitted on the pod network of this cluster: use masquerade",
            ),
        "masquerade" if elsewhere => faults.invalid(
            &path,
            "masquerade works on the pod network only: use bridge, or the network pod",
        ),
        "passtBinding" if elsewhere => faults.invalid(
            &path,
            "passtBinding works on the pod network only: use bridge, or the network pod",
        ),
        "passtBinding" => context.needs(faults, &path, Gate::PasstBinding),
        "sriov" if on_pod => faults.invalid(
            &path,
            "the pod network has no virtual functions to hand over: use a network with multus or resourceClaim",
        ),
        "slirp" | "macvtap" | "passt" => faults.not_supported(
            &path,
            format!("the binding {name} is gone: use masquerade, passtBinding or a binding plugin"),
        ),
        "binding" => {
            let plugin = interface
                .binding
                .as_ref()
                .map(|binding| binding.name.as_str())
                .unwrap_or_default();
            if !context.config.network_bindings.contains(plugin) {
                faults.not_found(
                    &path.field("name"),
                    format!("there is no binding plugin {plugin:?}: have it added to the settings' network.binding, or use another binding"),
                );
            }
        }
        _ => {}
    }
}

fn state(faults: &mut Faults, path: &Path, interface: &Interface, network: Option<&Network>) {
    let Some(state) = interface.state.as_deref().filter(|state| !state.is_empty()) else {
        return;
    };
    match state {
        "up" | "down" if interface.sriov.is_some() => faults.invalid(
            path,
            format!(
                "{state:?} is not possible with sriov, whose link is the card's: take state out"
            ),
        ),
        "absent" if interface.bridge.is_none() => faults.invalid(
            path,
            "only an interface with bridge can be unplugged: take state out",
        ),
        "absent" if network.is_some_and(is_default) => faults.invalid(
            path,
            "the interface of the default network cannot be unplugged: take state out",
        ),
        _ => faults.one_of(path, Some(state), &["up", "down", "absent"]),
    }
}
