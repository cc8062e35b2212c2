//! What can be asked for, from the table of subresources and the few paths beside it.

use crate::aggregated::route::{GROUP, Implementation, Subresource};

/// A path with its one method.
pub(super) struct Operation {
    pub(super) path: String,
    /// In lower case.
    pub(super) method: &'static str,
    /// Differs from that of every other.
    pub(super) id: String,
    pub(super) summary: &'static str,
    pub(super) query: &'static [Query],
    /// Type of the request's body.
    pub(super) body: Option<&'static str>,
    pub(super) success: u16,
    /// Type of the answer; `image/png` for a picture, empty for any object.
    pub(super) answer: Option<&'static str>,
    implementation: Option<Implementation>,
}

/// A parameter of the query.
pub(super) struct Query {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) required: bool,
    pub(super) about: &'static str,
}

/// What stands in braces in paths: name, type and what it is.
const IN_PATH: [(&str, &str, &str); 4] = [
    ("namespace", "string", "Namespace of the object"),
    ("name", "string", "Name of the object"),
    ("port", "integer", "Port in the guest, 1 to 65535"),
    ("protocol", "string", "How the port is reached: tcp or udp"),
];

/// Paths beneath a version that are about no object.
const PLAIN: [(&str, &str, &str); 6] = [
    ("version", "Version", "Get the version of KubeVirt"),
    ("guestfs", "Guestfs", "Get the image that looks into disks"),
    (
        "healthz",
        "Healthz",
        "Check that the API server can be reached",
    ),
    (
        "start-cluster-profiler",
        "StartClusterProfiler",
        "Start profiles of all components",
    ),
    (
        "stop-cluster-profiler",
        "StopClusterProfiler",
        "Stop profiles of all components",
    ),
    (
        "dump-cluster-profiler",
        "DumpClusterProfiler",
        "Get profiles of all components",
    ),
];

impl Operation {
    /// The parameters in the path.
    pub(super) fn in_path(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        IN_PATH
            .into_iter()
            .filter(|(name, ..)| self.path.contains(&format!("{{{name}}}")))
    }

    /// Media type of the answer.
    pub(super) fn produces(&self) -> &'static str {
        match self.answer {
            Some("image/png") => "image/png",
            _ => "application/json",
        }
    }

    /// Codes of failures that can be told beforehand.
    pub(super) fn failures(&self) -> Vec<(u16, &'static str)> {
        let Some(implementation) = self.implementation else {
            return vec![(500, "Internal Server Error")];
        };
        let mut failures = vec![
            (400, "Bad Request"),
            (401, "Unauthorized"),
            (404, "Not Found"),
            (409, "Conflict"),
            (500, "Internal Server Error"),
        ];
        match implementation {
            Implementation::Later => failures.push((501, "Not Implemented")),
            Implementation::Stream => failures.push((503, "Service Unavailable")),
            _ => {}
        }
        failures
    }
}

/// All of a version.
pub(super) fn operations(version: &str) -> Vec<Operation> {
    let base = format!("/apis/{GROUP}/{version}");
    let mut operations: Vec<_> = PLAIN
        .into_iter()
        .map(|(path, id, summary)| {
            plain(format!("{base}/{path}"), format!("{version}{id}"), summary)
        })
        .collect();
    operations.push(plain(
        format!("{base}/"),
        format!("{version}Resources"),
        "Get what there is",
    ));
    for subresource in Subresource::ALL.iter().copied() {
        let (resource, name) = subresource.names();
        let mut path = format!("{base}/namespaces/{{namespace}}/{resource}");
        if !name.is_empty() {
            path.push_str(&format!("/{{name}}/{name}"));
        }
        let id = format!("{version}{subresource:?}");
        if subresource.has_port() {
            path.push_str("/{port}");
            let with_protocol = format!("{path}/{{protocol}}");
            operations.push(operation(
                subresource,
                with_protocol,
                format!("{id}Protocol"),
            ));
        }
        operations.push(operation(subresource, path, id));
    }
    operations
}

fn operation(subresource: Subresource, path: String, id: String) -> Operation {
    let row = subresource.row();
    let some = |name: &'static str| (!name.is_empty()).then_some(name);
    Operation {
        path,
        method: match row.method.as_str() {
            "PUT" => "put",
            _ => "get",
        },
        id,
        summary: row.summary,
        query: query(subresource),
        body: some(row.body),
        success: row.success,
        answer: some(row.answer),
        implementation: Some(row.implementation),
    }
}

fn plain(path: String, id: String, summary: &'static str) -> Operation {
    Operation {
        path,
        method: "get",
        id,
        summary,
        query: &[],
        body: None,
        success: 200,
        answer: Some(""),
        implementation: None,
    }
}

const fn query(subresource: Subresource) -> &'static [Query] {
    match subresource {
        Subresource::Vnc => &[Query {
            name: "preserveSession",
            kind: "boolean",
            required: false,
            about: "Refuse the request when somebody looks at the screen already. Default: false",
        }],
        Subresource::VncScreenshot => &[Query {
            name: "moveCursor",
            kind: "boolean",
            required: false,
            about: "Move the pointer first, so that a dark screen lights up. Default: false",
        }],
        Subresource::Vsock => &[
            Query {
                name: "port",
                kind: "integer",
                required: true,
                about: "Port of the VM socket in the guest",
            },
            Query {
                name: "tls",
                kind: "boolean",
                required: false,
                about: "Encrypt the connection and check both ends. Default: true",
            },
        ],
        _ => &[],
    }
}
