//! What is asked of the cluster for which request, and whether the roles that we ship grant it to whom they should.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, Uri};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::aggregated::route::{Route, Subresource, parse};

const NAMESPACE: &str = "/apis/subresources.kubevirt.io/v1/namespaces/default";

fn user() -> User {
    User {
        name: "alice".to_owned(),
        uid: Some("7".to_owned()),
        groups: vec!["devs".to_owned()],
        extra: BTreeMap::from([("scopes".to_owned(), vec!["a".to_owned()])]),
    }
}

/// The attributes that are asked for; none when nothing is, because the path or the method does not exist.
fn attributes(method: &str, tail: &str) -> Option<Value> {
    // As hyper reads a request's target.
    let uri: Uri = format!("{NAMESPACE}/{tail}").parse().unwrap();
    let Some(Route::Object(target)) = parse(uri.path()) else {
        return None;
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let review = review(&user(), &method, &target)?;
    assert_eq!(review.spec.user.as_deref(), Some("alice"));
    assert_eq!(review.spec.uid.as_deref(), Some("7"));
    assert_eq!(review.spec.groups, Some(vec!["devs".to_owned()]));
    assert!(review.spec.extra.unwrap().contains_key("scopes"));
    Some(serde_json::to_value(review.spec.resource_attributes).unwrap())
}

#[rstest]
// method, path, verb, resource, name, subresource
#[case(
    "PUT",
    "virtualmachines/web/start",
    "update",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "GET",
    "virtualmachines/web/start",
    "get",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "HEAD",
    "virtualmachines/web/start",
    "get",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "POST",
    "virtualmachines/web/start",
    "create",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "PATCH",
    "virtualmachines/web/start",
    "patch",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "DELETE",
    "virtualmachines/web/start",
    "delete",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "GET",
    "virtualmachineinstances/web/vnc/screenshot",
    "get",
    "virtualmachineinstances",
    "web",
    "vnc/screenshot"
)]
#[case(
    "GET",
    "virtualmachineinstances/web/vnc",
    "get",
    "virtualmachineinstances",
    "web",
    "vnc"
)]
#[case(
    "PUT",
    "virtualmachineinstances/web/sev/setupsession",
    "update",
    "virtualmachineinstances",
    "web",
    "sev/setupsession"
)]
#[case(
    "PUT",
    "virtualmachines/web/evacuate/cancel",
    "update",
    "virtualmachines",
    "web",
    "evacuate/cancel"
)]
// The port and the protocol are no part of the subresource.
#[case(
    "GET",
    "virtualmachines/web/portforward/22",
    "get",
    "virtualmachines",
    "web",
    "portforward"
)]
#[case(
    "GET",
    "virtualmachineinstances/web/portforward/53/udp",
    "get",
    "virtualmachineinstances",
    "web",
    "portforward"
)]
// Names that look like parts of paths are names.
#[case(
    "GET",
    "virtualmachineinstances/console/vnc",
    "get",
    "virtualmachineinstances",
    "console",
    "vnc"
)]
#[case(
    "GET",
    "virtualmachines/portforward/portforward/22",
    "get",
    "virtualmachines",
    "portforward",
    "portforward"
)]
#[case(
    "GET",
    "virtualmachineinstances/virtualmachines/console",
    "get",
    "virtualmachineinstances",
    "virtualmachines",
    "console"
)]
// What is behind the question mark changes nothing, nor does a fragment.
#[case(
    "PUT",
    "virtualmachines/web/start?a=/../../stop",
    "update",
    "virtualmachines",
    "web",
    "start"
)]
#[case(
    "GET",
    "virtualmachineinstances/web/vsock?port=22&tls=false",
    "get",
    "virtualmachineinstances",
    "web",
    "vsock"
)]
#[case(
    "PUT",
    "virtualmachines/web/start#/stop",
    "update",
    "virtualmachines",
    "web",
    "start"
)]
fn of_objects(
    #[case] method: &str,
    #[case] tail: &str,
    #[case] verb: &str,
    #[case] resource: &str,
    #[case] name: &str,
    #[case] subresource: &str,
) {
    let expected = json!({
        "group": "subresources.kubevirt.io", "version": "v1", "namespace": "default", "verb": verb,
        "resource": resource, "name": name, "subresource": subresource,
    });
    assert_eq!(attributes(method, tail), Some(expected));
}

#[rstest]
#[case("PUT", "update")]
#[case("GET", "list")]
#[case("HEAD", "list")]
#[case("POST", "create")]
#[case("DELETE", "delete")]
fn without_a_name_reading_is_listing(#[case] method: &str, #[case] verb: &str) {
    let expected = json!({
        "group": "subresources.kubevirt.io", "version": "v1", "namespace": "default", "verb": verb,
        "resource": "expand-vm-spec",
    });
    assert_eq!(attributes(method, "expand-vm-spec"), Some(expected));
}

