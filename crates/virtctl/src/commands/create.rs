//! `virtctl create`: manifests, printed as YAML. Nothing is created in a cluster, and no cluster is asked.

mod clone;
mod instancetype;
mod parameters;
mod preference;
mod random;
mod vm;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::cli::Connection;

/// `virtctl create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Print the manifest of a VirtualMachine.
    Vm(Box<vm::Vm>),
    /// Print the manifest of an instancetype.
    Instancetype(instancetype::Instancetype),
    /// Print the manifest of a preference.
    Preference(preference::Preference),
    /// Print the manifest of a VirtualMachineClone.
    Clone(clone::Clone),
}

/// `virtctl create`.
pub(crate) async fn run(flags: &Connection, arguments: &Create) -> anyhow::Result<()> {
    let mut manifest = match &arguments.kind {
        Kind::Vm(vm) => vm::manifest(vm)?,
        Kind::Instancetype(instancetype) => instancetype::manifest(instancetype)?,
        Kind::Preference(preference) => preference::manifest(preference)?,
        Kind::Clone(clone) => clone::manifest(clone)?,
    };
    let clustered = manifest["kind"]
        .as_str()
        .is_some_and(|kind| kind.starts_with("VirtualMachineCluster"));
    if let (Some(namespace), false) = (&flags.namespace, clustered) {
        manifest["metadata"]["namespace"] = Value::from(namespace.clone());
    }
    print!("{}", serde_saphyr::to_string(&manifest)?);
    Ok(())
}

/// Says which flag is wrong.
trait OfFlag<T> {
    fn of_flag(self, flag: &str) -> anyhow::Result<T>;
}

impl<T> OfFlag<T> for anyhow::Result<T> {
    fn of_flag(self, flag: &str) -> anyhow::Result<T> {
        self.with_context(|| format!("failed to parse \"--{flag}\" flag"))
    }
}

/// Puts `value` at `key` unless there is none.
fn put<T: Into<Value>>(object: &mut serde_json::Map<String, Value>, key: &str, value: Option<T>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value.into());
    }
}
