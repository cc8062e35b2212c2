//! What is looked up for a VirtualMachine that names an instancetype or a preference, before the rules apply. The others cost
//! no call to the API.

use std::time::Duration;

use kubevirt_api::names::label;
use kubevirt_api::{
    InstancetypeMatcher, PreferenceMatcher, VirtualMachine, VirtualMachineInstanceTemplateSpec,
};
use kubevirt_core::config::ClusterConfig;
use kubevirt_core::defaults::{Surroundings, default_vmi_spec};
use kubevirt_core::instancetype::infer::{Subject, boot_data_source};
use kubevirt_core::instancetype::{Selection, check_requirements, expand, is_named};
use kubevirt_core::validation::{Fault, FaultReason};
use kubevirt_runtime::instancetypes::{FindError, Finder, Inferred};

use super::review::Request;

const INSTANCETYPE: &str = "spec.instancetype";
const PREFERENCE: &str = "spec.preference";
/// Longest time for all that is looked up; kube-apiserver waits 10 s for the answer.
const LIMIT: Duration = Duration::from_secs(7);

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// The matchers, where a volume said what they are to be.
    matchers: Option<(Option<InstancetypeMatcher>, Option<PreferenceMatcher>)>,
    selection: Selection,
    boot_architecture: Option<String>,
    /// The template completed by instancetype and preference.
    template: Option<VirtualMachineInstanceTemplateSpec>,
    /// What keeps the VirtualMachine from being judged any further.
    faults: Vec<Fault>,
    /// What the preference requires and the guest does not have.
    unmet: Vec<Fault>,
}

impl Named {
    /// What keeps the VirtualMachine from being judged any further.
    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What defaults look at.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            preference: self.selection.preference_spec(),
            boot_architecture: self.boot_architecture.as_deref(),
        }
    }

    /// Puts the matchers in place that volumes said.
    pub(super) fn resolve(&self, vm: &mut VirtualMachine) {
        if let Some((instancetype, preference)) = &self.matchers {
            vm.spec.instancetype.clone_from(instancetype);
            vm.spec.preference.clone_from(preference);
        }
    }

    /// The VirtualMachine as instancetype and preference complete it: what the rules judge.
    pub(super) fn completed(&self, vm: VirtualMachine) -> VirtualMachine {
        match &self.template {
            Some(template) => {
                let mut vm = vm;
                vm.spec.template.clone_from(template);
                vm
            }
            None => vm,
        }
    }

    /// What the preference requires and the guest does not have.
    pub(super) fn unmet(&self) -> Vec<Fault> {
        self.unmet.clone()
    }
}

/// Looks up for the webhook at `path`. Anything that cannot be read is a fault.
pub(super) async fn look_up(
    finder: Option<&Finder>,
    path: &str,
    request: &Request,
    config: &ClusterConfig,
) -> Named {
    let mutating = path == "/virtualmachines-mutate";
    if !mutating && path != "/virtualmachines-validate" {
        return Named::default();
    }
    let present = |pointer: &str| {
        request
            .object
            .pointer(pointer)
            .is_some_and(|value| !value.is_null())
    };
    let names = present("/spec/instancetype") || present("/spec/preference");
    let makes_disks = mutating
        && present("/spec/dataVolumeTemplates")
        && !present("/spec/template/spec/architecture");
    let going = present("/metadata/deletionTimestamp");
    let unchanged = !mutating
        && request.operation == "UPDATE"
        && request.object.get("spec") == request.old_object.get("spec");
    if !(names || makes_disks) || going || unchanged {
        return Named::default();
    }
    let Ok(mut vm) = serde::Deserialize::deserialize(&request.object) else {
        // The rules say what does not fit.
        return Named::default();
    };
    let vm: &mut VirtualMachine = &mut vm;
    if vm
        .metadata
        .namespace
        .as_deref()
        .unwrap_or_default()
        .is_empty()
    {
        vm.metadata.namespace = Some(request.namespace.clone());
    }
    let Some(finder) = finder else {
        return Named {
            faults: vec![fault(INSTANCETYPE, "cannot be looked up here".to_owned())],
            ..Named::default()
        };
    };
    let looked = async {
        if mutating {
            before_defaults(finder, vm).await
        } else {
            before_rules(finder, vm, config).await
        }
    };
    tokio::time::timeout(LIMIT, looked)
        .await
        .unwrap_or_else(|_| Named {
            faults: vec![fault(
                if present("/spec/preference") {
                    PREFERENCE
                } else {
                    INSTANCETYPE
                },
                format!(
                    "the API server did not answer within {} s what is meant: try again",
                    LIMIT.as_secs()
                ),
            )],
            ..Named::default()
        })
}

