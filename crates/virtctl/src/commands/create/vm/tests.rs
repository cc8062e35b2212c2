use clap::Parser;
use rstest::rstest;

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    vm: Vm,
}

fn create(arguments: &[&str]) -> anyhow::Result<Value> {
    let line = ["vm", "--name", "web"].iter().chain(arguments);
    manifest(&Line::try_parse_from(line)?.vm)
}

#[test]
fn the_least_machine() {
    assert_eq!(
        create(&[]).unwrap(),
        json!({
            "apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachine",
            "metadata": { "name": "web" },
            "spec": {
                "runStrategy": "Always",
                "template": { "spec": {
                    "domain": { "devices": {}, "memory": { "guest": "512Mi" }, "resources": {} },
                    "terminationGracePeriodSeconds": 180,
                } },
            },
        })
    );
}

#[test]
fn names_are_random_when_none_is_given() {
    let name = |line: &Line| manifest(&line.vm).unwrap()["metadata"]["name"].clone();
    let line = Line::try_parse_from(["vm"]).unwrap();
    let (first, second) = (name(&line), name(&line));
    assert_ne!(first, second);
    assert_eq!(first.as_str().unwrap().len(), "vm-".len() + 5);
}

#[test]
fn an_inferred_instancetype_keeps_the_memory_unless_it_was_asked_for() {
    let implicit = create(&["--volume-pvc", "src:claim"]).unwrap();
    assert_eq!(
        implicit["spec"]["instancetype"],
        json!({ "inferFromVolume": "claim", "inferFromVolumeFailurePolicy": "Ignore" })
    );
    assert_eq!(
        implicit["spec"]["template"]["spec"]["domain"]["memory"]["guest"],
        "512Mi"
    );
    let explicit = create(&[
        "--volume-pvc",
        "src:claim",
        "--infer-instancetype-from",
        "claim",
    ])
    .unwrap();
    assert_eq!(
        explicit["spec"]["instancetype"],
        json!({ "inferFromVolume": "claim" })
    );
    assert_eq!(
        explicit["spec"]["template"]["spec"]["domain"].get("memory"),
        None
    );
    let no = create(&[
        "--volume-pvc",
        "src:claim",
        "--infer-instancetype=false",
        "--infer-preference=false",
    ])
    .unwrap();
    assert_eq!(no["spec"].get("instancetype"), None);
}

#[test]
fn the_lowest_boot_order_is_what_is_inferred_from() {
    let machine = create(&[
        "--volume-pvc",
        "src:a,bootorder:2",
        "--volume-pvc",
        "src:b,bootorder:1",
    ])
    .unwrap();
    assert_eq!(machine["spec"]["preference"]["inferFromVolume"], "b");
    assert_eq!(
        machine["spec"]["template"]["spec"]["domain"]["devices"]["disks"],
        json!([{ "name": "a", "bootOrder": 2 }, { "name": "b", "bootOrder": 1 }])
    );
}

#[test]
fn what_users_type_cannot_change_the_cloud_config() {
    let machine = create(&[
        "--user",
        "a: b",
        "--ssh-key",
        "ssh-ed25519 AAAA me@host,second",
    ])
    .unwrap();
    assert_eq!(
        machine["spec"]["template"]["spec"]["volumes"][0]["cloudInitNoCloud"]["userData"],
        "#cloud-config\nuser: \"a: b\"\nssh_authorized_keys:\n  - ssh-ed25519 AAAA me@host\n  - second"
    );
    assert!(create(&["--user", "a\nruncmd: [x]"]).is_err());
}

#[rstest]
#[case(&["--run-strategy", "foo"], "supported values are: Always, Manual, Halted, Once, RerunOnFailure")]
#[case(&["--memory", "x"], "--memory")]
#[case(&["--instancetype", "a/b/c"], "invalid count 2 of slashes")]
#[case(&["--instancetype", "foo/b"], "invalid instancetype kind \"foo\"")]
#[case(&["--volume-pvc", "name:x"], "src must be specified")]
#[case(&["--volume-pvc", "src:a,foo:b"], "unknown param(s): foo:b")]
#[case(&["--volume-pvc", "src:a,bootorder:0"], "bootorder must be greater than 0")]
#[case(&["--volume-pvc", "src:a", "--volume-pvc", "src:b,name:a"], "already a volume with name \"a\"")]
#[case(&["--volume-pvc", "src:a,bootorder:1", "--volume-containerdisk", "src:b,bootorder:1"], "specified multiple times")]
#[case(&["--volume-pvc", "src:n/a"], "namespace")]
#[case(&["--volume-import", "type:zzz,size:1Gi"], "invalid volume import type \"zzz\"")]
#[case(&["--volume-import", "size:1Gi"], "type must be specified")]
#[case(&["--volume-import", "type:blank"], "size must be specified")]
#[case(&["--volume-import", "type:snapshot,src:a"], "namespace of snapshot \"a\" must be specified")]
#[case(&["--volume-import", "type:registry,size:1Gi"], "exactly one of url or imagestream")]
#[case(&["--volume-import", "type:vddk,size:1Gi"], "url is required with vddk")]
#[case(&["--infer-instancetype-from", "zz"], "no volume with name \"zz\"")]
#[case(&["--infer-instancetype", "--volume-containerdisk", "src:a"], "works only with datasources")]
#[case(&["--memory", "1Gi", "--instancetype", "x"], "cannot be used with")]
#[case(&["--infer-preference-from", "a", "--preference", "x"], "cannot be used with")]
#[case(&["--cloud-init", "foo"], "supported values are: nocloud, configdrive, none")]
#[case(&["--cloud-init-user-data", "%"], "not base64")]
#[case(&["--volume-sysprep", "src:a,type:b"], "invalid sysprep source type")]
#[case(&["--access-cred", "src:a,type:zz"], "invalid access credential type")]
#[case(&["--access-cred", "type:ssh"], "src must be specified")]
#[case(&["--access-cred", "src:a"], "user must be specified")]
#[case(&["--access-cred", "src:a,type:password,method:nocloud"], "supported values are: ga")]
#[case(&["--access-cred", "src:a,method:configdrive"], "have to match")]
#[case(&["--password-file", "/nofile"], "--password-file")]
fn what_is_wrong_is_said(#[case] arguments: &[&str], #[case] words: &str) {
    let error = format!("{:#}", create(arguments).unwrap_err());
    assert!(error.contains(words), "{error}");
}
