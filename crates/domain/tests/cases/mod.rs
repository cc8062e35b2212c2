//! One VirtualMachineInstance for each field: what the manifest adds to a plain one, and what the XML then has.

mod devices;
mod disks;
mod machine;

use kubevirt_api::VirtualMachineInstance;
use kubevirt_domain::{Environment, InterfaceAttachment, VolumeSource};
use serde_json::{Value, json};

/// A field and its XML.
pub struct Case {
    /// The field.
    pub name: &'static str,
    /// Merged into [`plain`].
    pub manifest: Value,
    /// Parts that the XML must have, without white space between elements.
    pub has: &'static [&'static str],
    /// Parts that it must not have.
    pub has_not: &'static [&'static str],
}

impl Case {
    fn new(name: &'static str, manifest: Value, has: &'static [&'static str]) -> Self {
        Self {
            name,
            manifest,
            has,
            has_not: &[],
        }
    }

    fn without(mut self, has_not: &'static [&'static str]) -> Self {
        self.has_not = has_not;
        self
    }
}

/// All cases.
pub fn all() -> Vec<Case> {
    let mut cases = machine::cases();
    cases.extend(disks::cases());
    cases.extend(devices::cases());
    cases
}

/// A VirtualMachineInstance as the webhook completes the simplest manifest.
pub fn plain() -> Value {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": {"name": "vm", "namespace": "ns", "uid": "e6101f34-ec23-4178-a6ab-cdd09aed4409"},
        "spec": {
            "architecture": "amd64",
            "domain": {
                "machine": {"type": "q35"},
                "memory": {"guest": "64Mi"},
                "cpu": {"sockets": 1, "cores": 1, "threads": 1, "model": "host-model"},
                "firmware": {"uuid": "2a1f639e-0c1d-41fa-a9b5-8dd1deee496b", "serial": "34324ca0-4cc0-423b-9639-846e7da23a53"},
                "features": {"acpi": {"enabled": true}},
                "devices": {
                    "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
                    "interfaces": [{"name": "default", "masquerade": {}}]
                }
            },
            "networks": [{"name": "default", "pod": {}}],
            "volumes": [{"name": "root", "containerDisk": {"image": "guest"}}]
        }
    })
}

/// The plain one with a manifest merged into it (RFC 7396).
pub fn vmi(manifest: &Value) -> VirtualMachineInstance {
    let mut value = plain();
    merge(&mut value, manifest);
    serde_json::from_value(value).unwrap()
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(key);
                } else {
                    merge(target.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// A node without hardware virtualization, with everything the manifest asks for. A volume whose name begins with
/// `block` is a device.
pub fn environment(vmi: &VirtualMachineInstance) -> Environment {
    let mut environment = Environment::new(&Default::default(), true);
    for (index, volume) in vmi.spec.volumes.iter().enumerate() {
        let source = VolumeSource::of(vmi, index, volume.name.starts_with("block")).unwrap();
        environment.volumes.insert(
            volume.name.clone(),
            VolumeSource {
                direct_io: true,
                ..source
            },
        );
    }
    for (index, interface) in vmi.spec.domain.devices.interfaces.iter().enumerate() {
        let attachment = InterfaceAttachment {
            tap: format!("tap{index}"),
            mac: interface
                .mac_address
                .clone()
                .unwrap_or_else(|| "02:00:00:00:00:01".into()),
            mtu: 1450,
            queues: kubevirt_domain::interface_queues(vmi, interface),
            vhost: false,
        };
        environment
            .interfaces
            .insert(interface.name.clone(), attachment);
    }
    environment
}

/// XML without white space between elements.
pub fn compact(xml: &str) -> String {
    xml.lines().map(str::trim_start).collect()
}
