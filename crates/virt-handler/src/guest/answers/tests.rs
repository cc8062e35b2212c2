use serde_json::json;

use super::*;

#[test]
fn an_agents_answers_become_the_apis_types() {
    let (number, commands) = version(&json!({
        "version": "10.0.13",
        "supported_commands": [{ "enabled": true, "name": "guest-ping", "success-response": true }, { "name": "x" }],
    }));
    assert_eq!(number.as_deref(), Some("10.0.13"));
    assert_eq!(
        serde_json::to_value(commands).unwrap(),
        json!([{ "name": "guest-ping", "enabled": true }, { "name": "x" }])
    );

    let os = operating_system(&json!({
        "name": "Debian GNU/Linux", "kernel-release": "6.12", "version": "13 (trixie)", "pretty-name": "Debian GNU/Linux 13 (trixie)",
        "version-id": "13", "kernel-version": "#1 SMP", "machine": "x86_64", "id": "debian", "variant": "none",
    }));
    assert_eq!(
        serde_json::to_value(os).unwrap(),
        json!({
            "name": "Debian GNU/Linux", "kernelRelease": "6.12", "version": "13 (trixie)",
            "prettyName": "Debian GNU/Linux 13 (trixie)", "versionId": "13", "kernelVersion": "#1 SMP", "machine": "x86_64", "id": "debian",
        })
    );
    assert_eq!(
        host_name(&json!({ "host-name": "guest" })).as_deref(),
        Some("guest")
    );
    assert_eq!(
        time_zone(&json!({ "zone": "UTC", "offset": 0 })).as_deref(),
        Some("UTC, 0")
    );
    assert_eq!(
        serde_json::to_value(users(
            &json!([{ "login-time": 1795547648.5, "user": "root" }, { "domain": "D", "user": "u" }])
        ))
        .unwrap(),
        json!([{ "userName": "root", "loginTime": 1795547648.5 }, { "userName": "u", "domain": "D" }])
    );
    let systems = file_systems(&json!([{
        "name": "vda2", "total-bytes": 11216896, "mountpoint": "/agent", "type": "ext4", "used-bytes": 6838272,
        "disk": [{ "bus-type": "virtio", "bus": 0, "serial": "s", "dev": "/dev/vda2" }, { "bus-type": "scsi" }],
    }]));
    assert_eq!(
        serde_json::to_value(systems).unwrap(),
        json!([{
            "diskName": "vda2", "mountPoint": "/agent", "fileSystemType": "ext4", "usedBytes": 6838272, "totalBytes": 11216896,
            "disk": [{ "serial": "s", "busType": "virtio" }, { "busType": "scsi" }],
        }])
    );
    assert_eq!(
        freeze_status(&json!("frozen")),
        Some(FsFreezeStatus::Frozen)
    );
    assert_eq!(
        freeze_status(&json!("thawed")),
        Some(FsFreezeStatus::Thawed)
    );
    let found = interfaces(&json!([
        { "name": "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": [{ "ip-address": "127.0.0.1" }] },
        { "name": "eth0", "hardware-address": "02:00:00:00:00:0A", "ip-addresses": [
            { "ip-address-type": "ipv4", "ip-address": "10.0.2.2", "prefix": 24 }, { "ip-address": "fe80::1" }, { "ip-address": "x" },
        ] },
    ]));
    assert_eq!(
        found,
        [GuestInterface {
            name: "eth0".to_owned(),
            mac: "02:00:00:00:00:0a".to_owned(),
            addresses: vec!["10.0.2.2".parse().unwrap(), "fe80::1".parse().unwrap()],
        }]
    );
}

#[test]
fn a_hostile_agent_is_bounded() {
    let long = "\u{1b}[31m".to_owned() + &"x".repeat(1000);
    let many = |entry: Value| Value::Array(vec![entry; 300]);
    let systems = file_systems(&many(json!({
        "name": long, "mountpoint": long, "type": long, "used-bytes": u64::MAX, "total-bytes": -1,
        "disk": vec![json!({ "serial": long, "bus-type": long }); 20],
    })));
    assert_eq!(systems.len(), MOST_FILE_SYSTEMS);
    assert_eq!(systems[0].disk.len(), MOST_DISKS);
    assert_eq!(
        (systems[0].used_bytes, systems[0].total_bytes),
        (i64::MAX, 0)
    );
    let size = serde_json::to_string(&systems).unwrap();
    assert!(size.len() < 1 << 20, "{}", size.len());
    assert!(!size.contains("\\u001b"));
    assert_eq!(
        users(&many(json!({ "user": long, "login-time": "soon" }))).len(),
        MOST_USERS
    );
    let found = interfaces(&many(json!({
        "name": long, "hardware-address": long, "ip-addresses": vec![json!({ "ip-address": "10.0.0.1" }); 20],
    })));
    assert_eq!(found.len(), MOST_INTERFACES);
    assert_eq!(found[0].addresses.len(), MOST_ADDRESSES);
    assert_eq!(found[0].mac, "");
    assert_eq!(
        version(&json!({ "version": 5, "supported_commands": many(json!({ "name": "c" })) }))
            .1
            .len(),
        MOST_COMMANDS
    );
    // Answers of a wrong shape say nothing.
    for nonsense in [
        json!(null),
        json!(5),
        json!("text"),
        json!([5, [], {}]),
        json!({ "user": [] }),
    ] {
        assert_eq!(users(&nonsense), []);
        assert_eq!(file_systems(&nonsense), []);
        assert_eq!(interfaces(&nonsense), []);
        assert_eq!(
            operating_system(&nonsense),
            VirtualMachineInstanceGuestOSInfo::default()
        );
        assert_eq!(version(&nonsense), (None, Vec::new()));
        assert_eq!(host_name(&nonsense), None);
        assert_eq!(time_zone(&nonsense), None);
        assert!(nonsense == json!("text") || freeze_status(&nonsense).is_none());
    }
}
