//! `addvolume` and `removevolume`: disks of a running guest.

mod add;
mod source;
mod submit;

use anyhow::{anyhow, ensure};
use clap::Args;

use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::{client, say};

pub(crate) use add::{AddVolume, addvolume};

/// The longest name of a volume, which becomes a label's value and a part of paths.
const LONGEST: usize = 63;

/// `virtctl removevolume`.
#[derive(Debug, Args)]
pub(crate) struct RemoveVolume {
    /// Name of the VirtualMachine or VirtualMachineInstance.
    #[arg(value_name = "VM")]
    name: String,
    /// Name of the volume.
    #[arg(long, value_name = "NAME")]
    volume_name: String,
    /// Has no effect any more: what a VirtualMachine loses stays lost.
    #[arg(long, hide = true)]
    persist: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

/// `virtctl removevolume VM`.
pub(crate) async fn removevolume(
    flags: &Connection,
    arguments: &RemoveVolume,
) -> anyhow::Result<()> {
    persist(arguments.persist);
    let volume = &arguments.volume_name;
    length("--volume-name", volume)?;
    let mut options = arguments.dry_run.options();
    options.insert("name".to_owned(), volume.clone().into());
    let cluster = client::connect(flags).await?;
    submit::submit(&cluster, &arguments.name, "removevolume", &options)
        .await
        .map_err(|error| anyhow!("error removing volume, {error:#}"))?;
    say::line(format_args!(
        "Successfully submitted remove volume request to VM {} for volume {volume}",
        arguments.name
    ));
    Ok(())
}

fn persist(given: bool) {
    if given {
        eprintln!(
            "Flag --persist has been deprecated: it has no effect, changes of a VirtualMachine always last"
        );
    }
}

fn length(flag: &str, name: &str) -> anyhow::Result<()> {
    ensure!(
        name.len() <= LONGEST,
        "{flag} {name:?} has {} characters: a volume's name has at most {LONGEST}",
        name.len()
    );
    Ok(())
}
