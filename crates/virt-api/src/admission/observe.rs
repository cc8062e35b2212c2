//! Other objects that some rules look at: a bounded number of questions to the API server for each review. The bound in
//! time is the webhook's, see [`super::OBSERVATION`]. Objects are read without their types, so that one that does not fit
//! the schema is no hindrance.

use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::{Api, Client, Resource};
use kubevirt_api::names::label;
use kubevirt_api::snapshot::{
    VirtualMachineRestore, VirtualMachineSnapshot, VirtualMachineSnapshotContent,
};
use kubevirt_api::{
    VirtualMachineBackup, VirtualMachineInstance, VirtualMachineInstanceMigration,
    VirtualMachineSpec,
};
use kubevirt_core::launcher_pod::id_label;
use kubevirt_core::validation::kinds::{MigrationObservation, RestoreObservation, SnapshotSource};
use kubevirt_runtime::decode::decode;
use serde_json::Value;

use super::Admission;
use super::review::Request;
use crate::objects::api;

/// Objects that one question gets, and questions for one list.
const PAGE: u32 = 500;
const PAGES: usize = 20;

/// Why other objects could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The API server refused or did not answer.
    #[error("{what} could not be read, which the rules need ({error}): try again")]
    Api {
        /// What was asked for.
        what: String,
        /// What came of it.
        error: Box<kube::Error>,
    },
    /// There are too many.
    #[error(
        "there are more than {0} {1} in the namespace, too many to look at: delete those that are done"
    )]
    TooMany(usize, String),
    /// There is no way to the API server.
    #[error("there is no connection to the API server, which the rules need: try again")]
    NoClient,
}

/// What a new migration is judged by.
pub(super) async fn for_migration(
    admission: &Admission,
    request: &Request,
) -> Result<MigrationObservation, Error> {
    let name = text(&request.object, "/spec/vmiName");
    if request.operation != "CREATE" || name.is_empty() {
        return Ok(MigrationObservation::default());
    }
    let client = admission.client.as_ref().ok_or(Error::NoClient)?;
    let namespace = &request.namespace;
    let labels = format!("{}={}", label::VMI_NAME, id_label(name));
    let (instance, others) = tokio::join!(
        get::<VirtualMachineInstance>(client, namespace, name),
        list::<VirtualMachineInstanceMigration>(client, namespace, &labels),
    );
    // An instance that our types cannot read is there, and nothing is known about it.
    let read = |found: DynamicObject| {
        let found = serde_json::to_value(found).unwrap_or_default();
        decode(&found).unwrap_or_default()
    };
    let is_on_its_way = |other: &DynamicObject| {
        text(&other.data, "/spec/vmiName") == name
            && !["Succeeded", "Failed"].contains(&text(&other.data, "/status/phase"))
    };
    // One that is being aborted is on its way too.
    let in_flight = others?
        .into_iter()
        .filter(is_on_its_way)
        .filter_map(|other| other.metadata.name)
        .collect();
    Ok(MigrationObservation {
        instance: instance?.map(read),
        in_flight,
    })
}

/// What a new restoration is judged by. Anything else needs no question.
pub(super) async fn for_restore(
    admission: &Admission,
    request: &Request,
) -> Result<RestoreObservation, Error> {
    let text = |pointer| text(&request.object, pointer);
    let target = text("/spec/target/name");
    if request.operation != "CREATE" || target.is_empty() {
        return Ok(RestoreObservation::default());
    }
    let client = admission.client.as_ref().ok_or(Error::NoClient)?;
    let namespace = &request.namespace;
    let others = list::<VirtualMachineRestore>(client, namespace, "").await?;
    let is_busy = |other: &DynamicObject| {
        other.data.pointer("/spec/target/name") == Some(&Value::from(target))
            && other.data.pointer("/status/complete") != Some(&Value::Bool(true))
            && !has_condition(other, &["Failure"])
    };
    Ok(RestoreObservation {
        in_progress: names(others, is_busy),
        source: source(client, namespace, text("/spec/virtualMachineSnapshotName")).await?,
    })
}

