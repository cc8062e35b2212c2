//! Reads the objects, lets [`decision`] decide, writes; starts over when they changed in between.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kube::core::DynamicObject;
use kube::{Api, Client};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use serde_json::Value;

use super::decision::{self, KIND, Object, Step};
use super::options::{self, RestartOptions, StartOptions, StopOptions};
use crate::aggregated::route::{Subresource, Target};
use crate::objects;
use crate::patching::{self, ATTEMPTS, Change, Failure, Part};
use crate::status::Refusal;

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
            Err(Failure::Changed) => patching::pause().await,
            Err(Failure::Other(refusal)) => return Err(refusal),
        }
    }
    Err(patching::modified(KIND, &target.name))
}

struct Objects<'a> {
    machines: Api<DynamicObject>,
    instances: Api<DynamicObject>,
    name: &'a str,
    dry_run: bool,
}

impl<'a> Objects<'a> {
    fn new(client: &Client, target: &'a Target, dry_run: bool) -> Self {
        Self {
            machines: objects::api::<VirtualMachine>(client, &target.namespace),
            instances: objects::api::<VirtualMachineInstance>(client, &target.namespace),
            name: &target.name,
            dry_run,
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
        let (api, part) = match object {
            Object::Machine => (&self.machines, Part::Object),
            Object::MachineStatus => (&self.machines, Part::Status),
            Object::Instance => (&self.instances, Part::Object),
        };
        let change = Change {
            part,
            operations: operations.clone(),
        };
        patching::patch(api, KIND, self.name, &change, self.dry_run).await
    }
}
