//! Reads the objects, lets [`decision`] decide, writes; starts over when they changed in between.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kube::{Api, Client};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use serde_json::Value;

use super::decision::{self, KIND, Object, Step};
use super::options::{self, RestartOptions, StartOptions, StopOptions};
use crate::aggregated::route::{Subresource, Target};
use crate::objects;
use crate::status::{Refusal, from_api};

/// How often it starts over. The objects are written a few times per second at most, so this is never used up by chance.
const ATTEMPTS: usize = 5;

/// What the API server answers when the test of a JSON patch does not hold (with code 422).
const PATCH_DOES_NOT_APPLY: &str = "the server rejected our request due to an error in our request";

enum Request {
    Start(StartOptions),
    Stop(StopOptions),
    Restart(RestartOptions),
}

/// Carries out `target.subresource` with the body of the request; 202 without a body when all went well.
pub(crate) async fn carry_out(
    client: &Client,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let request = match target.subresource {
        Subresource::Start => Request::Start(options::decode(body)?),
        Subresource::Stop => Request::Stop(options::decode(body)?),
        Subresource::Restart => Request::Restart(options::decode(body)?),
        other => {
            return Err(Refusal::internal(format!(
                "{other:?} neither starts nor stops a VirtualMachine"
            )));
        }
    };
    let dry_run = options::dry_run(match &request {
        Request::Start(options) => options.dry_run.as_deref(),
        Request::Stop(options) => options.dry_run.as_deref(),
        Request::Restart(options) => options.dry_run.as_deref(),
    })?;
    let objects = Objects::new(client, target, dry_run);
    for _ in 0..ATTEMPTS {
        let machine = objects.machine().await?;
        let instance = objects.instance().await?;
        let steps = match &request {
            Request::Start(options) => decision::start(&machine, instance.as_ref(), options),
            Request::Stop(options) => decision::stop(&machine, instance.as_ref(), options),
            Request::Restart(options) => decision::restart(&machine, instance.as_ref(), options),
        }?;
        match objects.write(&steps).await {
            Ok(()) => return Ok(StatusCode::ACCEPTED.into_response()),
            Err(Failure::Changed) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(Failure::Other(refusal)) => return Err(refusal),
        }
    }
    Err(Refusal::conflict(
        KIND,
        &target.name,
        "the object has been modified; try again",
    ))
}

enum Failure {
    /// The object is not any more what the decision was made about.
    Changed,
    Other(Refusal),
}

struct Objects<'a> {
    machines: Api<DynamicObject>,
    instances: Api<DynamicObject>,
    name: &'a str,
    parameters: PatchParams,
}

impl<'a> Objects<'a> {
    fn new(client: &Client, target: &'a Target, dry_run: bool) -> Self {
        Self {
            machines: objects::api::<VirtualMachine>(client, &target.namespace),
            instances: objects::api::<VirtualMachineInstance>(client, &target.namespace),
            name: &target.name,
            parameters: PatchParams {
                dry_run,
                ..PatchParams::default()
            },
        }
    }

    async fn machine(&self) -> Result<VirtualMachine, Refusal> {
        objects::read(&self.machines, KIND, self.name)
            .await?
            .ok_or_else(|| Refusal::not_found(KIND, self.name))
    }

    async fn instance(&self) -> Result<Option<VirtualMachineInstance>, Refusal> {
        objects::read(&self.instances, "virtualmachineinstance", self.name).await
    }

    async fn write(&self, steps: &[Step]) -> Result<(), Failure> {
        for (done, step) in steps.iter().enumerate() {
            if let Err(failure) = self.patch(step.object, &step.operations).await {
                for earlier in steps[..done].iter().rev() {
                    let Some(undo) = &earlier.undo else { continue };
                    if self.patch(earlier.object, undo).await.is_err() {
                        tracing::warn!(
                            name = self.name,
                            "a change could not be taken back after a later one failed"
                        );
                    }
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    async fn patch(&self, object: Object, operations: &Value) -> Result<(), Failure> {
        let patch: json_patch::Patch =
            serde_json::from_value(operations.clone()).map_err(|error| {
                Failure::Other(Refusal::internal(format!(
                    "the patch is malformed: {error}"
                )))
            })?;
        let patch = Patch::<()>::Json(patch);
        let outcome = match object {
            Object::Machine => self
                .machines
                .patch(self.name, &self.parameters, &patch)
                .await
                .map(drop),
            Object::MachineStatus => self
                .machines
                .patch_status(self.name, &self.parameters, &patch)
                .await
                .map(drop),
            Object::Instance => self
                .instances
                .patch(self.name, &self.parameters, &patch)
                .await
                .map(drop),
        };
        outcome.map_err(|error| match error {
            kube::Error::Api(status) if status.code == 409 => Failure::Changed,
            kube::Error::Api(status)
                if status.code == 422 && status.message.starts_with(PATCH_DOES_NOT_APPLY) =>
            {
                Failure::Changed
            }
            error => Failure::Other(from_api(error, KIND, self.name)),
        })
    }
}
