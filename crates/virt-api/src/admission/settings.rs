//! The validating webhooks of the settings, the kind KubeVirt.

use kube::Resource;
use kubevirt_api::{
    KubeVirt, VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet,
};
use kubevirt_core::config::{validate_kubevirt, warnings_kubevirt};
use kubevirt_core::not_acted_on;
use serde_json::Value;

use super::Admission;
use super::observe::{self, Error};
use super::review::{Cause, Outcome, Request, typed};

/// The value of `uninstallStrategy` that keeps the settings while there are virtual machines.
const BLOCK: &str = "BlockUninstallIfWorkloadsExist";

/// KubeVirt, CREATE: there is one object, in the namespace that KubeVirt is installed in.
pub(super) async fn create(admission: &Admission, request: &Request) -> Outcome {
    if request.namespace != admission.namespace {
        return refused(
            "metadata.namespace",
            format!(
                "the settings are read in namespace {:?} alone, where KubeVirt is installed: create the object there",
                admission.namespace
            ),
        );
    }
    let judged = update(admission, request);
    if !judged.is_allowed() {
        return judged;
    }
    let Some(client) = &admission.client else {
        return super::kinds::not_observed(&Error::NoClient);
    };
    match observe::list::<KubeVirt>(client, &admission.namespace, "").await {
        Err(error) => super::kinds::not_observed(&error),
        Ok(others) => match others
            .into_iter()
            .next()
            .and_then(|other| other.metadata.name)
        {
            Some(other) if other != request.name => refused(
                "metadata.name",
                format!("there can be one KubeVirt object, and {other:?} exists: change that one"),
            ),
            _ => judged,
        },
    }
}

/// KubeVirt, UPDATE.
pub(super) fn update(_: &Admission, request: &Request) -> Outcome {
    let settings: KubeVirt = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    if request.is_going() {
        return Outcome::allowed();
    }
    let mut told = warnings_kubevirt(&settings);
    if request.operation == "CREATE" || !request.has_same_spec() {
        told.extend(not_acted_on::warnings("KubeVirt", &request.object));
    }
    Outcome::judged(validate_kubevirt(&settings), told)
}

/// KubeVirt, DELETE.
pub(super) async fn delete(admission: &Admission, request: &Request) -> Outcome {
    let strategy = request.old_object.pointer("/spec/uninstallStrategy");
    if strategy.and_then(Value::as_str) != Some(BLOCK) {
        return Outcome::allowed();
    }
    let left = [
        exists::<VirtualMachineInstance>(admission).await,
        exists::<VirtualMachine>(admission).await,
        exists::<VirtualMachineInstanceReplicaSet>(admission).await,
    ];
    let mut kinds = Vec::new();
    for found in left {
        match found {
            Err(error) => return super::kinds::not_observed(&error),
            Ok(found) => kinds.extend(found),
        }
    }
    if kinds.is_empty() {
        return Outcome::allowed();
    }
    refused(
        "spec.uninstallStrategy",
        format!(
            "is {BLOCK} and there are objects of {}: delete them first, or set RemoveWorkloads",
            kinds.join(", ")
        ),
    )
}

/// The kind, when there is an object of it in any namespace.
async fn exists<T: Resource<DynamicType = ()>>(
    admission: &Admission,
) -> Result<Option<String>, Error> {
    let client = admission.client.as_ref().ok_or(Error::NoClient)?;
    let any = observe::any::<T>(client).await?;
    Ok(any.then(|| T::kind(&()).into_owned()))
}

fn refused(field: &str, message: String) -> Outcome {
    Outcome::Refused(vec![Cause {
        field: field.to_owned(),
        reason: "FieldValueInvalid",
        message,
    }])
}