/// Asks volumes what the matchers mean, and reads the preference, from which defaults follow.
async fn before_defaults(finder: &Finder, vm: &mut VirtualMachine) -> Named {
    let mut named = Named::default();
    if let Err(fault) = resolve(finder, vm, &mut named).await {
        named.faults.push(fault);
        return named;
    }
    let namespace = vm.metadata.namespace.clone().unwrap_or_default();
    // What cannot be had is told by the rules, which come later; a preference that is missing gives no default.
    if let Ok(found) = finder.preference(vm, &namespace).await {
        named.selection.preference = found.preference;
    }
    let chosen = named
        .selection
        .preference_spec()
        .is_some_and(|preference| preference.preferred_architecture.is_some());
    if vm.spec.template.spec.architecture.is_none()
        && !chosen
        && let Some(source) = boot_data_source(vm)
    {
        match finder.facts(&source).await {
            Ok(facts) => {
                named.boot_architecture =
                    facts.and_then(|facts| facts.labels.get(label::TEMPLATE_ARCHITECTURE).cloned());
            }
            // The cluster's architecture is as good a guess as before there was the label.
            Err(error) => tracing::info!(%error, "the architecture of a DataSource is not known"),
        }
    }
    named
}

async fn resolve(finder: &Finder, vm: &mut VirtualMachine, named: &mut Named) -> Result<(), Fault> {
    let volume = |volume: Option<&String>| volume.filter(|name| !name.is_empty()).cloned();
    let mut changed = false;
    if let Some(matcher) = &vm.spec.instancetype
        && let Some(volume) = volume(matcher.infer_from_volume.as_ref())
    {
        let ignore = ignores(matcher.infer_from_volume_failure_policy.as_deref());
        vm.spec.instancetype = said(finder, vm, Subject::Instancetype, &volume, ignore)
            .await?
            .map(|(name, kind)| InstancetypeMatcher {
                name: Some(name),
                kind,
                ..InstancetypeMatcher::default()
            });
        changed = true;
    }
    if let Some(matcher) = &vm.spec.preference
        && let Some(volume) = volume(matcher.infer_from_volume.as_ref())
    {
        let ignore = ignores(matcher.infer_from_volume_failure_policy.as_deref());
        vm.spec.preference = said(finder, vm, Subject::Preference, &volume, ignore)
            .await?
            .map(|(name, kind)| PreferenceMatcher {
                name: Some(name),
                kind,
                ..PreferenceMatcher::default()
            });
        changed = true;
    }
    if changed {
        named.matchers = Some((vm.spec.instancetype.clone(), vm.spec.preference.clone()));
    }
    Ok(())
}

fn ignores(policy: Option<&str>) -> bool {
    policy == Some("Ignore")
}

/// Name and kind that a volume says; nothing when it says none and that may be.
async fn said(
    finder: &Finder,
    vm: &VirtualMachine,
    subject: Subject,
    volume: &str,
    ignore: bool,
) -> Result<Option<(String, Option<String>)>, Fault> {
    match finder.infer(vm, subject, volume).await {
        Ok(Inferred::Found { name, kind }) => Ok(Some((name, kind))),
        Ok(Inferred::Unsaid(_)) if ignore => Ok(None),
        Ok(Inferred::Unsaid(why) | Inferred::Failed(why)) => Err(fault(subject.field(), why)),
        Err(error) => Err(fault(subject.field(), error.to_string())),
    }
}

/// Completes the template with what the matchers name.
async fn before_rules(finder: &Finder, vm: &VirtualMachine, config: &ClusterConfig) -> Named {
    let mut named = Named::default();
    if !is_named(vm) {
        return named;
    }
    let namespace = vm.metadata.namespace.clone().unwrap_or_default();
    let (instancetype, preference) = tokio::join!(
        finder.instancetype(vm, &namespace),
        finder.preference(vm, &namespace)
    );
    match instancetype {
        Ok(found) => named.selection.instancetype = found.instancetype,
        Err(error) => named.faults.push(not_found(INSTANCETYPE, &error)),
    }
    match preference {
        Ok(found) => named.selection.preference = found.preference,
        Err(error) => named.faults.push(not_found(PREFERENCE, &error)),
    }
    if !named.faults.is_empty() {
        return named;
    }
    match expand(&vm.spec.template, &named.selection, config) {
        Ok(template) => {
            let mut spec = template.spec.clone();
            default_vmi_spec(&mut spec, config);
            named.unmet = check_requirements(&spec, &named.selection);
            named.template = Some(template);
        }
        Err(conflicts) => named.faults.extend(conflicts.into_iter().map(Fault::from)),
    }
    named
}

fn fault(field: &str, message: String) -> Fault {
    Fault {
        field: field.to_owned(),
        reason: FaultReason::FieldValueInvalid,
        message,
    }
}

fn not_found(field: &str, error: &FindError) -> Fault {
    Fault {
        reason: if error.is_lasting() {
            FaultReason::FieldValueNotFound
        } else {
            FaultReason::FieldValueInvalid
        },
        ..fault(field, error.to_string())
    }
}

#[cfg(test)]
mod tests;
