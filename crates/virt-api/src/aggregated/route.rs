//! The table of paths. A path is either exactly one of them or it does not exist: nothing is decoded, folded or cleaned
//! up, so that what is authorized is what is done.

pub(crate) use super::path::{Forward, Protocol};
pub(crate) use super::subresource::{Implementation, Subresource, Verb};

use super::path::{forward, is_label, is_subdomain};
use super::subresource::EXPAND_VM_SPEC;

/// The versions that the group is served in.
pub(crate) const VERSIONS: [&str; 2] = ["v1", "v1alpha3"];
/// The API group.
pub(crate) const GROUP: &str = "subresources.kubevirt.io";

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/`
    RootPaths,
    /// `/apis`
    Groups,
    /// `/apis/subresources.kubevirt.io`
    Group,
    /// `/apis/subresources.kubevirt.io/v1`
    Resources { version: &'static str },
    /// `.../v1/version`
    Version,
    /// `.../v1/guestfs`
    Guestfs,
    /// `/healthz` and `.../v1/healthz`
    Healthz,
    /// `/start-profiler`, `.../v1/start-cluster-profiler` and the like
    Profiler,
    /// `/openapi/v2`
    OpenApiV2,
    /// `/openapi/v3`
    OpenApiV3Index,
    /// `/openapi/v3/apis/subresources.kubevirt.io/v1`
    OpenApiV3 { version: &'static str },
    /// A subresource of a named object, or `expand-vm-spec` of a namespace.
    Object(Target),
    /// A port or protocol that is none, with what to do about it.
    Wrong(String),
}

/// What is asked for within a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) version: &'static str,
    pub(crate) namespace: String,
    /// Name of the object; empty for `expand-vm-spec`.
    pub(crate) name: String,
    pub(crate) subresource: Subresource,
    /// The port, for subresources that forward one.
    pub(crate) forward: Option<Forward>,
}

/// Finds `path` (as it stands in the request line, not decoded) in the table.
pub(crate) fn parse(path: &str) -> Option<Route> {
    let rest = path.strip_prefix('/')?;
    if rest.is_empty() {
        return Some(Route::RootPaths);
    }
    let segments: Vec<&str> = rest.splitn(12, '/').collect();
    match segments.as_slice() {
        ["apis"] => Some(Route::Groups),
        ["healthz"] => Some(Route::Healthz),
        ["start-profiler" | "stop-profiler" | "dump-profiler"] => Some(Route::Profiler),
        ["openapi", "v2"] => Some(Route::OpenApiV2),
        ["openapi", "v3"] => Some(Route::OpenApiV3Index),
        ["openapi", "v3", "apis", GROUP, version] => Some(Route::OpenApiV3 {
            version: known(version)?,
        }),
        ["apis", GROUP] => Some(Route::Group),
        ["apis", GROUP, version] => Some(Route::Resources {
            version: known(version)?,
        }),
        ["apis", GROUP, version, tail @ ..] => beneath(known(version)?, tail),
        _ => None,
    }
}

/// What there is beneath a version.
fn beneath(version: &'static str, tail: &[&str]) -> Option<Route> {
    match tail {
        ["version"] => Some(Route::Version),
        ["guestfs"] => Some(Route::Guestfs),
        ["healthz"] => Some(Route::Healthz),
        ["start-cluster-profiler" | "stop-cluster-profiler" | "dump-cluster-profiler"] => {
            Some(Route::Profiler)
        }
        ["namespaces", namespace, EXPAND_VM_SPEC] => is_label(namespace).then(|| {
            Route::Object(Target {
                version,
                namespace: (*namespace).to_owned(),
                name: String::new(),
                subresource: Subresource::ExpandVmSpec,
                forward: None,
            })
        }),
        ["namespaces", namespace, resource, name, rest @ ..] => {
            if !is_label(namespace) || !is_subdomain(name) {
                return None;
            }
            let (subresource, forward) = match subresource(resource, rest)? {
                Ok(found) => found,
                Err(message) => return Some(Route::Wrong(message)),
            };
            Some(Route::Object(Target {
                version,
                namespace: (*namespace).to_owned(),
                name: (*name).to_owned(),
                subresource,
                forward,
            }))
        }
        _ => None,
    }
}

/// What follows an object's name.
type Tail = Result<(Subresource, Option<Forward>), String>;

fn subresource(resource: &str, rest: &[&str]) -> Option<Tail> {
    let (subresource, port) = match rest {
        [name] => (Subresource::find(resource, name)?, None),
        [first, second, third @ ..] => match Subresource::find(resource, first) {
            Some(found) if found.has_port() => match third {
                [] => (found, Some((*second, None))),
                [protocol] => (found, Some((*second, Some(*protocol)))),
                _ => return None,
            },
            _ if third.is_empty() => (
                Subresource::find(resource, &format!("{first}/{second}"))?,
                None,
            ),
            _ => return None,
        },
        [] => return None,
    };
    match port {
        Some((port, protocol)) => {
            Some(forward(port, protocol).map(|forward| (subresource, Some(forward))))
        }
        None if subresource.has_port() => None,
        None => Some(Ok((subresource, None))),
    }
}

fn known(version: &str) -> Option<&'static str> {
    VERSIONS.into_iter().find(|candidate| *candidate == version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const BASE: &str = "/apis/subresources.kubevirt.io";

    fn object(path: &str) -> Option<Target> {
        match parse(path) {
            Some(Route::Object(target)) => Some(target),
            _ => None,
        }
    }

    #[rstest]
    #[case("virtualmachines/web/start", Subresource::Start)]
    #[case("virtualmachines/web/stop", Subresource::Stop)]
    #[case("virtualmachines/web.example/restart", Subresource::Restart)]
    #[case("virtualmachineinstances/web-1/console", Subresource::Console)]
    #[case("virtualmachineinstances/web/vnc", Subresource::Vnc)]
    #[case(
        "virtualmachineinstances/web/vnc/screenshot",
        Subresource::VncScreenshot
    )]
    #[case(
        "virtualmachineinstances/web/sev/fetchcertchain",
        Subresource::SevFetchCertChain
    )]
    #[case(
        "virtualmachineinstances/web/evacuate/cancel",
        Subresource::InstanceEvacuateCancel
    )]
    #[case(
        "virtualmachines/web/evacuate/cancel",
        Subresource::MachineEvacuateCancel
    )]
    #[case("virtualmachines/web/portforward/22", Subresource::MachinePortForward)]
    #[case(
        "virtualmachineinstances/web/portforward/53/udp",
        Subresource::InstancePortForward
    )]
    fn objects_in_both_versions(#[case] tail: &str, #[case] expected: Subresource) {
        for version in VERSIONS {
            let target = object(&format!("{BASE}/{version}/namespaces/default/{tail}")).unwrap();
            assert_eq!(
                (
                    target.version,
                    target.namespace.as_str(),
                    target.subresource
                ),
                (version, "default", expected)
            );
        }
    }

    #[rstest]
    #[case("/", Route::RootPaths)]
    #[case("/apis", Route::Groups)]
    #[case("/apis/subresources.kubevirt.io", Route::Group)]
    #[case("/apis/subresources.kubevirt.io/v1", Route::Resources { version: "v1" })]
    #[case("/apis/subresources.kubevirt.io/v1alpha3/version", Route::Version)]
    #[case("/apis/subresources.kubevirt.io/v1/healthz", Route::Healthz)]
    #[case("/apis/subresources.kubevirt.io/v1/guestfs", Route::Guestfs)]
    #[case(
        "/apis/subresources.kubevirt.io/v1/dump-cluster-profiler",
        Route::Profiler
    )]
    #[case("/start-profiler", Route::Profiler)]
    #[case("/openapi/v3/apis/subresources.kubevirt.io/v1", Route::OpenApiV3 { version: "v1" })]
    fn documents(#[case] path: &str, #[case] expected: Route) {
        assert_eq!(parse(path), Some(expected));
    }

    #[rstest]
    #[case("")]
    #[case("//")]
    #[case("/apis/")]
    #[case("/Apis")]
    #[case("/apis//subresources.kubevirt.io")]
    #[case("/apis/SUBRESOURCES.kubevirt.io/v1")]
    #[case("/apis/subresource.kubevirt.io/v1")]
    #[case("/apis/subresources.kubevirt.io/v2")]
    #[case("/apis/subresources.kubevirt.io/v1/")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/Start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/start/")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/start/x")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web//start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines//start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces//virtualmachines/web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web%2fstart")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web%2Fx/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/%77eb/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/st%61rt")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/../start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/../start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/../virtualmachines/web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/VirtualMachines/web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/Default/virtualmachines/web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/de.fault/virtualmachines/web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/Web/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web;a=b/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/console")]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/start"
    )]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc/")]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc%2fscreenshot"
    )]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc//screenshot"
    )]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc/../console"
    )]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc/screenshot/x"
    )]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/sev")]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/evacuate"
    )]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/portforward")]
    #[case(
        "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/portforward/22/tcp/x"
    )]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/start")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/expand-vm-spec/")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/expand-vm-spec/web")]
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/Default/expand-vm-spec")]
    #[case("/apis/subresources.kubevirt.io/v1/expand-vm-spec")]
    #[case("/apis/subresources.kubevirt.io/v1/start-profiler")]
    #[case("/start-cluster-profiler")]
    #[case("/./apis")]
    #[case("/healthz/")]
    #[case("/HEALTHZ")]
    fn everything_else_does_not_exist(#[case] path: &str) {
        assert_eq!(parse(path), None, "{path}");
    }

    #[test]
    fn names_are_bounded() {
        let path = |namespace: &str, name: &str| {
            format!("{BASE}/v1/namespaces/{namespace}/virtualmachines/{name}/start")
        };
        assert!(object(&path(&"a".repeat(63), &"a".repeat(253))).is_some());
        assert!(object(&path(&"a".repeat(64), "a")).is_none());
        assert!(object(&path("a", &"a".repeat(254))).is_none());
    }

    #[test]
    fn every_row_has_a_path() {
        for subresource in Subresource::ALL.iter().copied() {
            let (resource, name) = subresource.names();
            let path = match (name, subresource.has_port()) {
                ("", _) => format!("{BASE}/v1/namespaces/default/{resource}"),
                (_, true) => format!("{BASE}/v1/namespaces/default/{resource}/web/{name}/80"),
                (_, false) => format!("{BASE}/v1/namespaces/default/{resource}/web/{name}"),
            };
            let target = object(&path).unwrap();
            assert_eq!(target.subresource, subresource);
            assert_eq!(target.forward.is_some(), subresource.has_port());
            assert_eq!(target.name.is_empty(), name.is_empty());
        }
    }

    #[rstest]
    #[case("virtualmachines/web/portforward/0")]
    #[case("virtualmachines/web/portforward/65536")]
    #[case("virtualmachineinstances/web/portforward/22/sctp")]
    #[case("virtualmachineinstances/web/portforward/")]
    #[case("virtualmachineinstances/web/portforward/22/")]
    #[case("virtualmachineinstances/web/portforward/%32%32")]
    fn a_wrong_port_is_told(#[case] tail: &str) {
        let route = parse(&format!("{BASE}/v1/namespaces/default/{tail}"));
        assert!(matches!(route, Some(Route::Wrong(_))), "{route:?}");
    }
}