#[rstest]
#[case("PUT", "virtualmachines/web%2fstart")]
#[case("PUT", "virtualmachines/web%2Fstart/start")]
#[case("PUT", "virtualmachines/web/start%2f")]
#[case("PUT", "virtualmachines/web/start%00")]
#[case("PUT", "virtualmachines/web/star%74")]
#[case("PUT", "virtualmachines//start")]
#[case("PUT", "virtualmachines/web//start")]
#[case("PUT", "virtualmachines/web/start/")]
#[case("PUT", "virtualmachines/web/Start")]
#[case("PUT", "virtualmachines/WEB/start")]
#[case("PUT", "VirtualMachines/web/start")]
#[case("PUT", "virtualmachines/web/./start")]
#[case("PUT", "virtualmachines/../start")]
#[case("PUT", "virtualmachines/web/stop/../start")]
#[case("PUT", "virtualmachines/%2e%2e/start")]
#[case("PUT", "virtualmachines/web;x/start")]
#[case("PUT", "virtualmachines/web/start;x")]
#[case("GET", "virtualmachineinstances/web/vnc%2fscreenshot")]
#[case("GET", "virtualmachineinstances/web/vnc//screenshot")]
#[case("GET", "virtualmachineinstances/web/portforward/22/tcp/console")]
#[case("PUT", "virtualmachineinstances/web/start")]
#[case("PUT", "virtualmachines/web")]
#[case("GET", "virtualmachines")]
#[case("GET", "pods/web/exec")]
#[case("PUT", "expand-vm-spec/")]
#[case("PUT", "expand-vm-spec/web")]
#[case("CONNECT", "virtualmachines/web/start")]
#[case("TRACE", "virtualmachines/web/start")]
#[case("put", "virtualmachines/web/start")]
fn what_does_not_exist_is_not_asked_for(#[case] method: &str, #[case] tail: &str) {
    assert_eq!(attributes(method, tail), None);
}

/// What the roles that we ship grant of our group: verb and resource, by role.
fn roles() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let manifests = include_str!("../../../../../manifests/rbac-users.yaml");
    let mut roles = BTreeMap::<_, BTreeSet<_>>::new();
    for document in manifests.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(document).unwrap();
        if object["kind"] != "ClusterRole" {
            continue;
        }
        let strings = |list: &Value| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let granted = roles
            .entry(object["metadata"]["name"].as_str().unwrap().to_owned())
            .or_default();
        for rule in object["rules"].as_array().unwrap() {
            if !strings(&rule["apiGroups"]).contains(&GROUP.to_owned()) {
                continue;
            }
            for resource in strings(&rule["resources"]) {
                for verb in strings(&rule["verbs"]) {
                    granted.insert((verb, resource.clone()));
                }
            }
        }
    }
    roles
}

/// The roles that grant an endpoint: those of the original.
fn granted_by(subresource: Subresource) -> &'static [&'static str] {
    use Subresource as S;
    const ADMIN: &str = "kubevirt.io:admin";
    const EDIT: &str = "kubevirt.io:edit";
    const VIEW: &str = "kubevirt.io:view";
    match subresource {
        S::VncScreenshot => &[ADMIN],
        S::Migrate => &["kubevirt.io:migrate"],
        S::Vsock | S::Backup | S::RedefineCheckpoint => &[],
        S::GuestOsInfo
        | S::FileSystemList
        | S::UserList
        | S::SevFetchCertChain
        | S::SevQueryLaunchMeasurement
        | S::InstanceObjectGraph
        | S::MachineObjectGraph
        | S::ExpandSpec
        | S::ExpandVmSpec => &[ADMIN, EDIT, VIEW],
        _ => &[ADMIN, EDIT],
    }
}

#[test]
fn the_roles_grant_each_endpoint_to_whom_the_originals_do() {
    let roles = roles();
    let mut named = 0;
    for subresource in Subresource::ALL.iter().copied() {
        let row = subresource.row();
        let resource = match row.name {
            "" => row.resource.to_owned(),
            name => format!("{}/{name}", row.resource),
        };
        let verb = match row.method.as_str() {
            "GET" => "get",
            _ => "update",
        };
        for (role, granted) in &roles {
            let has = granted.contains(&(verb.to_owned(), resource.clone()));
            let should = granted_by(subresource).contains(&role.as_str());
            assert_eq!(has, should, "{role}: {verb} {resource}");
            named += usize::from(has);
        }
    }
    // Nothing else is granted, but what everybody may ask.
    let all: usize = roles.values().map(BTreeSet::len).sum();
    let everybody = &roles["kubevirt.io:default"];
    let expected = ["guestfs", "version"]
        .into_iter()
        .flat_map(|resource| ["get", "list"].map(|verb| (verb.to_owned(), resource.to_owned())));
    assert_eq!(everybody, &expected.collect());
    assert_eq!(all, named + everybody.len());
}
