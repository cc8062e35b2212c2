//! `virtctl why`: says in words why a virtual machine does not run (yet), and what to do about it.
//!
//! The facts are read from the cluster (`gather`), and rules without any input or output of their own find the first cause in
//! them (`rules`). What the user may not read is told, and the rest is looked at without it.

mod chain;
mod diagnosis;
mod facts;
mod gather;
pub(crate) mod look;
mod print;
mod rules;

use anyhow::bail;
use clap::Args;

use crate::cli::Connection;
use crate::client::{self, Cluster};
use crate::output::{self, Format};
use crate::subresource;

pub(crate) use diagnosis::{Diagnosis, State};
pub(crate) use gather::Kind;

/// `virtctl why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Name of the VirtualMachine or VirtualMachineInstance; vm/NAME and vmi/NAME choose one of them.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Print the answer as data.
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
}

/// `virtctl why NAME`.
pub(crate) async fn run(flags: &Connection, arguments: &Why) -> anyhow::Result<()> {
    let (kind, name) = target(&arguments.name)?;
    let cluster = client::connect(flags).await?;
    let diagnosis = diagnose(&cluster, name, kind).await?;
    match arguments.output {
        Some(format) => output::print(&diagnosis, format)?,
        None if diagnosis.state == State::NotFound => {}
        None => print!("{}", text(&diagnosis)),
    }
    if diagnosis.state == State::NotFound {
        bail!("{}", text(&diagnosis).trim_end());
    }
    Ok(())
}

/// The first cause of the machine's state.
pub(crate) async fn diagnose(
    cluster: &Cluster,
    name: &str,
    kind: Kind,
) -> anyhow::Result<Diagnosis> {
    // Checks namespace and name before they become part of a path.
    subresource::path(&cluster.namespace, "virtualmachines", name, "")?;
    let facts = gather::gather(&cluster.client, &cluster.namespace, name, kind).await?;
    Ok(rules::diagnose(&facts))
}

/// The diagnosis for people.
pub(crate) fn text(diagnosis: &Diagnosis) -> String {
    print::render(diagnosis)
}

/// `NAME`, `vm/NAME` or `vmi/NAME`.
pub(crate) fn target(argument: &str) -> anyhow::Result<(Kind, &str)> {
    let Some((kind, name)) = argument.split_once('/') else {
        return Ok((Kind::Either, argument));
    };
    let kind = match kind {
        "vm" | "vms" | "virtualmachine" | "virtualmachines" => Kind::Machine,
        "vmi" | "vmis" | "virtualmachineinstance" | "virtualmachineinstances" => Kind::Instance,
        other => bail!("{other} is not a kind that runs: use vm/{name} or vmi/{name}"),
    };
    Ok((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_may_stand_before_the_name() {
        assert_eq!(target("a").unwrap(), (Kind::Either, "a"));
        assert_eq!(target("vm/a").unwrap(), (Kind::Machine, "a"));
        assert_eq!(target("vmi/a").unwrap(), (Kind::Instance, "a"));
        assert!(target("pod/a").is_err());
    }
}
