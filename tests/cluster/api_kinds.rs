//! Every kind: it is there in every version, under every name, and looks as upstream's does.

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Good, Guest, KINDS, Namespace, kinds};

/// A line of a table with one space between its words.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_good_object_of_every_kind_is_accepted() -> anyhow::Result<()> {
    let namespace = Namespace::new("kinds")?;
    let _good = Good::new(&namespace)?;
    let manifests = kinds::good_manifests()?;
    for kind in &KINDS {
        let line = format!("\nkind: {}\n", kind.kind);
        assert!(
            kind.kind == "KubeVirt" || manifests.iter().any(|(_, text)| text.contains(&line)),
            "there is no good manifest of {}",
            kind.kind
        );
    }
    Ok(())
}

#[test]
fn tables_have_the_columns_of_upstream() -> anyhow::Result<()> {
    let namespace = Namespace::new("tables")?;
    let _good = Good::new(&namespace)?;
    let mut faults = Vec::new();
    for kind in &KINDS {
        for (output, header) in [
            (&[][..], kind.header.to_owned()),
            (&["-o", "wide"], format!("{}{}", kind.header, kind.wide)),
        ] {
            let resource = kind.resource();
            let mut arguments = vec![
                "-n",
                kind.namespace(&namespace),
                "get",
                &resource,
                kind.good(&namespace),
            ];
            arguments.extend(output);
            let table = run(&mut kubectl(), &arguments)?.text()?;
            let mut lines = table.lines();
            let shown = words(lines.next().unwrap_or_default());
            if shown != header {
                faults.push(format!("{}: {shown:?} instead of {header:?}", kind.kind));
            }
            if lines.count() != 1 {
                faults.push(format!("{}: not one line in\n{table}", kind.kind));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn every_kind_has_its_names_and_versions() -> anyhow::Result<()> {
    let namespace = Namespace::new("names")?;
    let _good = Good::new(&namespace)?;
    let listed = run(
        &mut kubectl(),
        &["api-resources", "--no-headers", "--cached=false"],
    )?
    .text()?;
    let mut everything = Vec::new();
    for kind in &KINDS {
        let mut row = vec![kind.plural.to_owned()];
        if !kind.short.is_empty() {
            row.push(kind.short.join(","));
        }
        row.extend([
            format!("{}/{}", kind.group, kind.versions[0]),
            kind.namespaced.to_string(),
            kind.kind.to_owned(),
        ]);
        let row = row.join(" ");
        assert!(
            listed.lines().any(|line| words(line) == row),
            "{row:?} is not among\n{listed}"
        );
        everything.extend(kind.short.iter().map(|&name| name.to_owned()));
        everything.push(kind.kind.to_lowercase());
        for version in kind.versions {
            everything.push(format!("{}.{version}.{}", kind.plural, kind.group));
        }
    }
    // Each name and each version finds the kind's objects.
    for name in &everything {
        namespace
            .kubectl(&["get", name, "-o", "name"])?
            .text()
            .map_err(|error| error.context(format!("kubectl get {name}")))?;
    }
    let all = namespace.kubectl(&["get", "all", "-o", "name"])?.text()?;
    for kind in KINDS.iter().filter(|kind| kind.kind != "KubeVirt") {
        let name = format!(
            "{}.{}/{}",
            kind.kind.to_lowercase(),
            kind.group,
            kind.good(&namespace)
        );
        assert_eq!(
            all.lines().any(|line| line == name),
            kind.in_all,
            "{name} in\n{all}"
        );
    }
    Ok(())
}

#[test]
fn a_deleted_migration_goes() -> anyhow::Result<()> {
    let namespace = Namespace::new("goes")?;
    let _good = Good::new(&namespace)?;
    let finalizers = namespace.field("vmim", "good", "/metadata/finalizers/0")?;
    assert_eq!(finalizers, "kubevirt.io/migrationJobFinalize");
    let limit = format!("--timeout={}s", STEP.as_secs());
    namespace
        .kubectl(&["delete", "vmim", "good", &limit])?
        .text()
        .map(|_| ())
}

#[test]
fn a_running_machine_looks_as_upstream_shows_it() -> anyhow::Result<()> {
    let namespace = Namespace::new("look")?;
    namespace.apply(
        &Guest::new("gold")
            .image("guest-boot-sector", "64Mi")
            .grace(0)
            .vm(),
    )?;
    for waiting in [
        &["wait", "--for=condition=Ready", "vm/gold"][..],
        &["wait", "--for=jsonpath={.status.phase}=Running", "vmi/gold"],
        &["wait", "--for=condition=LiveMigratable", "vmi/gold"],
    ] {
        let limit = format!("--timeout={}s", BOOT.as_secs());
        let answer = namespace.kubectl(&[waiting, &[limit.as_str()]].concat())?;
        assert!(answer.success, "{answer:?}\n{}", namespace.describe("gold"));
    }
    let ip = namespace.field("vmi", "gold", "/status/interfaces/0/ipAddress")?;
    let node = namespace.field("vmi", "gold", "/status/nodeName")?;
    let machine = "virtualmachine.kubevirt.io/gold";
    let instance = "virtualmachineinstance.kubevirt.io/gold";
    for (output, wide_header, wide) in [
        (&[][..], "", ""),
        (&["-o", "wide"], " LIVE-MIGRATABLE PAUSED", " True"),
    ] {
        let arguments = [&["get", "vm,vmi"], output].concat();
        let table = namespace.kubectl(&arguments)?.text()?;
        let without_age: Vec<_> = table
            .lines()
            .map(|line| {
                let mut line: Vec<_> = line.split_whitespace().collect();
                if line.len() > 1 {
                    line.remove(1);
                }
                line.join(" ")
            })
            .collect();
        assert_eq!(
            without_age,
            [
                "NAME STATUS READY".to_owned(),
                format!("{machine} Running True"),
                String::new(),
                format!("NAME PHASE IP NODENAME READY{wide_header}"),
                format!("{instance} Running {ip} {node} True{wide}"),
            ],
            "{table}"
        );
    }
    namespace
        .kubectl(&["delete", "vm", "gold", "--wait=false"])?
        .text()?;
    let limit = format!("--timeout={}s", STEP.as_secs());
    namespace
        .kubectl(&["wait", "--for=delete", "vm/gold", "vmi/gold", &limit])?
        .text()
        .map(|_| ())
}
