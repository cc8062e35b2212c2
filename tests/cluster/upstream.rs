//! Who comes from the original keeps its client: its own virtctl, unmodified, drives our API and is answered as ours is, and the
//! manifests that both print mean the same.

use std::process::Command;

use anyhow::Context;
use kubevirt_tests::kubectl::{Answer, kubectl, run, run_with_input};
use kubevirt_tests::wait::BOOT;
use kubevirt_tests::{Guest, Namespace, upstream};
use serde_json::Value;

/// Command lines of `virtctl create`, all with names, since others are random.
const MANIFESTS: &[&str] = &[
    "vm --name a",
    "vm --name a --run-strategy manual --memory 1Gi --termination-grace-period 5",
    "vm --name a --instancetype u1.small --preference virtualmachinepreference/fedora --volume-containerdisk src:my.reg/img:1",
    "vm --name a --volume-containerdisk src:my.reg/img:1 --volume-pvc src:my-pvc,bootorder:1",
    "vm --name a --volume-import type:pvc,src:ns/p,size:1Gi,name:x --infer-instancetype-from x",
    "vm --name a --volume-import type:ds,src:ns/p,name:d --volume-import type:http,url:http://x/y,size:2Gi,name:h",
    "vm --name a --volume-import type:ds,src:ns/p,name:q --infer-instancetype --infer-preference",
    "vm --name a --volume-import type:s3,url:s,size:1Gi,secretref:s,certconfigmap:c,name:a",
    "vm --name a --volume-import type:vddk,url:u,uuid:1,thumbprint:t,backingfile:b,initimageurl:i,secretref:s,size:1Gi,name:b",
    "vm --name a --volume-import type:registry,imagestream:is,pullmethod:node,size:1Gi,name:c,bootorder:2",
    "vm --name a --volume-import type:imageio,url:x,diskid:d,secretref:s,certconfigmap:c,size:1Gi,name:d",
    "vm --name a --volume-import type:gcs,url:x,size:1Gi,name:e --volume-import type:snapshot,src:ns/sn,name:f",
    "vm --name a --volume-import type:http,url:u,extraheaders:a;b,secretextraheaders:s1;s2,size:1Gi,secretref:q,name:g",
    "vm --name a --volume-import type:blank,size:1Gi,name:g --infer-preference=false",
    "vm --name a --volume-sysprep src:sp",
    "vm --name a --volume-sysprep src:s2,type:secret",
    "vm --name a --user cloud --ssh-key one --ssh-key two,three --ga-manage-ssh --cloud-init configdrive",
    "vm --name a --cloud-init-user-data I2Nsb3VkLWNvbmZpZwo= --cloud-init-network-data bmV0",
    "vm --name a --user u --cloud-init none",
    "vm --name a --access-cred type:password,src:sec --access-cred src:k1,user:u1 --user foo",
    "vm --name a --access-cred src:k1,method:nocloud",
    "instancetype --name a --cpu 2 --memory 1Gi --gpu name:g,devicename:nv/x --hostdevice name:h,devicename:d/x --iothreadspolicy auto",
    "instancetype --name a --cpu 2 --memory 1Gi --namespaced",
    "preference --name a --volume-storage-class sc --machine-type q35 --cpu-topology preferSockets",
    "preference --name a --namespaced",
    "clone --name a --source-name s --target-name t --source-type vmsnapshot --label-filter a/* --label-filter !b --annotation-filter x --template-label-filter tl --template-annotation-filter ta --new-smbios-serial ser",
];

#[test]
fn the_manifests_of_both_mean_the_same() -> anyhow::Result<()> {
    let namespace = Namespace::new("manifests")?;
    for line in MANIFESTS {
        let arguments: Vec<&str> = std::iter::once("create").chain(line.split(' ')).collect();
        let ours = run(&mut kubevirt_tests::kubectl::virtctl(), &arguments)?.text();
        let ours = meaning(&namespace, &ours.with_context(|| format!("ours: {line}"))?)?;
        let theirs = run(&mut upstream_offline()?, &arguments)?.text();
        let theirs = meaning(
            &namespace,
            &theirs.with_context(|| format!("theirs: {line}"))?,
        )?;
        anyhow::ensure!(
            ours == theirs,
            "create {line}:\nours {ours:#}\ntheirs {theirs:#}"
        );
    }
    Ok(())
}

fn upstream_offline() -> anyhow::Result<Command> {
    // With a namespace among the flags it writes it into the manifest.
    let mut command = Command::new(upstream::path());
    command.env("KUBECONFIG", kubevirt_tests::kubectl::kubeconfig());
    Ok(command)
}

