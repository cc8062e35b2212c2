//! Revisions: what an instancetype and a preference said when a VirtualMachine first named them. The machine stays as it was
//! when they change.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use kubevirt_api::{ControllerRevisionRef, InstancetypeStatusRef, VirtualMachine, names::label};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Matcher, UnknownKind};

/// Group and version of what revisions hold.
const API_VERSION: &str = "instancetype.kubevirt.io/v1beta1";
const VERSION: &str = "v1beta1";
/// Most characters of a label's value.
const MOST_OF_LABEL: usize = 63;

/// What the status of a VirtualMachine is to say about one of its matchers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It says it.
    Nothing,
    /// Nothing: there is no matcher any more.
    Cleared,
    /// The revision that the user named.
    Named(Matcher, String),
    /// A revision that is to be made of the object as it is now.
    Made(Matcher),
}

/// What the status of a VirtualMachine is to say about its instancetype and its preference.
///
/// # Errors
/// When a matcher names no kind that there is.
pub fn wanted(vm: &VirtualMachine) -> Result<[Wanted; 2], UnknownKind> {
    let status = vm.status.as_ref();
    let one = |matcher: Option<Matcher>, kept: Option<&InstancetypeStatusRef>| {
        let Some(matcher) = matcher else {
            return if kept.is_some() {
                Wanted::Cleared
            } else {
                Wanted::Nothing
            };
        };
        match (matcher.revision.clone(), matcher.kept(kept)) {
            (None, Some(_)) => Wanted::Nothing,
            (Some(wanted), Some(kept)) if wanted == kept => Wanted::Nothing,
            (Some(wanted), _) => Wanted::Named(matcher, wanted),
            (None, None) => Wanted::Made(matcher),
        }
    };
    Ok([
        one(
            Matcher::instancetype(vm)?,
            status.and_then(|status| status.instancetype_ref.as_ref()),
        ),
        one(
            Matcher::preference(vm)?,
            status.and_then(|status| status.preference_ref.as_ref()),
        ),
    ])
}

/// What the status of a VirtualMachine says about a matcher whose revision is kept.
pub fn status_reference(matcher: &Matcher, revision: &str) -> InstancetypeStatusRef {
    InstancetypeStatusRef {
        name: Some(matcher.name.clone()),
        kind: Some(matcher.kind.name().to_owned()),
        controller_revision_ref: Some(ControllerRevisionRef {
            name: Some(revision.to_owned()),
        }),
        ..InstancetypeStatusRef::default()
    }
}

/// The revision that keeps `object`, an instancetype or a preference as the API server gave it, for a VirtualMachine. Its
/// name follows from what it holds, so making it twice does no harm.
pub fn controller_revision(
    vm: &VirtualMachine,
    matcher: &Matcher,
    metadata: &ObjectMeta,
    specification: &Value,
) -> ControllerRevision {
    let machine = vm.metadata.name.clone().unwrap_or_default();
    let uid = metadata.uid.clone().unwrap_or_default();
    let generation = metadata.generation.unwrap_or_default();
    let name = &matcher.name;
    let kind = matcher.kind.name();
    let labels = [
        (
            label::INSTANCETYPE_OBJECT_GENERATION,
            generation.to_string(),
        ),
        (label::INSTANCETYPE_OBJECT_KIND, kind.to_owned()),
        (label::INSTANCETYPE_OBJECT_NAME, name.clone()),
        (label::INSTANCETYPE_OBJECT_UID, uid.clone()),
        (label::INSTANCETYPE_OBJECT_VERSION, VERSION.to_owned()),
    ];
    let mut kept = metadata.clone();
    kept.managed_fields = None;
    ControllerRevision {
        metadata: ObjectMeta {
            name: Some(format!("{machine}-{name}-{VERSION}-{uid}-{generation}")),
            namespace: vm.metadata.namespace.clone(),
            labels: Some(
                labels
                    .into_iter()
                    // Names of objects may be longer than values of labels.
                    .filter(|(_, value)| value.len() <= MOST_OF_LABEL)
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<BTreeMap<_, _>>(),
            ),
            owner_references: Some(vec![OwnerReference {
                api_version: format!("{}/{}", kubevirt_api::GROUP, kubevirt_api::VERSION),
                kind: "VirtualMachine".to_owned(),
                name: machine,
                uid: vm.metadata.uid.clone().unwrap_or_default(),
                controller: Some(true),
                block_owner_deletion: Some(true),
            }]),
            ..ObjectMeta::default()
        },
        data: Some(RawExtension(serde_json::json!({
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": kept,
            "spec": specification,
        }))),
        revision: 0,
    }
}

/// A revision that does not hold what it is to hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "ControllerRevision {name} cannot be read: {problem}; take revisionName out of the VirtualMachine, or name another"
)]
pub struct UnreadableRevision {
    name: String,
    problem: String,
}

/// What a revision keeps: the specification of an instancetype or a preference.
///
/// # Errors
/// When it keeps something else.
pub fn specification<T: DeserializeOwned>(
    revision: &ControllerRevision,
) -> Result<T, UnreadableRevision> {
    let unreadable = |problem: String| UnreadableRevision {
        name: revision.metadata.name.clone().unwrap_or_default(),
        problem,
    };
    let spec = revision
        .data
        .as_ref()
        .and_then(|data| data.0.get("spec"))
        .ok_or_else(|| unreadable("it holds no specification".to_owned()))?;
    T::deserialize(spec).map_err(|error| unreadable(error.to_string()))
}
