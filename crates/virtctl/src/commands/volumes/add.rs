//! `virtctl addvolume`

use anyhow::{anyhow, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::{length, persist, source, submit};
use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::{client, say};

/// `virtctl addvolume`.
#[derive(Debug, Args)]
pub(crate) struct AddVolume {
    /// Name of the VirtualMachine or VirtualMachineInstance.
    #[arg(value_name = "VM")]
    name: String,
    /// Name of the DataVolume or PersistentVolumeClaim.
    #[arg(long, value_name = "NAME")]
    volume_name: String,
    /// Name of the disk.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    disk_name: String,
    /// Serial number that the guest sees. Default: the name of the disk, or of the volume.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    serial: String,
    /// How the host caches the disk.
    #[arg(long, value_enum)]
    cache: Option<Cache>,
    /// A disk, or a device that takes SCSI commands.
    #[arg(long, value_enum, default_value_t = DiskType::Disk)]
    disk_type: DiskType,
    /// How the disk is connected; a lun by scsi only.
    #[arg(long, value_enum, default_value_t = Bus::Scsi)]
    bus: Bus,
    /// Has no effect any more: what is added to a VirtualMachine stays.
    #[arg(long, hide = true)]
    persist: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cache {
    None,
    Writethrough,
    Writeback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiskType {
    Disk,
    Lun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bus {
    Scsi,
    Virtio,
}

/// A value as it is written in a flag, which is as in the API.
fn word(value: impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

/// `virtctl addvolume VM`.
pub(crate) async fn addvolume(flags: &Connection, arguments: &AddVolume) -> anyhow::Result<()> {
    persist(arguments.persist);
    let volume = &arguments.volume_name;
    length("--volume-name", volume)?;
    length("--disk-name", &arguments.disk_name)?;
    let disk = disk(arguments)?;
    let mut options = arguments.dry_run.options();
    let cluster = client::connect(flags).await?;
    let source = source::find(&cluster, volume)
        .await
        .map_err(|error| anyhow!("error adding volume, {error:#}"))?;
    options.insert("name".to_owned(), volume.clone().into());
    options.insert("disk".to_owned(), disk);
    options.insert("volumeSource".to_owned(), source);
    submit::submit(&cluster, &arguments.name, "addvolume", &options)
        .await
        .map_err(|error| anyhow!("error adding volume, {error:#}"))?;
    say::line(format_args!(
        "Successfully submitted add volume request to VM {} for volume {volume}",
        arguments.name
    ));
    Ok(())
}

/// The disk as the API has it.
fn disk(arguments: &AddVolume) -> anyhow::Result<Value> {
    ensure!(
        arguments.disk_type != DiskType::Lun || arguments.bus == Bus::Scsi,
        "Invalid bus type '{}' for LUN disk. Only 'scsi' bus is supported: leave out --bus",
        word(arguments.bus)
    );
    let named = [
        &arguments.serial,
        &arguments.disk_name,
        &arguments.volume_name,
    ];
    let serial = named.into_iter().find(|name| !name.is_empty());
    let mut disk = Map::new();
    disk.insert("name".to_owned(), arguments.disk_name.clone().into());
    disk.insert(
        word(arguments.disk_type),
        json!({ "bus": word(arguments.bus) }),
    );
    disk.insert("serial".to_owned(), json!(serial));
    if let Some(cache) = arguments.cache {
        disk.insert("cache".to_owned(), word(cache).into());
    }
    Ok(disk.into())
}
