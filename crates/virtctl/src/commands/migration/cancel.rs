//! `virtctl migrate-cancel`: deletes the migration that goes on.

use anyhow::{Context, bail};
use clap::Args;
use kube::Api;
use kube::api::{DeleteParams, ListParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};

use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::target::Kind;
use crate::{client, say, subresource};

/// `virtctl migrate-cancel`.
#[derive(Debug, Args)]
pub(crate) struct MigrateCancel {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    name: String,
    #[command(flatten)]
    dry_run: DryRun,
}

/// `virtctl migrate-cancel VM`.
pub(crate) async fn migrate_cancel(
    flags: &Connection,
    arguments: &MigrateCancel,
) -> anyhow::Result<()> {
    let name = &arguments.name;
    let dry_run = !arguments.dry_run.options().is_empty();
    let cluster = client::connect(flags).await?;
    // The name becomes a label's value: this refuses what would be no name.
    let kind = Kind::VirtualMachineInstance;
    subresource::path(&cluster.namespace, kind.resource(), name, "")?;
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(
        "kubevirt.io",
        "v1",
        "VirtualMachineInstanceMigration",
    ));
    let migrations: Api<DynamicObject> =
        Api::namespaced_with(cluster.client.clone(), &cluster.namespace, &resource);
    let of_machine = ListParams::default().labels(&format!("kubevirt.io/vmi-name=={name}"));
    let list = migrations
        .list(&of_machine)
        .await
        .map_err(subresource::plain)
        .with_context(|| format!("error looking for migrations of VirtualMachine {name}"))?;
    let going_on = list.items.into_iter().find(|migration| {
        let phase = migration.data.pointer("/status/phase");
        !matches!(
            phase.and_then(serde_json::Value::as_str),
            Some("Succeeded" | "Failed")
        )
    });
    let Some(migration) = going_on.and_then(|migration| migration.metadata.name) else {
        bail!(
            "there is no migration to cancel for {name} in namespace {}; see `kubectl get vmim -n {}`",
            cluster.namespace,
            cluster.namespace
        );
    };
    let parameters = DeleteParams {
        dry_run,
        ..DeleteParams::default()
    };
    migrations
        .delete(&migration, &parameters)
        .await
        .map_err(subresource::plain)
        .with_context(|| {
            format!("error canceling migration {migration} of VirtualMachine {name}")
        })?;
    say::line(format_args!("VM {name} was scheduled to migrate-cancel"));
    Ok(())
}
