//! Name, labels and annotations of the pod (contract 1 and 8.1).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kubevirt_api::names::{annotation, label};

use super::{Input, name, name_of, uid_of};
use crate::vmi::COMPUTE_CONTAINER;

pub(super) fn metadata(input: &Input<'_>, overhead: u64) -> ObjectMeta {
    let instance = input.instance;
    let vmi = name_of(instance);
    let uid = uid_of(instance);
    ObjectMeta {
        name: Some(name::pod_name(vmi, uid, input.attempt)),
        generate_name: Some(name::generate_name(vmi)),
        namespace: instance.metadata.namespace.clone(),
        labels: Some(labels(input, vmi, uid)),
        annotations: Some(annotations(input, vmi, overhead)),
        owner_references: Some(vec![OwnerReference {
            api_version: "kubevirt.io/v1".into(),
            kind: "VirtualMachineInstance".into(),
            name: vmi.to_owned(),
            uid: uid.to_owned(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }]),
        ..ObjectMeta::default()
    }
}

fn labels(input: &Input<'_>, vmi: &str, uid: &str) -> BTreeMap<String, String> {
    let metadata = &input.instance.metadata;
    let mut labels = metadata.labels.clone().unwrap_or_default();
    let own = [
        (label::APP, label::APP_LAUNCHER.to_owned()),
        (label::CREATED_BY, uid.to_owned()),
        (
            label::VM_NAME,
            name::host_name(input.instance.spec.hostname.as_deref(), vmi),
        ),
        (label::VMI_ID, name::id_label(vmi)),
    ];
    labels.extend(own.map(|(key, value)| (key.to_owned(), value)));
    labels
}

fn annotations(input: &Input<'_>, vmi: &str, overhead: u64) -> BTreeMap<String, String> {
    let copied = input
        .instance
        .metadata
        .annotations
        .iter()
        .flatten()
        .filter(|(key, _)| {
            !annotation::NOT_FOR_PODS
                .iter()
                .any(|prefix| key.starts_with(prefix))
        });
    let mut annotations: BTreeMap<String, String> = copied
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let own = [
        (annotation::DOMAIN, vmi.to_owned()),
        (annotation::DEFAULT_CONTAINER, COMPUTE_CONTAINER.to_owned()),
        (annotation::DESCHEDULER_REQUEST_EVICT_ONLY, String::new()),
        (annotation::MEMORY_OVERHEAD_BYTES, overhead.to_string()),
        (annotation::MIGRATION_TRANSPORT_UNIX, "true".to_owned()),
    ];
    annotations.extend(own.map(|(key, value)| (key.to_owned(), value)));
    annotations
}
