//! Adding volumes to machines and instances, and removing them.
//!
//! What is asked of a VirtualMachine becomes part of its template: written there at once (feature gate
//! DeclarativeHotplugVolumes), or by virt-controller, for which it waits in the status (HotplugVolumes). Either way a guest
//! has it from its next start on. Nothing plugs disks into a running guest yet: for one the answer says so with a warning,
//! and what is asked of a VirtualMachineInstance alone, which has no next start, is refused with 501.

mod instance;
mod machine;
mod request;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_core::config::{Features, Gate};

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::lifecycle::options;
use crate::objects::{self, INSTANCE, MACHINE};
use crate::patching::{self, ATTEMPTS, Failure};
use crate::status::Refusal;
use crate::warning::warned;
use request::Request;

/// How a machine gets and loses volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// By requests in its status, which virt-controller carries out.
    Requests,
    /// By a change of its template.
    Template,
}

impl Mode {
    /// As the settings have it. 400 when they have neither.
    fn of(features: &Features) -> Result<Self, Refusal> {
        if features.is_on(Gate::HotplugVolumes) {
            return Ok(Self::Requests);
        }
        if features.is_on(Gate::DeclarativeHotplugVolumes) {
            return Ok(Self::Template);
        }
        Err(Refusal::bad_request(format!(
            "volumes cannot be added or removed: neither of the feature gates {} and {} is on: {}",
            Gate::DeclarativeHotplugVolumes.name(),
            Gate::HotplugVolumes.name(),
            features.remedy(Gate::DeclarativeHotplugVolumes)
        )))
    }
}

/// Carries out `addvolume` or `removevolume` with the request's body; 202 without a body when it was noted.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let mode = Mode::of(&context.config.current().features)?;
    let adds = matches!(
        target.subresource,
        Subresource::MachineAddVolume | Subresource::InstanceAddVolume
    );
    let request = match adds {
        true => request::addition(body),
        false => request::removal(body),
    }?;
    let dry_run = options::dry_run(Some(request.dry_run()))?;
    if target.subresource.kind() == INSTANCE {
        let instance = objects::instance(&context.client, target)
            .await?
            .ok_or_else(|| Refusal::not_found(INSTANCE, &target.name))?;
        return Err(instance::refusal(&instance, &request, mode));
    }
    change_machine(context, target, &request, mode, dry_run).await
}

async fn change_machine(
    context: &Aggregated,
    target: &Target,
    request: &Request,
    mode: Mode,
    dry_run: bool,
) -> Result<Response, Refusal> {
    let name = &target.name;
    let api = objects::api::<VirtualMachine>(&context.client, &target.namespace);
    for _ in 0..ATTEMPTS {
        let object = objects::value(&api, MACHINE, name)
            .await?
            .ok_or_else(|| Refusal::not_found(MACHINE, name))?;
        let machine: VirtualMachine = objects::typed(&object, MACHINE, name)?;
        let change = machine::change(&object, &machine, request, mode)?;
        match patching::patch(&api, MACHINE, name, &change, dry_run).await {
            Ok(()) => {
                let instance = objects::instance(&context.client, target).await?;
                return Ok(answer(request, instance.as_ref()));
            }
            Err(Failure::Changed) => patching::pause().await,
            Err(Failure::Other(refusal)) => return Err(refusal),
        }
    }
    Err(patching::modified(MACHINE, name))
}

/// 202, which says what a running guest makes of it.
fn answer(request: &Request, instance: Option<&VirtualMachineInstance>) -> Response {
    let accepted = StatusCode::ACCEPTED.into_response();
    let runs = |instance: &VirtualMachineInstance| {
        let status = instance.status.as_ref();
        !status.is_some_and(|status| status.phase.is_final())
    };
    if !instance.is_some_and(runs) {
        return accepted;
    }
    let what = match request {
        Request::Add(_) => "the running guest gets",
        Request::Remove(_) => "the running guest loses",
    };
    let text = format!(
        "{what} volume {:?} at its next start: this version of KubeVirt does not plug disks into running guests or out of them",
        request.name()
    );
    warned(accepted, &text)
}

#[cfg(test)]
mod tests;
