//! What the cluster roles allow: exactly the rights that upstream's give, and nothing with a wildcard.

use std::collections::{BTreeMap, BTreeSet};

use kubevirt_tests::kubectl::{get, kubectl, run, run_with_input};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Namespace, within};
use serde_json::{Value, json};

const ALL: &str = "create delete deletecollection get list patch update watch";
const WRITE: &str = "create delete get list patch update watch";
const READ: &str = "get list watch";

/// Resources whose objects editors write.
const WRITTEN: [&str; 17] = [
    "virtualmachines.kubevirt.io",
    "virtualmachineinstances.kubevirt.io",
    "virtualmachineinstancepresets.kubevirt.io",
    "virtualmachineinstancereplicasets.kubevirt.io",
    "virtualmachinepools.pool.kubevirt.io",
    "virtualmachinesnapshots.snapshot.kubevirt.io",
    "virtualmachinesnapshotcontents.snapshot.kubevirt.io",
    "virtualmachinerestores.snapshot.kubevirt.io",
    "virtualmachineexports.export.kubevirt.io",
    "virtualmachineclones.clone.kubevirt.io",
    "virtualmachinebackups.backup.kubevirt.io",
    "virtualmachinebackuptrackers.backup.kubevirt.io",
    "virtualmachineinstancetypes.instancetype.kubevirt.io",
    "virtualmachineclusterinstancetypes.instancetype.kubevirt.io",
    "virtualmachinepreferences.instancetype.kubevirt.io",
    "virtualmachineclusterpreferences.instancetype.kubevirt.io",
    "plugins.plugin.kubevirt.io",
];
/// Resources whose objects even administrators of a namespace only read.
const READ_ONLY: [&str; 2] = [
    "virtualmachineinstancemigrations.kubevirt.io",
    "migrationpolicies.migrations.kubevirt.io",
];
/// Subresources that tell.
const TOLD: [&str; 8] = [
    "virtualmachineinstances/guestosinfo",
    "virtualmachineinstances/filesystemlist",
    "virtualmachineinstances/userlist",
    "virtualmachineinstances/sev/fetchcertchain",
    "virtualmachineinstances/sev/querylaunchmeasurement",
    "virtualmachineinstances/objectgraph",
    "virtualmachines/objectgraph",
    "virtualmachines/expand-spec",
];
/// Subresources that lead into a guest.
const CONNECTED: [&str; 5] = [
    "virtualmachineinstances/console",
    "virtualmachineinstances/vnc",
    "virtualmachineinstances/portforward",
    "virtualmachineinstances/usbredir",
    "virtualmachines/portforward",
];
/// Subresources that do something.
const DONE: [&str; 19] = [
    "virtualmachineinstances/pause",
    "virtualmachineinstances/unpause",
    "virtualmachineinstances/addvolume",
    "virtualmachineinstances/removevolume",
    "virtualmachineinstances/freeze",
    "virtualmachineinstances/unfreeze",
    "virtualmachineinstances/softreboot",
    "virtualmachineinstances/reset",
    "virtualmachineinstances/sev/setupsession",
    "virtualmachineinstances/sev/injectlaunchsecret",
    "virtualmachineinstances/evacuate/cancel",
    "virtualmachines/start",
    "virtualmachines/stop",
    "virtualmachines/restart",
    "virtualmachines/addvolume",
    "virtualmachines/removevolume",
    "virtualmachines/memorydump",
    "virtualmachines/removememorydump",
    "virtualmachines/evacuate/cancel",
];

type Rights = BTreeMap<String, BTreeSet<String>>;

fn add(rights: &mut Rights, resource: &str, verbs: &str) {
    let verbs = verbs.split_whitespace().map(str::to_owned);
    rights.entry(resource.to_owned()).or_default().extend(verbs);
}

/// What everybody has who is logged in.
fn of_everybody() -> Rights {
    let mut rights = Rights::new();
    for name in ["version", "guestfs"] {
        add(&mut rights, &subresource(name), "get list");
    }
    add(&mut rights, "kubevirts.kubevirt.io", "get list");
    for name in [
        "virtualmachineclusterinstancetypes",
        "virtualmachineclusterpreferences",
    ] {
        add(
            &mut rights,
            &format!("{name}.instancetype.kubevirt.io"),
            READ,
        );
    }
    rights
}

/// `name/rest` of the aggregated API, as rights name it: `name.subresources.kubevirt.io/rest`.
fn subresource(path: &str) -> String {
    match path.split_once('/') {
        Some((name, rest)) => format!("{name}.subresources.kubevirt.io/{rest}"),
        None => format!("{path}.subresources.kubevirt.io"),
    }
}

