//! What the specification of a VirtualMachineInstance depends on, in the order in which it is written there.

use kubevirt_api::{VirtualMachineInstanceSpec, Volume};

use super::builder::{
    ATTACHMENT, CLAIM, CONFIG_MAP, DATA_VOLUME, Dependency, Kind, Nodes, SECRET, SERVICE_ACCOUNT,
    dependency,
};

/// Adds the nodes of all objects that `spec` names.
pub(super) fn add(nodes: &mut Nodes, spec: &VirtualMachineInstanceSpec, namespace: &str) {
    let mut found = Found { nodes, namespace };
    for one in &spec.volumes {
        found.volume(one);
    }
    for one in &spec.utility_volumes {
        found.claim(&one.claim_name);
    }
    for one in &spec.access_credentials {
        let keys = one.ssh_public_key.as_ref();
        let passwords = one.user_password.as_ref();
        let secrets = [
            keys.and_then(|keys| keys.source.secret.as_ref()),
            passwords.and_then(|passwords| passwords.source.secret.as_ref()),
        ];
        for secret in secrets.into_iter().flatten() {
            found.config(SECRET, Some(&secret.secret_name), None);
        }
    }
    found.config(SERVICE_ACCOUNT, spec.service_account_name.as_ref(), None);
    let networks = spec.networks.iter();
    for one in networks.filter_map(|network| network.multus.as_ref()) {
        found.attachment(&one.network_name);
    }
}

struct Found<'a> {
    nodes: &'a mut Nodes,
    namespace: &'a str,
}

impl Found<'_> {
    fn add(&mut self, kind: Kind, name: &str, what_for: Dependency, optional: bool) {
        let node = dependency(kind, Some(self.namespace), name, what_for, optional);
        self.nodes.add(node);
    }

    fn claim(&mut self, name: &str) {
        self.add(CLAIM, name, Dependency::Storage, false);
    }

    fn config(&mut self, kind: Kind, name: Option<&String>, optional: Option<bool>) {
        if let Some(name) = name {
            self.add(kind, name, Dependency::Config, optional == Some(true));
        }
    }

    /// A DataVolume, which makes the claim of its name.
    fn data_volume(&mut self, name: &str) {
        let (namespace, storage) = (Some(self.namespace), Dependency::Storage);
        let mut node = dependency(DATA_VOLUME, namespace, name, storage, false);
        node.children = vec![dependency(CLAIM, namespace, name, storage, false)];
        self.nodes.add(node);
    }

    /// A NetworkAttachmentDefinition, `name` or `namespace/name`.
    fn attachment(&mut self, name: &str) {
        let (namespace, name) = name.split_once('/').unwrap_or((self.namespace, name));
        let network = Dependency::Network;
        let node = dependency(ATTACHMENT, Some(namespace), name, network, false);
        self.nodes.add(node);
    }

    fn volume(&mut self, volume: &Volume) {
        if let Some(source) = &volume.persistent_volume_claim {
            self.claim(&source.claim_name);
        }
        if let Some(source) = &volume.data_volume {
            self.data_volume(&source.name);
        }
        let ephemeral = volume.ephemeral.as_ref();
        if let Some(claim) = ephemeral.and_then(|source| source.persistent_volume_claim.as_ref()) {
            self.claim(&claim.claim_name);
        }
        if let Some(source) = &volume.memory_dump {
            self.claim(&source.claim_name);
        }
        if let Some(source) = &volume.container_disk {
            self.config(SECRET, source.image_pull_secret.as_ref(), None);
        }
        if let Some(source) = &volume.config_map {
            self.config(CONFIG_MAP, source.name.as_ref(), source.optional);
        }
        if let Some(source) = &volume.secret {
            self.config(SECRET, source.secret_name.as_ref(), source.optional);
        }
        if let Some(source) = &volume.service_account {
            self.config(SERVICE_ACCOUNT, source.service_account_name.as_ref(), None);
        }
        let cloud_init = [
            volume
                .cloud_init_no_cloud
                .as_ref()
                .map(|source| [&source.secret_ref, &source.network_data_secret_ref]),
            volume
                .cloud_init_config_drive
                .as_ref()
                .map(|source| [&source.secret_ref, &source.network_data_secret_ref]),
        ];
        for secret in cloud_init.into_iter().flatten().flatten().flatten() {
            self.config(SECRET, Some(&secret.name), None);
        }
        if let Some(source) = &volume.sysprep {
            let secret = source.secret.as_ref().map(|secret| &secret.name);
            let config_map = source.config_map.as_ref().map(|map| &map.name);
            self.config(SECRET, secret, None);
            self.config(CONFIG_MAP, config_map, None);
        }
    }
}
