//! What the guest's agent says, in the status.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kubevirt_api::{
    Condition, VirtualMachineInstanceGuestOSInfo, VirtualMachineInstanceNetworkInterface,
    VirtualMachineInstanceStatus,
};

use super::{add_source, replace};
use crate::guest::{Facts, GuestInterface};
use crate::vm::agent::View;

/// What `infoSource` says of an interface that the agent knows.
const SOURCE: &str = "guest-agent";
/// Condition of a guest whose agent listens.
const CONNECTED: &str = "AgentConnected";

/// Brings the status up to what is to be said of the agent.
pub(super) fn describe(status: &mut VirtualMachineInstanceStatus, agent: &View, now: &Time) {
    match agent {
        View::Unknown => {}
        View::Absent => {
            replace(&mut status.conditions, CONNECTED, None, now);
            status.guest_os_info = Some(VirtualMachineInstanceGuestOSInfo::default());
            interfaces(status, &[]);
        }
        View::Connected(facts) => {
            let connected = Condition::new(CONNECTED, true, "");
            replace(&mut status.conditions, CONNECTED, Some(connected), now);
            if let Some(Facts {
                os,
                interfaces: seen,
            }) = facts
            {
                status.guest_os_info = Some(os.clone());
                interfaces(status, seen);
            }
        }
    }
}

/// The guest's names of the interfaces that the specification has, and behind them the ones that only the guest knows. Addresses
/// of the former are never the guest's word: others connect to them.
fn interfaces(status: &mut VirtualMachineInstanceStatus, seen: &[GuestInterface]) {
    status.interfaces.retain(|entry| entry.name.is_some());
    for entry in &mut status.interfaces {
        entry.interface_name = None;
        remove_source(entry);
    }
    for interface in seen {
        let known = status.interfaces.iter_mut().find(|entry| {
            entry.name.is_some()
                && entry.interface_name.is_none()
                && entry
                    .mac
                    .as_deref()
                    .is_some_and(|mac| mac.eq_ignore_ascii_case(&interface.mac))
        });
        match known {
            Some(entry) => {
                entry.interface_name = Some(interface.name.clone());
                add_source(entry, SOURCE);
            }
            None => status.interfaces.push(unknown(interface)),
        }
    }
}

/// An interface that only the guest knows.
fn unknown(interface: &GuestInterface) -> VirtualMachineInstanceNetworkInterface {
    let addresses: Vec<_> = interface
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect();
    VirtualMachineInstanceNetworkInterface {
        interface_name: Some(interface.name.clone()),
        mac: (!interface.mac.is_empty()).then(|| interface.mac.clone()),
        ip_address: addresses.first().cloned(),
        ip_addresses: addresses,
        info_source: Some(SOURCE.to_owned()),
        ..VirtualMachineInstanceNetworkInterface::default()
    }
}

/// Takes the agent out of where the knowledge of an interface comes from.
fn remove_source(entry: &mut VirtualMachineInstanceNetworkInterface) {
    if let Some(sources) = &entry.info_source {
        let rest: Vec<_> = sources
            .split(',')
            .map(str::trim)
            .filter(|source| *source != SOURCE)
            .collect();
        entry.info_source = Some(rest.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn described(status: &Value, agent: &View) -> Value {
        let mut status: VirtualMachineInstanceStatus =
            serde_json::from_value(status.clone()).unwrap();
        let now = Time(Timestamp::from_second(1_800_000_000).unwrap());
        describe(&mut status, agent, &now);
        serde_json::to_value(status).unwrap()
    }

    fn interface(name: &str, mac: &str, addresses: &[&str]) -> GuestInterface {
        GuestInterface {
            name: name.to_owned(),
            mac: mac.to_owned(),
            addresses: addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect(),
        }
    }

    #[test]
    fn an_agents_word_comes_and_goes_and_never_is_an_address_of_ours() {
        let before = json!({
            "phase": "Running", "guestOSInfo": {},
            "interfaces": [{ "name": "default", "mac": "02:00:00:00:00:01", "ipAddress": "10.88.2.12", "ipAddresses": ["10.88.2.12"], "infoSource": "domain" }],
        });
        let mut facts = Facts::default();
        facts.os.id = Some("debian".to_owned());
        facts.interfaces = vec![
            interface("docker0", "02:00:00:00:00:02", &["172.17.0.1"]),
            interface("eth0", "02:00:00:00:00:01", &["192.0.2.7"]),
            interface("eth0copy", "02:00:00:00:00:01", &["192.0.2.8"]),
        ];
        let after = described(&before, &View::Connected(Some(facts.clone())));
        assert_eq!(after["conditions"][0]["type"], "AgentConnected");
        assert_eq!(after["conditions"][0]["status"], "True");
        assert_eq!(after["guestOSInfo"], json!({ "id": "debian" }));
        assert_eq!(
            after["interfaces"],
            json!([
                { "name": "default", "mac": "02:00:00:00:00:01", "ipAddress": "10.88.2.12", "ipAddresses": ["10.88.2.12"],
                  "interfaceName": "eth0", "infoSource": "domain, guest-agent" },
                { "mac": "02:00:00:00:00:02", "ipAddress": "172.17.0.1", "ipAddresses": ["172.17.0.1"],
                  "interfaceName": "docker0", "infoSource": "guest-agent" },
                { "mac": "02:00:00:00:00:01", "ipAddress": "192.0.2.8", "ipAddresses": ["192.0.2.8"],
                  "interfaceName": "eth0copy", "infoSource": "guest-agent" },
            ])
        );
        // The same again, no answer, and nothing known: nothing to write.
        for agent in [
            View::Connected(Some(facts)),
            View::Connected(None),
            View::Unknown,
        ] {
            assert_eq!(described(&after, &agent), after);
        }
        let gone = described(&after, &View::Absent);
        assert_eq!(gone["interfaces"], before["interfaces"]);
        assert_eq!(gone["guestOSInfo"], json!({}));
        assert!(gone.get("conditions").is_none());
    }
}