/// The virtual machine that a snapshot is of; none when the snapshot or its content does not exist yet.
async fn source(
    client: &Client,
    namespace: &str,
    snapshot: &str,
) -> Result<Option<SnapshotSource>, Error> {
    let Some(snapshot) = get::<VirtualMachineSnapshot>(client, namespace, snapshot).await? else {
        return Ok(None);
    };
    let content = text(&snapshot.data, "/status/virtualMachineSnapshotContentName");
    let content = get::<VirtualMachineSnapshotContent>(client, namespace, content).await?;
    let name = text(&snapshot.data, "/spec/source/name");
    let spec = content.and_then(|content| {
        let spec = content.data.pointer("/spec/source/virtualMachine/spec")?;
        // Kept by another version, perhaps: what cannot be read is looked at when it is restored.
        decode::<VirtualMachineSpec>(spec).ok()
    });
    Ok(spec.map(|spec| SnapshotSource::new(name, &spec)))
}

/// Names of other backups of a new backup's source that are not done.
pub(super) async fn for_backup(
    admission: &Admission,
    request: &Request,
) -> Result<Vec<String>, Error> {
    let source = |object: &Value| {
        ["apiGroup", "kind", "name"]
            .map(|field| text(object, &format!("/spec/source/{field}")).to_owned())
    };
    let wanted = source(&request.object);
    if request.operation != "CREATE" || wanted[2].is_empty() {
        return Ok(Vec::new());
    }
    let client = admission.client.as_ref().ok_or(Error::NoClient)?;
    let others = list::<VirtualMachineBackup>(client, &request.namespace, "").await?;
    let is_busy = |other: &DynamicObject| {
        source(&other.data) == wanted && !has_condition(other, &["Complete", "Failed"])
    };
    Ok(names(others, is_busy))
}

fn names(objects: Vec<DynamicObject>, which: impl Fn(&DynamicObject) -> bool) -> Vec<String> {
    objects
        .into_iter()
        .filter(|object| object.metadata.deletion_timestamp.is_none() && which(object))
        .filter_map(|object| object.metadata.name)
        .collect()
}

/// Whether one of these conditions holds.
fn has_condition(object: &DynamicObject, types: &[&str]) -> bool {
    let conditions = object.data.pointer("/status/conditions");
    conditions
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|condition| {
            condition.get("status").and_then(Value::as_str) == Some("True")
                && condition
                    .get("type")
                    .and_then(Value::as_str)
                    .is_some_and(|type_| types.contains(&type_))
        })
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// An object, none when there is none or it has no name.
pub(super) async fn get<T: Resource<DynamicType = ()>>(
    client: &Client,
    namespace: &str,
    name: &str,
) -> Result<Option<DynamicObject>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = api::<T>(client, namespace).get_opt(name).await;
    found.map_err(|error| Error::Api {
        what: format!("{} {name:?}", T::kind(&())),
        error: Box::new(error),
    })
}

/// Whether there is any object of a kind in the cluster.
pub(super) async fn any<T: Resource<DynamicType = ()>>(client: &Client) -> Result<bool, Error> {
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &ApiResource::erase::<T>(&()));
    match api.list_metadata(&ListParams::default().limit(1)).await {
        Ok(list) => Ok(!list.items.is_empty()),
        // Not even the kind is known.
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(false),
        Err(error) => Err(Error::Api {
            what: T::plural(&()).into_owned(),
            error: Box::new(error),
        }),
    }
}

/// The objects of a namespace with the labels of a selector; all with an empty one.
pub(super) async fn list<T: Resource<DynamicType = ()>>(
    client: &Client,
    namespace: &str,
    labels: &str,
) -> Result<Vec<DynamicObject>, Error> {
    let api = api::<T>(client, namespace);
    let mut parameters = ListParams::default().limit(PAGE);
    if !labels.is_empty() {
        parameters = parameters.labels(labels);
    }
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let page = api.list(&parameters).await.map_err(|error| Error::Api {
            what: T::plural(&()).into_owned(),
            error: Box::new(error),
        })?;
        all.extend(page.items);
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(all),
        }
    }
    Err(Error::TooMany(all.len(), T::plural(&()).into_owned()))
}
