//! The Service's manifest, from the flags and the object.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use super::arguments::Expose;
use super::text;

/// Most characters of a label's value.
const LABEL: usize = 63;

/// The flags that have a few values each, in the API's spelling.
pub(super) struct Settings {
    service_type: &'static str,
    protocol: &'static str,
    families: Vec<&'static str>,
    family_policy: Option<&'static str>,
}

impl Settings {
    /// Checks the flags.
    pub(super) fn read(arguments: &Expose) -> anyhow::Result<Self> {
        ensure!(
            !arguments.service_type.eq_ignore_ascii_case("ExternalName"),
            "type: ExternalName not supported; use ClusterIP, NodePort or LoadBalancer"
        );
        let types = ["ClusterIP", "NodePort", "LoadBalancer"];
        let policies = ["SingleStack", "PreferDualStack", "RequireDualStack"];
        let families = arguments.families.as_deref().map(|text| {
            text.split(',')
                .map(|family| one_of("IPFamily/s", family.trim(), &["IPv4", "IPv6"]))
                .collect::<anyhow::Result<Vec<_>>>()
        });
        let families = families.transpose()?.unwrap_or_default();
        ensure!(
            families.len() < 3 && (families.len() < 2 || families.first() != families.last()),
            "unknown IPFamily/s: {}; name each family once",
            arguments.families.as_deref().unwrap_or_default()
        );
        ensure!(
            arguments.port >= 0,
            "--port {}: must be between 1 and 65535",
            arguments.port
        );
        Ok(Self {
            service_type: one_of("service type", &arguments.service_type, &types)?,
            protocol: one_of("protocol", &arguments.protocol, &["TCP", "UDP"])?,
            families,
            family_policy: arguments
                .family_policy
                .as_deref()
                .map(|policy| one_of("IPFamilyPolicy/s", policy, &policies))
                .transpose()?,
        })
    }
}

fn one_of(what: &str, given: &str, known: &[&'static str]) -> anyhow::Result<&'static str> {
    let found = known
        .iter()
        .find(|candidate| candidate.eq_ignore_ascii_case(given));
    found
        .copied()
        .with_context(|| format!("unknown {what}: {given}; use {}", known.join(", ")))
}

/// The manifest.
pub(super) fn manifest(
    arguments: &Expose,
    settings: &Settings,
    kind: &str,
    owner: &Value,
) -> anyhow::Result<Value> {
    let mut spec = Map::new();
    spec.insert("selector".into(), selector(kind, owner)?);
    spec.insert("ports".into(), ports(arguments, settings, kind, owner)?);
    spec.insert("type".into(), settings.service_type.into());
    if let Some(address) = filled(&arguments.cluster_address) {
        spec.insert("clusterIP".into(), address.into());
    }
    if let Some(address) = filled(&arguments.external_address) {
        spec.insert("externalIPs".into(), json!([address]));
    }
    if !settings.families.is_empty() {
        spec.insert("ipFamilies".into(), json!(settings.families));
    }
    if let Some(policy) = settings.family_policy {
        spec.insert("ipFamilyPolicy".into(), policy.into());
    }
    let reference = json!({
        "apiVersion": "kubevirt.io/v1",
        "kind": kind,
        "name": text(owner, "/metadata/name").unwrap_or_default(),
        "uid": text(owner, "/metadata/uid").unwrap_or_default(),
        "controller": true,
        "blockOwnerDeletion": false,
    });
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": arguments.name, "ownerReferences": [reference] },
        "spec": spec,
    }))
}

fn filled(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}

/// Which launcher pods the Service leads to.
fn selector(kind: &str, owner: &Value) -> anyhow::Result<Value> {
    if kind != "VirtualMachineInstanceReplicaSet" {
        let name = text(owner, "/metadata/name").unwrap_or_default();
        return Ok(json!({ "vmi.kubevirt.io/id": label(name) }));
    }
    let selector = owner.pointer("/spec/selector");
    let expressions = selector
        .and_then(|selector| selector.get("matchExpressions"))
        .and_then(Value::as_array);
    ensure!(
        expressions.is_none_or(Vec::is_empty),
        "cannot expose VirtualMachineInstanceReplicaSet with match expressions: a Service selects by labels only"
    );
    let labels = selector
        .and_then(|selector| selector.get("matchLabels"))
        .filter(|labels| labels.as_object().is_some_and(|labels| !labels.is_empty()));
    labels
        .cloned()
        .context("the VirtualMachineInstanceReplicaSet has no spec.selector.matchLabels")
}

/// The value of the label `vmi.kubevirt.io/id`: the name, cut and told apart by a digest when it is too long for a label.
fn label(name: &str) -> String {
    if name.len() <= LABEL {
        return name.to_owned();
    }
    let digest = Sha1::digest(name.as_bytes());
    let hex: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{hex}", name.get(..54).unwrap_or(name))
}

