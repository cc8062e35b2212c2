//! What keeps an instance from being started: fields that nothing acts on and without which the guest would not be what was
//! asked for.

use kubevirt_api::VirtualMachineInstance;
use serde_json::json;

use super::RenderError;
use crate::not_acted_on;

pub(super) fn none(instance: &VirtualMachineInstance) -> Result<(), RenderError> {
    let spec = serde_json::to_value(&instance.spec).map_err(|error| {
        RenderError::new(format!(
            "the specification cannot be written as JSON: {error}"
        ))
    })?;
    let found = not_acted_on::obstacles("VirtualMachineInstance", &json!({ "spec": spec }));
    match not_acted_on::refusal(&found) {
        Some(message) => Err(RenderError::new(message)),
        None => Ok(()),
    }
}
