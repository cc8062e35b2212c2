//! The webhooks by their paths, which are upstream's.

use std::future::Future;
use std::pin::Pin;

use super::review::{Outcome, Request};
use super::{Admission, kinds, mutate, settings, validate};

/// How a webhook comes to its answer.
#[derive(Clone, Copy)]
pub(super) enum Webhook {
    /// From the review alone.
    Pure(fn(&Admission, &Request) -> Outcome),
    /// From the review and from other objects, which it asks the API server for.
    Observing(for<'a> fn(&'a Admission, &'a Request) -> Answer<'a>),
}

/// An answer that is being found.
pub(super) type Answer<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

use Webhook::{Observing, Pure};

pub(super) const WEBHOOKS: [(&str, Webhook); 28] = [
    ("/virtualmachines-mutate", Pure(mutate::machine)),
    ("/virtualmachineinstances-mutate", Pure(mutate::instance)),
    ("/migration-mutate-create", Pure(mutate::migration)),
    ("/vm-clone-mutate-create", Pure(mutate::clone)),
    ("/virtualmachines-validate", Pure(validate::machine)),
    (
        "/virtualmachineinstances-validate-create",
        Pure(validate::instance_create),
    ),
    (
        "/virtualmachineinstances-validate-update",
        Pure(validate::instance_update),
    ),
    (
        "/kubevirt-validate-create",
        Observing(|admission, request| Box::pin(settings::create(admission, request))),
    ),
    ("/kubevirt-validate-update", Pure(settings::update)),
    (
        "/kubevirt-validate-delete",
        Observing(|admission, request| Box::pin(settings::delete(admission, request))),
    ),
    (
        "/virtualmachinereplicaset-validate",
        Pure(kinds::replica_set),
    ),
    ("/vmipreset-validate", Pure(kinds::preset)),
    (
        "/migration-validate-create",
        Observing(|admission, request| Box::pin(kinds::migration_create(admission, request))),
    ),
    ("/migration-validate-update", Pure(kinds::migration_update)),
    ("/virtualmachinepool-validate", Pure(kinds::pool)),
    ("/virtualmachinesnapshots-validate", Pure(kinds::snapshot)),
    (
        "/virtualmachinerestores-validate",
        Observing(|admission, request| Box::pin(kinds::restore(admission, request))),
    ),
    ("/virtualmachineexports-validate", Pure(kinds::export)),
    (
        "/virtualmachinebackups-validate",
        Observing(|admission, request| Box::pin(kinds::backup(admission, request))),
    ),
    (
        "/virtualmachinebackuptrackers-validate",
        Pure(kinds::backup_tracker),
    ),
    (
        "/virtualmachineinstancetypes-validate",
        Pure(kinds::instancetype),
    ),
    (
        "/virtualmachineclusterinstancetypes-validate",
        Pure(kinds::cluster_instancetype),
    ),
    (
        "/virtualmachinepreferences-validate",
        Pure(kinds::preference),
    ),
    (
        "/virtualmachineclusterpreferences-validate",
        Pure(kinds::cluster_preference),
    ),
    (
        "/migration-policy-validate-create",
        Pure(kinds::migration_policy),
    ),
    ("/vm-clone-validate-create", Pure(kinds::clone)),
    ("/plugin-validate", Pure(kinds::plugin)),
    ("/status-validate", Pure(validate::status)),
];