fn ports(
    arguments: &Expose,
    settings: &Settings,
    kind: &str,
    owner: &Value,
) -> anyhow::Result<Value> {
    if arguments.port > 0 {
        let mut port = json!({ "port": arguments.port, "protocol": settings.protocol });
        port["targetPort"] = match filled(&arguments.target_port) {
            Some(target) => target
                .parse::<u16>()
                .map_or_else(|_| target.into(), Value::from),
            None => arguments.port.into(),
        };
        if let Some(name) = filled(&arguments.port_name) {
            port["name"] = name.into();
        }
        return Ok(json!([port]));
    }
    let spec = if kind == "VirtualMachineInstance" {
        "/spec"
    } else {
        "/spec/template/spec"
    };
    let listed = listed(owner.pointer(spec).unwrap_or(&Value::Null));
    if listed.is_empty() {
        bail!(
            "couldn't find port via --port flag or introspection: give --port, or list the ports of the interface on the pod network"
        );
    }
    let ports = listed.iter().enumerate().map(|(index, port)| {
        let number = port.get("port").cloned().unwrap_or_default();
        let protocol = text(port, "/protocol").filter(|protocol| !protocol.is_empty());
        json!({
            // Several ports need names, and those of a guest need not be there.
            "name": format!("port-{}", index + 1),
            "port": number,
            "targetPort": number,
            "protocol": protocol.unwrap_or("TCP"),
        })
    });
    Ok(Value::Array(ports.collect()))
}

/// The ports of the interface on the pod network.
fn listed(spec: &Value) -> Vec<Value> {
    let list = |pointer: &str| {
        spec.pointer(pointer)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let pod_network = list("/networks")
        .iter()
        .find(|network| network.get("pod").is_some())
        .and_then(|network| text(network, "/name").map(str::to_owned));
    let interfaces = list("/domain/devices/interfaces");
    let interface = interfaces
        .iter()
        .find(|interface| text(interface, "/name") == pod_network.as_deref());
    interface
        .and_then(|interface| interface.get("ports"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        expose: Expose,
    }

    fn machine() -> Value {
        json!({
            "metadata": { "name": "web", "uid": "u1" },
            "spec": { "template": { "spec": {
                "networks": [{ "name": "default", "pod": {} }],
                "domain": { "devices": { "interfaces": [
                    { "name": "default", "ports": [{ "name": "http", "port": 80 }, { "port": 53, "protocol": "UDP" }] },
                ] } },
            } } },
        })
    }

    fn service(arguments: &[&str], kind: &str, owner: &Value) -> anyhow::Result<Value> {
        let line = ["expose", "vm", "web", "--name", "s"]
            .iter()
            .chain(arguments);
        let arguments = Line::try_parse_from(line)?.expose;
        manifest(&arguments, &Settings::read(&arguments)?, kind, owner)
    }

    #[test]
    fn the_listed_ports_become_the_services() {
        let service = service(&[], "VirtualMachine", &machine()).unwrap();
        assert_eq!(
            service["spec"],
            json!({
                "selector": { "vmi.kubevirt.io/id": "web" },
                "type": "ClusterIP",
                "ports": [
                    { "name": "port-1", "port": 80, "targetPort": 80, "protocol": "TCP" },
                    { "name": "port-2", "port": 53, "targetPort": 53, "protocol": "UDP" },
                ],
            })
        );
        assert_eq!(
            service["metadata"]["ownerReferences"][0]["blockOwnerDeletion"],
            false
        );
    }

    #[test]
    fn flags_win() {
        let flags = [
            "--port",
            "80",
            "--target-port",
            "http",
            "--type",
            "nodeport",
            "--protocol",
            "udp",
            "--port-name",
            "x",
            "--ip-family",
            "ipv6,ipv4",
            "--ip-family-policy",
            "preferdualstack",
            "--cluster-ip",
            "None",
            "--external-ip",
            "192.0.2.1",
        ];
        assert_eq!(
            service(&flags, "VirtualMachine", &machine()).unwrap()["spec"],
            json!({
                "selector": { "vmi.kubevirt.io/id": "web" },
                "type": "NodePort",
                "ports": [{ "name": "x", "port": 80, "targetPort": "http", "protocol": "UDP" }],
                "ipFamilies": ["IPv6", "IPv4"],
                "ipFamilyPolicy": "PreferDualStack",
                "clusterIP": "None",
                "externalIPs": ["192.0.2.1"],
            })
        );
    }

    #[test]
    fn replica_sets_are_selected_by_their_labels() {
        let mut set =
            json!({ "metadata": {}, "spec": { "selector": { "matchLabels": { "app": "web" } } } });
        let kind = "VirtualMachineInstanceReplicaSet";
        assert_eq!(
            service(&["--port", "1"], kind, &set).unwrap()["spec"]["selector"],
            json!({ "app": "web" })
        );
        set["spec"]["selector"]["matchExpressions"] = json!([{ "key": "a", "operator": "Exists" }]);
        assert!(service(&["--port", "1"], kind, &set).is_err());
    }

    #[test]
    fn wrong_flags_name_what_is_known() {
        for (flags, words) in [
            (["--type", "foo"], "unknown service type: foo"),
            (["--type", "ExternalName"], "not supported"),
            (["--protocol", "foo"], "unknown protocol: foo"),
            (["--ip-family", "foo"], "unknown IPFamily/s: foo"),
            (["--ip-family", "IPv4,IPv4"], "once"),
            (
                ["--ip-family-policy", "foo"],
                "unknown IPFamilyPolicy/s: foo",
            ),
        ] {
            let error = service(&flags, "VirtualMachine", &machine()).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        let bare = json!({ "metadata": {}, "spec": {} });
        let error = service(&[], "VirtualMachine", &bare).unwrap_err();
        assert!(error.to_string().contains("--port"), "{error}");
    }

    #[test]
    fn long_names_are_cut_and_told_apart() {
        let (long, other) = ("a".repeat(70), format!("{}b", "a".repeat(69)));
        assert_eq!(label(&long).len(), 63);
        assert_ne!(label(&long), label(&other));
        assert_eq!(label("web"), "web");
    }
}
