//! What a guest agent says, as the API's types. Pure; the JSON is the guest's and is taken for what it is worth: what has the
//! wrong type is absent, lists and texts are cut.

use std::net::IpAddr;

use kubevirt_api::{
    FsFreezeStatus, GuestAgentCommandInfo, VirtualMachineInstanceFileSystem,
    VirtualMachineInstanceFileSystemDisk, VirtualMachineInstanceGuestOSInfo,
    VirtualMachineInstanceGuestOSUser,
};
use kubevirt_libvirt::Domain;
use serde_json::Value;

use super::words::clean;
use super::{AgentError, ask_if_able};

/// Commands of the agent; version 10 has 60.
const MOST_COMMANDS: usize = 256;
/// Users that are logged in.
const MOST_USERS: usize = 32;
/// File systems.
const MOST_FILE_SYSTEMS: usize = 64;
/// Disks below one file system.
const MOST_DISKS: usize = 16;
/// Interfaces of the guest.
const MOST_INTERFACES: usize = 16;
/// Addresses of one interface.
const MOST_ADDRESSES: usize = 16;

/// What the agent says that an instance's status repeats.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) os: VirtualMachineInstanceGuestOSInfo,
    pub(crate) interfaces: Vec<GuestInterface>,
}

/// A network interface as the guest sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GuestInterface {
    /// Its name in the guest.
    pub(crate) name: String,
    /// In lower case; empty when the guest does not tell.
    pub(crate) mac: String,
    pub(crate) addresses: Vec<IpAddr>,
}

/// Asks for the [`Facts`]; what the agent cannot tell is absent. None when it refuses both questions, as it does while its file
/// systems are frozen: what it said before still stands.
///
/// # Errors
/// When the agent does not answer.
pub(crate) async fn facts(domain: &Domain) -> Result<Option<Facts>, AgentError> {
    let os = ask_if_able(domain, "guest-get-osinfo").await?;
    let interfaces = ask_if_able(domain, "guest-network-get-interfaces").await?;
    if os.is_none() && interfaces.is_none() {
        return Ok(None);
    }
    Ok(Some(Facts {
        os: os.as_ref().map(operating_system).unwrap_or_default(),
        interfaces: interfaces
            .as_ref()
            .map(self::interfaces)
            .unwrap_or_default(),
    }))
}

/// Version and commands, from `guest-info`.
pub(crate) fn version(answer: &Value) -> (Option<String>, Vec<GuestAgentCommandInfo>) {
    let command = |entry: &Value| {
        Some(GuestAgentCommandInfo {
            name: text(entry, "name")?,
            enabled: entry.get("enabled").and_then(Value::as_bool),
        })
    };
    let commands = list(answer.get("supported_commands"), MOST_COMMANDS);
    (
        text(answer, "version"),
        commands.iter().filter_map(command).collect(),
    )
}

/// The operating system, from `guest-get-osinfo`.
pub(crate) fn operating_system(answer: &Value) -> VirtualMachineInstanceGuestOSInfo {
    let text = |key: &str| text(answer, key);
    VirtualMachineInstanceGuestOSInfo {
        name: text("name"),
        kernel_release: text("kernel-release"),
        version: text("version"),
        pretty_name: text("pretty-name"),
        version_id: text("version-id"),
        kernel_version: text("kernel-version"),
        machine: text("machine"),
        id: text("id"),
    }
}

/// The host name, from `guest-get-host-name`.
pub(crate) fn host_name(answer: &Value) -> Option<String> {
    text(answer, "host-name")
}

/// Name of the time zone and its offset in seconds, from `guest-get-timezone`.
pub(crate) fn time_zone(answer: &Value) -> Option<String> {
    let offset = answer.get("offset").and_then(Value::as_i64)?;
    let zone = text(answer, "zone").unwrap_or_default();
    Some(format!("{zone}, {offset}"))
}

/// Users that are logged in, from `guest-get-users`.
pub(crate) fn users(answer: &Value) -> Vec<VirtualMachineInstanceGuestOSUser> {
    let user = |entry: &Value| {
        Some(VirtualMachineInstanceGuestOSUser {
            user_name: text(entry, "user")?,
            domain: text(entry, "domain"),
            login_time: entry.get("login-time").and_then(Value::as_f64),
        })
    };
    list(Some(answer), MOST_USERS)
        .iter()
        .filter_map(user)
        .collect()
}

/// File systems, from `guest-get-fsinfo`.
pub(crate) fn file_systems(answer: &Value) -> Vec<VirtualMachineInstanceFileSystem> {
    let bytes = |entry: &Value, key: &str| {
        let bytes = entry.get(key).and_then(Value::as_u64).unwrap_or_default();
        i64::try_from(bytes).unwrap_or(i64::MAX)
    };
    let disk = |entry: &Value| VirtualMachineInstanceFileSystemDisk {
        serial: text(entry, "serial"),
        bus_type: text(entry, "bus-type").unwrap_or_default(),
    };
    let file_system = |entry: &Value| {
        Some(VirtualMachineInstanceFileSystem {
            disk_name: text(entry, "name").unwrap_or_default(),
            mount_point: text(entry, "mountpoint")?,
            file_system_type: text(entry, "type").unwrap_or_default(),
            used_bytes: bytes(entry, "used-bytes"),
            total_bytes: bytes(entry, "total-bytes"),
            disk: list(entry.get("disk"), MOST_DISKS)
                .iter()
                .map(disk)
                .collect(),
        })
    };
    list(Some(answer), MOST_FILE_SYSTEMS)
        .iter()
        .filter_map(file_system)
        .collect()
}

/// Whether the file systems are frozen, from `guest-fsfreeze-status`.
pub(crate) fn freeze_status(answer: &Value) -> Option<FsFreezeStatus> {
    match answer.as_str()? {
        "frozen" => Some(FsFreezeStatus::Frozen),
        "thawed" => Some(FsFreezeStatus::Thawed),
        _ => None,
    }
}

/// The network interfaces, from `guest-network-get-interfaces`; without the one that only the guest itself reaches.
pub(crate) fn interfaces(answer: &Value) -> Vec<GuestInterface> {
    let address = |entry: &Value| -> Option<IpAddr> {
        entry
            .get("ip-address")?
            .as_str()?
            .parse()
            .ok()
            .filter(|address: &IpAddr| !address.is_loopback() && !address.is_unspecified())
    };
    let interface = |entry: &Value| {
        let name = text(entry, "name").filter(|name| name != "lo")?;
        Some(GuestInterface {
            name,
            mac: text(entry, "hardware-address")
                .filter(|mac| is_mac(mac))
                .unwrap_or_default()
                .to_lowercase(),
            addresses: list(entry.get("ip-addresses"), MOST_ADDRESSES)
                .iter()
                .filter_map(address)
                .collect(),
        })
    };
    // The loopback interface comes first and does not count.
    list(Some(answer), MOST_INTERFACES + 1)
        .iter()
        .filter_map(interface)
        .take(MOST_INTERFACES)
        .collect()
}

fn is_mac(text: &str) -> bool {
    text.len() == 17
        && text
            .split(':')
            .all(|part| part.len() == 2 && part.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// A text of an object; None when there is none or nothing is left of it.
fn text(object: &Value, key: &str) -> Option<String> {
    let text = clean(object.get(key)?.as_str()?);
    (!text.is_empty()).then_some(text)
}

/// The first entries of a list.
fn list(value: Option<&Value>, most: usize) -> &[Value] {
    let all = value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    all.get(..most).unwrap_or(all)
}

#[cfg(test)]
mod tests;
