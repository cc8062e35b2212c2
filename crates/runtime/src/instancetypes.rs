//! Reading what a VirtualMachine names: its instancetype, its preference, their revisions, and the objects that its volumes
//! come from. Each is one bounded GET; a VirtualMachine that names nothing costs none.

use std::time::Duration;

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::{Api, Client};
use kubevirt_api::{InstancetypeStatusRef, VirtualMachine};
use kubevirt_core::instancetype::infer::{self, Facts, Reference, Seen, Source, Step, Subject};
use kubevirt_core::instancetype::{
    Chosen, Kind, Matcher, Selection, UnknownKind, UnreadableRevision, specification,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::decode::{DecodeError, decode};

const GROUP: &str = "instancetype.kubevirt.io";
/// Longest wait for the answer to one GET: admission as a whole has 10 s.
const LIMIT: Duration = Duration::from_secs(3);
/// Objects that are read to find out what a volume says.
const MOST_READ: usize = 10;

/// What was named and could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The kind is none of an instancetype or a preference.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// A matcher without a name.
    #[error("has no name: say which {0} is meant")]
    Nameless(&'static str),
    /// There is no such object.
    #[error("{plural}.{group} {name:?} not found: create it, or name another")]
    NotFound {
        /// Plural of the kind.
        plural: String,
        /// Group of the kind.
        group: String,
        /// Name of the object.
        name: String,
    },
    /// The object does not fit its schema.
    #[error("{kind} {name} cannot be read: {error}")]
    Unreadable {
        /// Kind of the object.
        kind: &'static str,
        /// Name of the object.
        name: String,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// The revision does not hold what it is to hold.
    #[error(transparent)]
    Revision(#[from] UnreadableRevision),
    /// The API server did not answer in time.
    #[error("{kind} {name} cannot be read: no answer within 3 s; try again")]
    Late {
        /// Kind of the object.
        kind: &'static str,
        /// Name of the object.
        name: String,
    },
    /// The API server refused or could not be reached.
    #[error("{kind} {name} cannot be read: {error}; try again")]
    Failed {
        /// Kind of the object.
        kind: &'static str,
        /// Name of the object.
        name: String,
        /// Why.
        error: kube::Error,
    },
}

impl FindError {
    /// Whether what is named does not exist, or is no such thing: trying again helps only when something is changed.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::Late { .. } | Self::Failed { .. })
    }
}

/// What a volume says about an instancetype or a preference.
#[derive(Debug)]
pub enum Inferred {
    /// This is meant.
    Found {
        /// Its name.
        name: String,
        /// Its kind, where it is said.
        kind: Option<String>,
    },
    /// The volume does not say it.
    Unsaid(String),
    /// It cannot be found out.
    Failed(String),
}

/// An instancetype or a preference as the API server has it now.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: Value,
}

/// Reads what VirtualMachines name. Cheap to clone.
#[derive(Clone)]
pub struct Finder {
    client: Client,
}

impl Finder {
    /// A finder that needs `get` on the four kinds, on ControllerRevisions, and where volumes are asked on
    /// PersistentVolumeClaims, DataVolumes, DataSources and VolumeSnapshots.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The instancetype that a VirtualMachine names: the revision that it keeps, else what there is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn instancetype(
        &self,
        vm: &VirtualMachine,
        namespace: &str,
    ) -> Result<Selection, FindError> {
        let kept = vm
            .status
            .as_ref()
            .and_then(|status| status.instancetype_ref.as_ref());
        let instancetype = self
            .chosen(Matcher::instancetype(vm)?, kept, namespace)
            .await?;
        Ok(Selection {
            instancetype,
            preference: None,
        })
    }

    /// The preference that a VirtualMachine names, likewise.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn preference(
        &self,
        vm: &VirtualMachine,
        namespace: &str,
    ) -> Result<Selection, FindError> {
        let kept = vm
            .status
            .as_ref()
            .and_then(|status| status.preference_ref.as_ref());
        let preference = self
            .chosen(Matcher::preference(vm)?, kept, namespace)
            .await?;
        Ok(Selection {
            instancetype: None,
            preference,
        })
    }

    async fn chosen<T: DeserializeOwned>(
        &self,
        matcher: Option<Matcher>,
        kept: Option<&InstancetypeStatusRef>,
        namespace: &str,
    ) -> Result<Option<Chosen<T>>, FindError> {
        let Some(matcher) = matcher else {
            return Ok(None);
        };
        let spec = match matcher.revision_to_read(kept) {
            Some(revision) => {
                let api: Api<ControllerRevision> = Api::namespaced(self.client.clone(), namespace);
                let found = get(&api, "ControllerRevision", revision).await?;
                specification(&found.ok_or_else(|| FindError::NotFound {
                    plural: "controllerrevisions".to_owned(),
                    group: "apps".to_owned(),
                    name: revision.to_owned(),
                })?)?
            }
            None => {
                let current = self.current(&matcher, namespace).await?;
                decode(&current.spec).map_err(|error| FindError::Unreadable {
                    kind: matcher.kind.name(),
                    name: matcher.name.clone(),
                    error,
                })?
            }
        };
        Ok(Some(Chosen {
            kind: matcher.kind,
            name: matcher.name,
            spec,
        }))
    }

    /// What a matcher names, as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn current(&self, matcher: &Matcher, namespace: &str) -> Result<Current, FindError> {
        let kind = matcher.kind;
        if matcher.name.is_empty() {
            return Err(FindError::Nameless(kind.name()));
        }
        let found = get(&self.api(kind, namespace), kind.name(), &matcher.name).await?;
        let mut object = found.ok_or_else(|| FindError::NotFound {
            plural: kind.plural().to_owned(),
            group: GROUP.to_owned(),
            name: matcher.name.clone(),
        })?;
        Ok(Current {
            metadata: object.metadata,
            spec: object.data.get_mut("spec").map_or(Value::Null, Value::take),
        })
    }

    fn api(&self, kind: Kind, namespace: &str) -> Api<DynamicObject> {
        let resource = ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk(GROUP, "v1beta1", kind.name()),
            kind.plural(),
        );
        if kind.is_namespaced() {
            Api::namespaced_with(self.client.clone(), namespace, &resource)
        } else {
            Api::all_with(self.client.clone(), &resource)
        }
    }

    /// What `volume` of a VirtualMachine says about `subject`.
    ///
    /// # Errors
    /// When an object on the way cannot be read. One that does not exist is no error.
    pub async fn infer(
        &self,
        vm: &VirtualMachine,
        subject: Subject,
        volume: &str,
    ) -> Result<Inferred, FindError> {
        let mut seen = Seen::new();
        for _ in 0..MOST_READ {
            match infer::infer(vm, subject, volume, &seen) {
                Step::Read(reference) => {
                    let facts = self.facts(&reference).await?;
                    seen.insert(reference, facts);
                }
                Step::Found { name, kind } => return Ok(Inferred::Found { name, kind }),
                Step::Unsaid(why) => return Ok(Inferred::Unsaid(why)),
                Step::Failed(why) => return Ok(Inferred::Failed(why)),
            }
        }
        Ok(Inferred::Failed(format!(
            "more than {MOST_READ} objects lead to one another"
        )))
    }

    /// What matters of an object that a volume comes from; nothing when it does not exist, or its kind does not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn facts(&self, reference: &Reference) -> Result<Option<Facts>, FindError> {
        let (group, version, plural) = match reference.source {
            Source::Claim => ("", "v1", "persistentvolumeclaims"),
            Source::DataVolume => ("cdi.kubevirt.io", "v1beta1", "datavolumes"),
            Source::DataSource => ("cdi.kubevirt.io", "v1beta1", "datasources"),
            Source::Snapshot => ("snapshot.storage.k8s.io", "v1", "volumesnapshots"),
        };
        let kind = reference.source.name();
        let resource =
            ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &reference.namespace, &resource);
        let found = get(&api, kind, &reference.name).await?;
        Ok(found.map(|mut object| Facts {
            labels: object.metadata.labels.take().unwrap_or_default(),
            spec: object.data.get_mut("spec").map_or(Value::Null, Value::take),
        }))
    }
}

async fn get<K>(api: &Api<K>, kind: &'static str, name: &str) -> Result<Option<K>, FindError>
where
    K: Clone + DeserializeOwned + std::fmt::Debug,
{
    match tokio::time::timeout(LIMIT, api.get_opt(name)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(FindError::Failed {
            kind,
            name: name.to_owned(),
            error,
        }),
        Err(_) => Err(FindError::Late {
            kind,
            name: name.to_owned(),
        }),
    }
}