/// A manifest without what says nothing: null, and empty values of optional fields.
fn meaning(namespace: &Namespace, manifest: &str) -> anyhow::Result<Value> {
    let mut command = kubectl();
    command.args([
        "-n",
        namespace.name(),
        "create",
        "--dry-run=client",
        "-o",
        "json",
        "-f",
        "-",
    ]);
    let text = run_with_input(&mut command, &[], manifest)?.text()?;
    let mut value: Value = serde_json::from_str(&text)?;
    prune(&mut value);
    if let Some(metadata) = value
        .pointer_mut("/metadata")
        .and_then(Value::as_object_mut)
    {
        metadata.remove("namespace");
    }
    Ok(value)
}

fn prune(value: &mut Value) {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    // `noCloud: {}` and its like say something by being there.
    let says = ["blank", "qemuGuestAgent", "noCloud", "configDrive"];
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(prune);
            object.retain(|key, value| says.contains(&key.as_str()) || !empty(value));
        }
        Value::Array(array) => array.iter_mut().for_each(prune),
        _ => {}
    }
}

/// What both clients are told to do with a machine `vm1`, one after the other. `~` before a line: it must fail.
const LIFE: &[&str] = &[
    "start vm1 --dry-run",
    "start vm1",
    "wait-running",
    "~start vm1",
    "~start no-such",
    "pause vm vm1",
    "~pause vm vm1",
    "~soft-reboot vm1",
    "unpause vm vm1",
    "pause vmi vm1",
    "unpause vmi vm1",
    "~unpause vmi vm1",
    "reset vm1",
    "expand --vm vm1 -o json",
    "~guestosinfo no-such",
    "expose vm vm1 --name web --port 80",
    "~expose vm vm1 --name web --port 80",
    "~expose pod vm1 --name x --port 80",
    "~migrate-cancel vm1",
    "~addvolume vm1 --volume-name no-such",
    "~removevolume vm1 --volume-name no-such",
    "~restart vm1 --force --grace-period 5",
    "restart vm1",
    "wait-running",
    "stop vm1 --force --grace-period 0",
    "wait-stopped",
    "~stop vm1",
    "~pause vm vm1",
    "~console no-such --timeout 0",
    "credentials add-ssh-key vm1 --user u --value key1",
    "credentials add-ssh-key vm1 --user u --value key2",
    "credentials add-ssh-key vm1 --user u --value key2",
    "credentials remove-ssh-key vm1 --user nobody --value key2",
    "~credentials set-password vm1 --user u --password p",
];

#[test]
fn both_clients_are_answered_alike() -> anyhow::Result<()> {
    let sides = [Namespace::new("theirs")?, Namespace::new("ours")?];
    for side in &sides {
        side.apply(&Guest::new("vm1").run_strategy("Manual").vm())?;
    }
    for line in LIFE {
        match *line {
            "wait-running" => {
                for side in &sides {
                    side.wait_field(BOOT, "vm", "vm1", "/status/ready", "true")?;
                }
                continue;
            }
            "wait-stopped" => {
                for side in &sides {
                    side.wait_gone(BOOT, "vmi", "vm1")?;
                }
                continue;
            }
            _ => {}
        }
        let fails = line.starts_with('~');
        let arguments: Vec<&str> = line.trim_start_matches('~').split(' ').collect();
        let [theirs, ours] = &sides;
        let theirs = run(&mut upstream::virtctl(theirs.name())?, &arguments)?;
        let ours = ours.virtctl(&arguments)?;
        let told = || format!("{line}\ntheirs {theirs:#?}\nours {ours:#?}");
        anyhow::ensure!(theirs.code == ours.code, "exit codes differ: {}", told());
        anyhow::ensure!(theirs.success != fails, "not as expected: {}", told());
        let [theirs_said, ours_said] = [&theirs, &ours].map(|answer| said(answer, &sides));
        anyhow::ensure!(
            theirs_said == ours_said,
            "standard output differs: {}",
            told()
        );
    }
    Ok(())
}

/// The standard output without what differs by necessity.
fn said(answer: &Answer, sides: &[Namespace]) -> Vec<String> {
    let text = sides.iter().fold(answer.stdout.clone(), |text, side| {
        text.replace(side.name(), "NAMESPACE")
    });
    if let Ok(mut value) = serde_json::from_str::<Value>(&text) {
        if let Some(object) = value.as_object_mut() {
            // Set by the server for each object.
            object.remove("metadata");
            object.remove("status");
        }
        unique(&mut value);
        prune(&mut value);
        return vec![value.to_string()];
    }
    // Names of generated Secrets end in random characters.
    let generated = |line: &str| match line.split_once("vm1-ssh-key-") {
        Some((before, _)) => format!("{before}vm1-ssh-key-"),
        None => line.to_owned(),
    };
    text.lines().map(generated).collect()
}

/// Takes out what differs between any two machines.
fn unique(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for key in ["uuid", "serial", "macAddress", "creationTimestamp"] {
                object.remove(key);
            }
            object.values_mut().for_each(unique);
        }
        Value::Array(array) => array.iter_mut().for_each(unique),
        _ => {}
    }
}