/// What a user has who is bound to one of Kubernetes' own roles.
fn of_role(role: &str) -> Rights {
    let mut rights = of_everybody();
    for resource in WRITTEN {
        let verbs = match (role, resource) {
            ("admin", _) => ALL,
            ("edit", "plugins.plugin.kubevirt.io") => READ,
            ("edit", _) => WRITE,
            _ => READ,
        };
        add(&mut rights, resource, verbs);
    }
    for resource in READ_ONLY {
        add(&mut rights, resource, READ);
    }
    for path in TOLD {
        add(&mut rights, &subresource(path), "get");
    }
    add(&mut rights, &subresource("expand-vm-spec"), "update");
    if role != "view" {
        for path in CONNECTED {
            add(&mut rights, &subresource(path), "get");
        }
        for path in DONE {
            add(&mut rights, &subresource(path), "update");
        }
    }
    if role == "admin" {
        let path = "virtualmachineinstances/vnc/screenshot";
        add(&mut rights, &subresource(path), "get");
    }
    rights
}

/// What the API server says that a user may do with KubeVirt in a namespace.
fn rights_of(namespace: &Namespace, user: &str) -> anyhow::Result<Rights> {
    let list = namespace
        .kubectl(&[
            "--as",
            user,
            "--as-group=system:authenticated",
            "auth",
            "can-i",
            "--list",
            "--no-headers",
        ])?
        .text()?;
    let mut rights = Rights::new();
    for line in list.lines() {
        let Some((resource, rest)) = line.split_once(' ') else {
            continue;
        };
        if resource.contains("kubevirt.io") {
            let verbs = rest
                .rsplit_once('[')
                .map_or("", |(_, verbs)| verbs.trim_end().trim_end_matches(']'));
            add(&mut rights, resource, verbs);
        }
    }
    Ok(rights)
}

