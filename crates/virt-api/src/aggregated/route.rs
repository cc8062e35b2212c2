//! The table of paths. A path is either exactly one of them or it does not exist: nothing is decoded, folded or cleaned
//! up, so that what is authorized is what is done.

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
    /// `/healthz` and `.../v1/healthz`
    Healthz,
    /// `/openapi/v2`
    OpenApiV2,
    /// `/openapi/v3`
    OpenApiV3Index,
    /// `/openapi/v3/apis/subresources.kubevirt.io/v1`
    OpenApiV3 { version: &'static str },
    /// A subresource of a named object.
    Object(Target),
}

/// A subresource of a named object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) version: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) subresource: Subresource,
}

/// The subresources that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subresource {
    Start,
    Stop,
    Restart,
    Console,
}

impl Subresource {
    pub(crate) const ALL: [Self; 4] = [Self::Console, Self::Start, Self::Stop, Self::Restart];

    /// The plural resource and the name of the subresource.
    pub(crate) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("virtualmachines", "start"),
            Self::Stop => ("virtualmachines", "stop"),
            Self::Restart => ("virtualmachines", "restart"),
            Self::Console => ("virtualmachineinstances", "console"),
        }
    }

    /// The one method that it has.
    pub(crate) const fn method(self) -> http::Method {
        match self {
            Self::Console => http::Method::GET,
            Self::Start | Self::Stop | Self::Restart => http::Method::PUT,
        }
    }

    fn parse(resource: &str, subresource: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|candidate| candidate.names() == (resource, subresource))
    }
}

/// Finds `path` (as it stands in the request line, not decoded) in the table.
pub(crate) fn parse(path: &str) -> Option<Route> {
    let rest = path.strip_prefix('/')?;
    if rest.is_empty() {
        return Some(Route::RootPaths);
    }
    let segments: Vec<&str> = rest.splitn(10, '/').collect();
    match segments.as_slice() {
        ["apis"] => Some(Route::Groups),
        ["healthz"] => Some(Route::Healthz),
        ["openapi", "v2"] => Some(Route::OpenApiV2),
        ["openapi", "v3"] => Some(Route::OpenApiV3Index),
        ["openapi", "v3", "apis", GROUP, version] => Some(Route::OpenApiV3 {
            version: known(version)?,
        }),
        ["apis", GROUP] => Some(Route::Group),
        ["apis", GROUP, version] => Some(Route::Resources {
            version: known(version)?,
        }),
        ["apis", GROUP, version, "version"] => known(version).map(|_| Route::Version),
        ["apis", GROUP, version, "healthz"] => known(version).map(|_| Route::Healthz),
        [
            "apis",
            GROUP,
            version,
            "namespaces",
            namespace,
            resource,
            name,
            subresource,
        ] => {
            let version = known(version)?;
            let subresource = Subresource::parse(resource, subresource)?;
            (is_label(namespace) && is_subdomain(name)).then(|| {
                let (namespace, name) = ((*namespace).to_owned(), (*name).to_owned());
                Route::Object(Target {
                    version,
                    namespace,
                    name,
                    subresource,
                })
            })
        }
        _ => None,
    }
}

fn known(version: &str) -> Option<&'static str> {
    VERSIONS.into_iter().find(|candidate| *candidate == version)
}

/// An RFC 1123 label: what a namespace's name is.
fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= 63
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

/// An RFC 1123 subdomain: what an object's name is. Its labels may be longer than 63 characters, as in Kubernetes.
fn is_subdomain(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 253
        && text.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().copied().is_some_and(alphanumeric)
                && bytes.last().copied().is_some_and(alphanumeric)
                && bytes
                    .iter()
                    .all(|byte| alphanumeric(*byte) || *byte == b'-')
        })
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
    #[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc")]
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
}
