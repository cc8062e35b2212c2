//! The aggregated API as a client sees it: what it lists, what it refuses and how, and what it does with a guest.

use anyhow::Context;
use kubevirt_tests::api::{Api, Reply};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, within};
use serde_json::{Value, json};

const BASE: &str = "/apis/subresources.kubevirt.io/v1";

fn machine(namespace: &Namespace, tail: &str) -> String {
    format!(
        "{BASE}/namespaces/{}/virtualmachines/{tail}",
        namespace.name()
    )
}

fn instance(namespace: &Namespace, tail: &str) -> String {
    format!(
        "{BASE}/namespaces/{}/virtualmachineinstances/{tail}",
        namespace.name()
    )
}

#[test]
fn discovery_and_documents() -> anyhow::Result<()> {
    let api = Api::start()?;
    for version in ["v1", "v1alpha3"] {
        let base = format!("/apis/subresources.kubevirt.io/{version}");
        let list = api.ask("GET", &base, "")?.json()?;
        assert_eq!(
            list["groupVersion"],
            format!("subresources.kubevirt.io/{version}")
        );
        let names: Vec<_> = list["resources"]
            .as_array()
            .context("no resources")?
            .iter()
            .filter_map(|entry| entry["name"].as_str())
            .collect();
        assert_eq!(names.len(), 31, "{names:?}");
        for name in [
            "expand-vm-spec",
            "virtualmachineinstances/vnc/screenshot",
            "virtualmachines/migrate",
        ] {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        // Served, but not listed, as in the original.
        assert!(!names.contains(&"virtualmachines/portforward"));

        let version = api.ask("GET", &format!("{base}/version"), "")?.json()?;
        assert!(version["gitVersion"].is_string(), "{version}");
        let guestfs = api.ask("GET", &format!("{base}/guestfs"), "")?.json()?;
        for key in ["registry", "tag", "digest", "imagePrefix", "gsImage"] {
            assert!(guestfs[key].is_string(), "{guestfs}");
        }
        let health = api.ask("GET", &format!("{base}/healthz"), "")?.json()?;
        assert_eq!(health["apiserver"]["connectivity"], "ok");
    }
    Ok(())
}

#[test]
fn kube_apiserver_tells_our_open_api() -> anyhow::Result<()> {
    let api = Api::start()?;
    let path = "/openapi/v3/apis/subresources.kubevirt.io/v1";
    // kube-apiserver looks at it again in the background, once in a while.
    within(STEP, "OpenAPI of the group", || {
        let document = api.ask("GET", path, "")?.json()?;
        let start = format!("{BASE}/namespaces/{{namespace}}/virtualmachines/{{name}}/start");
        let body = &document["paths"][start.as_str()]["put"]["requestBody"]["content"]["*/*"];
        let schemas = &document["components"]["schemas"];
        Ok(
            body["schema"]["$ref"] == "#/components/schemas/v1.StartOptions"
                && schemas["v1.StartOptions"]["properties"]["paused"].is_object(),
        )
    })
}

/// A `Status` with a code and reason about an object.
fn is_status(reply: &Reply, code: u16, reason: &str, about: (&str, &str)) -> anyhow::Result<()> {
    let status = reply.json()?;
    assert_eq!(reply.code, code, "{status}");
    assert_eq!(status["kind"], "Status", "{status}");
    assert_eq!(status["code"], code, "{status}");
    assert_eq!(status["reason"], reason, "{status}");
    let (kind, name) = about;
    if !kind.is_empty() {
        let details = json!({ "group": "kubevirt.io", "kind": kind, "name": name });
        assert_eq!(status["details"], details, "{status}");
    }
    assert_eq!(reply.header("X-Content-Type-Options"), "nosniff");
    Ok(())
}

#[test]
fn refusals_have_the_originals_codes() -> anyhow::Result<()> {
    let namespace = Namespace::new("refusals")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let api = Api::start()?;
    let put = |path: String, body: &str| api.ask("PUT", &path, body);
    let get = |path: String| api.ask("GET", &path, "");

    // What is not there, and what is in the wrong state.
    let (vm, vmi) = ("virtualmachine", "virtualmachineinstance");
    let reply = put(machine(&namespace, "none/start"), "")?;
    is_status(&reply, 404, "NotFound", (vm, "none"))?;
    let reply = put(machine(&namespace, "vm1/stop"), "")?;
    is_status(&reply, 409, "Conflict", (vm, "vm1"))?;
    let reply = put(instance(&namespace, "vm1/pause"), "")?;
    is_status(&reply, 404, "NotFound", (vmi, "vm1"))?;
    let reply = get(instance(&namespace, "vm1/vnc/screenshot"))?;
    is_status(&reply, 404, "NotFound", (vmi, "vm1"))?;

    // The agent's endpoints are different: every failure is a 500 in text.
    let reply = get(instance(&namespace, "vm1/guestosinfo"))?;
    assert_eq!(reply.code, 500);
    assert!(
        reply.text().contains("\"vm1\" not found"),
        "{}",
        reply.text()
    );

    // What is wrong with the request itself.
    let reply = put(machine(&namespace, "vm1/start"), "paused: [")?;
    is_status(&reply, 400, "BadRequest", ("", ""))?;
    let reply = put(machine(&namespace, "vm1/start"), "dryRun: [Some]")?;
    is_status(&reply, 400, "BadRequest", ("", ""))?;
    let reply = put(
        machine(&namespace, "vm1/restart"),
        "{\"gracePeriodSeconds\": 5}",
    )?;
    is_status(&reply, 400, "BadRequest", ("", ""))?;
    let reply = get(machine(&namespace, "vm1/portforward/0"))?;
    is_status(&reply, 400, "BadRequest", ("", ""))?;
    let reply = api.ask("POST", &machine(&namespace, "vm1/start"), "")?;
    is_status(&reply, 405, "MethodNotAllowed", ("", ""))?;
    assert_eq!(reply.header("Allow"), "PUT");
    let reply = put(machine(&namespace, "vm1/Start"), "")?;
    is_status(&reply, 404, "NotFound", ("", ""))?;

    // YAML is as good as JSON, and a dry run keeps nothing.
    let reply = put(machine(&namespace, "vm1/start"), "dryRun: [All]\n")?;
    assert_eq!((reply.code, reply.text()), (202, String::new()));
    assert_eq!(namespace.field("vm", "vm1", "/spec/runStrategy")?, "Halted");

    let reply = api.ask("OPTIONS", &machine(&namespace, "vm1/start"), "")?;
    assert_eq!((reply.code, reply.header("Allow")), (200, "PUT"));
    Ok(())
}

#[test]
fn what_is_missing_says_so() -> anyhow::Result<()> {
    let namespace = Namespace::new("missing")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let api = Api::start()?;
    let dump = machine(&namespace, "vm1/memorydump");
    let reply = api.ask("PUT", &dump, r#"{"claimName":"dump"}"#)?;
    is_status(&reply, 501, "NotImplemented", ("virtualmachine", "vm1"))?;
    let message = reply.json()?["message"].clone();
    assert!(
        message
            .as_str()
            .is_some_and(|text| text.contains("memory dumps")),
        "{message}"
    );
    // What is wrong in any version is refused as ever.
    is_status(&api.ask("PUT", &dump, "")?, 400, "BadRequest", ("", ""))?;
    let reply = api.ask("PUT", &instance(&namespace, "vm1/backup"), "")?;
    is_status(&reply, 404, "NotFound", ("virtualmachineinstance", "vm1"))?;
    let reply = api.ask("GET", &format!("{BASE}/start-cluster-profiler"), "")?;
    is_status(&reply, 501, "NotImplemented", ("", ""))
}

/// Whether a condition of the instance holds.
fn holds(namespace: &Namespace, condition: &str) -> anyhow::Result<bool> {
    let instance = namespace.get("vmi", "vm1")?.unwrap_or_default();
    let conditions = instance["status"]["conditions"].as_array();
    let holds = |one: &Value| one["type"] == condition && one["status"] == "True";
    Ok(conditions.is_some_and(|all| all.iter().any(holds)))
}

#[test]
fn a_guest_is_paused_asked_and_reset() -> anyhow::Result<()> {
    let namespace = Namespace::new("operations")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let api = Api::start()?;
    let put = |tail: &str, body: &str| -> anyhow::Result<Reply> {
        api.ask("PUT", &instance(&namespace, &format!("vm1/{tail}")), body)
    };
    let done = |reply: Reply| assert_eq!((reply.code, reply.text()), (200, String::new()));
    let about = ("virtualmachineinstance", "vm1");

    is_status(&put("unpause", "")?, 409, "Conflict", about)?;
    done(put("pause", "dryRun: [All]")?);
    assert!(!holds(&namespace, "Paused")?);
    done(put("pause", "")?);
    within(STEP, "the condition Paused", || holds(&namespace, "Paused"))?;
    is_status(&put("pause", "")?, 409, "Conflict", about)?;
    is_status(&put("softreboot", "")?, 409, "Conflict", about)?;
    done(put("unpause", "")?);
    within(STEP, "the end of the condition Paused", || {
        Ok(!holds(&namespace, "Paused")?)
    })?;

    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let screen = api.ask("GET", &instance(&namespace, "vm1/vnc/screenshot"), "")?;
    assert_eq!(
        (screen.code, screen.header("Content-Type")),
        (200, "image/png")
    );
    assert!(screen.body.starts_with(b"\x89PNG"));

    within(BOOT, "the guest's agent", || {
        holds(&namespace, "AgentConnected")
    })?;
    for (tail, key) in [
        ("guestosinfo", "hostname"),
        ("userlist", "items"),
        ("filesystemlist", "items"),
    ] {
        let reply = api.ask("GET", &instance(&namespace, &format!("vm1/{tail}")), "")?;
        assert_eq!(reply.code, 200, "{tail}: {}", reply.text());
        assert!(!reply.json()?[key].is_null(), "{tail}: {}", reply.text());
    }
    is_status(&put("freeze", "")?, 400, "BadRequest", ("", ""))?;
    done(put("freeze", r#"{"unfreezeTimeout":"1m0s"}"#)?);
    done(put("unfreeze", "")?);

    // The guest starts anew, in the same pod.
    let before = namespace.launcher_pod("vm1")?;
    done(put("reset", "")?);
    console.expect("login:", BOOT)?;
    assert_eq!(namespace.launcher_pod("vm1")?, before);
    Ok(())
}
