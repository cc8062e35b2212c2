//! What the commands ask of the API server, to the byte, and what they print: each line is carried out as a user's would be,
//! against a server of the test.

mod devices;
mod guests;
mod moving;
mod power;
mod refused;
mod volumes;

use serde_json::{Value, json};

use crate::cli::Cli;
use crate::say;
use crate::testing::{Server, json as answer, missing};

/// Where subresources of a VirtualMachine and of an instance are.
const VM: &str = "/apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachines";
const VMI: &str = "/apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachineinstances";
/// Where the objects themselves are.
const VMS: &str = "/apis/kubevirt.io/v1/namespaces/ns/virtualmachines";
const VMIS: &str = "/apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstances";

/// A server and what it answers: the beginning of `METHOD /path`, the status, and the body. The first that fits counts; all other
/// requests get an empty object.
struct World(Vec<(String, u16, Value)>);

impl World {
    /// One in which all is well and nothing is said.
    fn empty() -> Self {
        Self(Vec::new())
    }

    fn with(mut self, begin: impl Into<String>, body: Value) -> Self {
        self.0.push((begin.into(), 200, body));
        self
    }

    /// Refuses with a message, or says that it is not there.
    fn refusing(mut self, begin: impl Into<String>, code: u16, message: &str) -> Self {
        self.0.push((begin.into(), code, message.into()));
        self
    }

    /// Carries out a command line.
    async fn run(self, line: &str) -> Outcome {
        let answers = self.0;
        let server = Server::start(move |asked| {
            let line = asked.line();
            match answers.iter().find(|(begin, ..)| line.starts_with(begin)) {
                Some((_, 200, body)) => answer(200, body.clone()),
                Some((_, 404, message)) => missing(message.as_str().unwrap_or_default()),
                Some((_, code, message)) => answer(
                    *code,
                    json!({
                        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                        "message": message, "reason": "Conflict", "code": code,
                    }),
                ),
                None => answer(200, json!({})),
            }
        })
        .await;
        let kubeconfig = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/commands/tests/kubeconfig.yaml"
        );
        let url = server.url();
        let flags = [
            "virtctl",
            "--kubeconfig",
            kubeconfig,
            "--server",
            &url,
            "-n",
            "ns",
        ];
        let cli = Cli::read(flags.into_iter().chain(line.split(' ')))
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        say::kept();
        let ended = super::run(&cli).await;
        let asked = server.asked().into_iter().map(|asked| {
            // The client library begins a query with `?&`, and ends a path without one with `?`.
            let line = asked.line().replace("?&", "?");
            let body = asked.json();
            (line.trim_end_matches('?').to_owned(), body)
        });
        Outcome {
            error: ended.err().map(|error| format!("{error:#}")),
            said: say::kept(),
            asked: asked.collect(),
        }
    }
}

/// How a command ended.
struct Outcome {
    error: Option<String>,
    /// Standard output.
    said: String,
    /// `METHOD /path?query` and the body, null when there was none.
    asked: Vec<(String, Value)>,
}

/// A command line, the requests that it is to make, and what it is to print.
struct Case {
    line: &'static str,
    asks: Vec<(String, Value)>,
    says: &'static str,
}

/// A command that makes one request.
fn one(line: &'static str, asks: impl Into<String>, body: Value, says: &'static str) -> Case {
    Case {
        line,
        asks: vec![(asks.into(), body)],
        says,
    }
}

/// Carries out the cases, each in a world of its own.
async fn check(world: impl Fn() -> World, cases: Vec<Case>) {
    for case in cases {
        let outcome = world().run(case.line).await;
        assert_eq!(outcome.error, None, "{}", case.line);
        assert_eq!(outcome.asked, case.asks, "{}", case.line);
        assert_eq!(outcome.said, case.says, "{}", case.line);
    }
}

/// No body.
const NONE: Value = Value::Null;

/// A request with a name, for tables.
fn ask(line: impl Into<String>, body: Value) -> (String, Value) {
    (line.into(), body)
}
