//! What virt-handler does with a running guest: pausing, rebooting, freezing its file systems, asking its agent, a picture
//! of its screen.
//!
//! Whether the instance is in the right state is decided by [`checks`], pure functions of the objects; then virt-handler
//! is asked, which knows the guest itself.

pub(crate) mod checks;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use kubevirt_api::{
    PauseOptions, UnpauseOptions, VirtualMachine, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase,
};

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::lifecycle::options;
use crate::objects::{INSTANCE, MACHINE};
use crate::status::Refusal;
use crate::{handler, objects};

/// Carries out `target.subresource` with the request's query and body.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    query: Option<&str>,
    body: &[u8],
) -> Result<Response, Refusal> {
    match target.subresource {
        Subresource::GuestOsInfo | Subresource::UserList | Subresource::FileSystemList => {
            tell(context, target).await.map_err(Refusal::in_text)
        }
        Subresource::VncScreenshot => screenshot(context, target, query).await,
        _ => change(context, target, body).await,
    }
}

/// What the guest's agent tells.
async fn tell(context: &Aggregated, target: &Target) -> Result<Response, Refusal> {
    let instance = instance(context, target).await?;
    checks::state(target.subresource, &instance, None)?;
    let reply = ask(context, target, &instance, Method::GET, "", Bytes::new()).await?;
    Ok(answer("application/json", reply))
}

async fn screenshot(
    context: &Aggregated,
    target: &Target,
    query: Option<&str>,
) -> Result<Response, Refusal> {
    let query = match checks::move_cursor(query)? {
        true => "?moveCursor=true",
        false => "",
    };
    let instance = instance(context, target).await?;
    checks::state(target.subresource, &instance, None)?;
    let reply = ask(context, target, &instance, Method::GET, query, Bytes::new()).await?;
    Ok(answer("image/png", reply))
}

/// Changes the guest's state; 200 without a body when all went well.
async fn change(context: &Aggregated, target: &Target, body: &[u8]) -> Result<Response, Refusal> {
    let dry_run = match target.subresource {
        Subresource::Pause => options::decode::<PauseOptions>(body)?.dry_run,
        Subresource::Unpause => options::decode::<UnpauseOptions>(body)?.dry_run,
        _ => Vec::new(),
    };
    let dry_run = options::dry_run(Some(&dry_run))?;
    let instance = instance(context, target).await?;
    let machine = match target.subresource {
        Subresource::Unpause => owner(context, &instance).await?,
        _ => None,
    };
    checks::state(target.subresource, &instance, machine.as_ref())?;
    let body = match target.subresource {
        Subresource::Freeze => checks::freeze_options(body)?,
        _ => Bytes::new(),
    };
    if dry_run {
        checks::node(&instance)?;
        return Ok(StatusCode::OK.into_response());
    }
    let asked = ask(context, target, &instance, Method::PUT, "", body).await;
    match asked {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(mut refusal) => {
            let phase = checks::phase(&instance);
            // A reset has no check of the phase of its own, so its refusal says which one it is.
            if target.subresource == Subresource::Reset && phase != Phase::Running {
                let phase = format!(
                    " (the VMI is not running: its phase is {:?})",
                    phase.as_str()
                );
                refusal.message.push_str(&phase);
            }
            Err(refusal)
        }
    }
}

/// Asks virt-handler of the instance's node.
async fn ask(
    context: &Aggregated,
    target: &Target,
    instance: &VirtualMachineInstance,
    method: Method,
    query: &str,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    let node = checks::node(instance)?;
    let (_, subresource) = target.subresource.names();
    let mut path = handler::path(&target.namespace, &target.name, subresource);
    path.push_str(query);
    handler::call(context, node, method, &path, body).await
}

fn answer(content_type: &'static str, body: Bytes) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

async fn instance(
    context: &Aggregated,
    target: &Target,
) -> Result<VirtualMachineInstance, Refusal> {
    objects::instance(&context.client, target)
        .await?
        .ok_or_else(|| Refusal::not_found(INSTANCE, &target.name))
}

/// The VirtualMachine that the instance belongs to, if there is one.
async fn owner(
    context: &Aggregated,
    instance: &VirtualMachineInstance,
) -> Result<Option<VirtualMachine>, Refusal> {
    let owners = instance.metadata.owner_references.iter().flatten();
    let mut machines =
        owners.filter(|owner| owner.kind == "VirtualMachine" && owner.controller == Some(true));
    let Some(owner) = machines.next() else {
        return Ok(None);
    };
    let namespace = instance.metadata.namespace.as_deref().unwrap_or_default();
    let api = objects::api::<VirtualMachine>(&context.client, namespace);
    objects::read(&api, MACHINE, &owner.name).await
}