/// How two sets of rights differ, a line for each resource.
fn difference(has: &Rights, wanted: &Rights) -> Vec<String> {
    let none = BTreeSet::new();
    has.keys()
        .chain(wanted.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter_map(|name| {
            let (has, wanted) = (
                has.get(name).unwrap_or(&none),
                wanted.get(name).unwrap_or(&none),
            );
            (has != wanted).then(|| format!("{name}: has {has:?}, should have {wanted:?}"))
        })
        .collect()
}

#[test]
fn each_role_gives_what_upstreams_gives_and_no_more() -> anyhow::Result<()> {
    let namespace = Namespace::new("roles")?;
    let mut users = vec![("stranger", of_everybody())];
    for role in ["view", "edit", "admin"] {
        let bind = [
            "create",
            "rolebinding",
            role,
            &format!("--clusterrole={role}"),
            &format!("--user={role}-of-test"),
        ];
        namespace.kubectl(&bind)?.text()?;
    }
    users.extend([
        ("view-of-test", of_role("view")),
        ("edit-of-test", of_role("edit")),
        ("admin-of-test", of_role("admin")),
    ]);
    // Moving machines is a right of its own.
    let bind = [
        "create",
        "rolebinding",
        "migrate",
        "--clusterrole=kubevirt.io:migrate",
        "--user=mover-of-test",
    ];
    namespace.kubectl(&bind)?.text()?;
    let mut mover = of_everybody();
    add(
        &mut mover,
        "virtualmachineinstancemigrations.kubevirt.io",
        ALL,
    );
    add(
        &mut mover,
        &subresource("virtualmachines/migrate"),
        "update",
    );
    users.push(("mover-of-test", mover));
    for (user, wanted) in users {
        let mut left = Vec::new();
        // The roles are put together from others, and bindings seen, a moment after they are written.
        within(STEP / 6, &format!("the rights of {user}"), || {
            left = difference(&rights_of(&namespace, user)?, &wanted);
            Ok(left.is_empty())
        })
        .map_err(|error| error.context(format!("{user}:\n{}", left.join("\n"))))?;
    }
    Ok(())
}

#[test]
fn can_i_answers_as_the_roles_say() -> anyhow::Result<()> {
    let namespace = Namespace::new("cani")?;
    for role in ["view", "edit", "admin"] {
        let bind = [
            "create",
            "rolebinding",
            role,
            &format!("--clusterrole={role}"),
            &format!("--group={role}s-of-test"),
        ];
        namespace.kubectl(&bind)?.text()?;
    }
    let questions = [
        // verb, resource, then whether viewers, editors, admins and strangers may.
        (
            "get",
            "virtualmachines.kubevirt.io",
            [true, true, true, false],
        ),
        (
            "create",
            "virtualmachines.kubevirt.io",
            [false, true, true, false],
        ),
        (
            "deletecollection",
            "virtualmachineinstances.kubevirt.io",
            [false, false, true, false],
        ),
        (
            "create",
            "virtualmachinesnapshots.snapshot.kubevirt.io",
            [false, true, true, false],
        ),
        (
            "create",
            "virtualmachineinstancemigrations.kubevirt.io",
            [false, false, false, false],
        ),
        (
            "update",
            "virtualmachines.subresources.kubevirt.io/start",
            [false, true, true, false],
        ),
        (
            "update",
            "virtualmachines.subresources.kubevirt.io/migrate",
            [false, false, false, false],
        ),
        (
            "get",
            "virtualmachineinstances.subresources.kubevirt.io/console",
            [false, true, true, false],
        ),
        (
            "get",
            "virtualmachineinstances.subresources.kubevirt.io/guestosinfo",
            [true, true, true, false],
        ),
        (
            "get",
            "virtualmachineinstances.subresources.kubevirt.io/vsock",
            [false, false, false, false],
        ),
        (
            "get",
            "virtualmachineclusterinstancetypes.instancetype.kubevirt.io",
            [true, true, true, true],
        ),
        (
            "create",
            "virtualmachineclusterinstancetypes.instancetype.kubevirt.io",
            [false, false, false, false],
        ),
        ("list", "kubevirts.kubevirt.io", [true, true, true, true]),
        (
            "update",
            "kubevirts.kubevirt.io",
            [false, false, false, false],
        ),
        (
            "update",
            "virtualmachines.kubevirt.io/status",
            [false, false, false, false],
        ),
    ];
    for (verb, resource, expected) in questions {
        for (role, expected) in ["view", "edit", "admin", "stranger"].iter().zip(expected) {
            let group = format!("{role}s-of-test");
            let said = if resource.contains(".subresources.") {
                is_allowed(&namespace, verb, resource, &group)?
            } else {
                can_i(&namespace, verb, resource, &group)?
            };
            assert_eq!(said, expected, "{verb} {resource} {group}");
        }
    }
    Ok(())
}

/// `kubectl auth can-i` as a member of a group.
fn can_i(namespace: &Namespace, verb: &str, resource: &str, group: &str) -> anyhow::Result<bool> {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let group = format!("--as-group={group}");
    let subresource = format!("--subresource={subresource}");
    let mut arguments = vec!["auth", "can-i", verb, resource, &subresource];
    arguments.extend(["--as=somebody", &group, "--as-group=system:authenticated"]);
    // A cluster-scoped kind is not asked for in a namespace, where a role binding gives nothing anyway.
    let answer = if resource.starts_with("virtualmachinecluster") {
        run(&mut kubectl(), &arguments)?
    } else {
        namespace.kubectl(&arguments)?
    };
    Ok(answer.stdout.trim() == "yes")
}

/// The same question without `kubectl auth can-i`, which knows only resources that have a kind.
fn is_allowed(
    namespace: &Namespace,
    verb: &str,
    resource: &str,
    group: &str,
) -> anyhow::Result<bool> {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let (name, api_group) = resource.split_once('.').unwrap_or((resource, ""));
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": "somebody",
            "groups": [group, "system:authenticated"],
            "resourceAttributes": {
                "namespace": namespace.name(), "verb": verb, "group": api_group, "resource": name,
                "subresource": subresource,
            },
        },
    });
    let arguments = ["create", "-o", "jsonpath={.status.allowed}", "-f", "-"];
    let answer = run_with_input(&mut kubectl(), &arguments, &review.to_string())?.text()?;
    Ok(answer.trim() == "true")
}

#[test]
fn no_role_of_kubevirt_has_a_wildcard() -> anyhow::Result<()> {
    let mut seen = 0;
    for kind in ["clusterroles", "roles"] {
        let list = get(&[kind, "-A", "-l", "kubevirt.io"])?;
        for role in list["items"].as_array().into_iter().flatten() {
            seen += 1;
            for rule in role["rules"].as_array().into_iter().flatten() {
                for part in ["verbs", "resources", "apiGroups", "nonResourceURLs"] {
                    let wild =
                        |value: &Value| value.as_str().is_some_and(|text| text.contains('*'));
                    assert!(
                        !rule[part].as_array().into_iter().flatten().any(wild),
                        "{} {}: {rule}",
                        role["kind"],
                        role["metadata"]["name"]
                    );
                }
            }
        }
    }
    assert!(seen >= 5, "only {seen} roles bear the label kubevirt.io");
    Ok(())
}
