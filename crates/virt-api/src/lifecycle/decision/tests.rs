use super::*;
use rstest::rstest;

fn machine(spec: Value, status: Value) -> VirtualMachine {
    let mut spec = spec;
    spec["template"] = json!({ "spec": { "domain": { "devices": {} } } });
    let mut machine = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": { "name": "web", "namespace": "default", "resourceVersion": "7" },
        "spec": spec,
    });
    if !status.is_null() {
        machine["status"] = status;
    }
    serde_json::from_value(machine).unwrap()
}

fn strategy(text: &str) -> VirtualMachine {
    machine(json!({ "runStrategy": text }), json!({}))
}

fn instance(phase: &str) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default", "uid": "u-1", "resourceVersion": "9" },
        "spec": { "domain": { "devices": {} }, "terminationGracePeriodSeconds": 30 },
        "status": { "phase": phase },
    }))
    .unwrap()
}

/// What a decision comes to, in short: `patch VALUE`, `requests A,B`, with a leading `grace N; ` when the instance is
/// changed too, or the code of the refusal.
fn short(steps: Steps) -> String {
    let steps = match steps {
        Ok(steps) => steps,
        Err(refusal) => return refusal.code.as_u16().to_string(),
    };
    let words = steps.iter().map(|step| {
        let operations = step.operations.as_array().unwrap();
        assert_eq!(operations[0]["op"], "test", "every patch is checked");
        let value = &operations[1]["value"];
        match step.object {
            Object::Machine => format!("patch {value}"),
            Object::Instance => format!("grace {value}"),
            Object::MachineStatus => {
                let list = value.get("stateChangeRequests").unwrap_or(value);
                let actions = list.as_array().unwrap().iter().map(|request| {
                    let action = request["action"].as_str().unwrap();
                    assert!(
                        action != "Stop" || request["uid"] == "u-1",
                        "a stop names its instance"
                    );
                    let paused = request["data"]["paused"] == "true";
                    if paused {
                        format!("{action}-paused")
                    } else {
                        action.to_owned()
                    }
                });
                format!("requests {}", actions.collect::<Vec<_>>().join(","))
            }
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

#[rstest]
#[case("Halted", None, false, r#"patch "Always""#)]
#[case("Halted", Some("Succeeded"), false, r#"patch "Always""#)]
#[case("Halted", Some("Running"), false, "409")]
#[case("Halted", None, true, "requests Start-paused")]
#[case("Manual", None, false, "requests Start")]
#[case("Manual", None, true, "requests Start-paused")]
#[case("Manual", Some("Succeeded"), false, "requests Stop,Start")]
#[case("Manual", Some("Failed"), false, "requests Stop,Start")]
#[case("Manual", Some("Scheduling"), false, "409")]
#[case("Manual", Some(""), false, "requests Start")]
#[case("Manual", Some("Unknown"), false, "requests Start")]
#[case("RerunOnFailure", None, false, "requests Start")]
#[case("RerunOnFailure", Some("Succeeded"), false, "requests Stop,Start")]
#[case("RerunOnFailure", Some("Failed"), false, "409")]
#[case("RerunOnFailure", Some("Running"), false, "409")]
#[case("Always", None, false, "409")]
#[case("Always", Some("Failed"), false, "409")]
#[case("Once", None, false, "409")]
#[case("Once", Some("Succeeded"), false, "409")]
#[case("Sometimes", None, false, "409")]
fn starting(
    #[case] run_strategy: &str,
    #[case] phase: Option<&str>,
    #[case] paused: bool,
    #[case] expected: &str,
) {
    let options = StartOptions {
        paused,
        dry_run: None,
    };
    let instance = phase.map(instance);
    assert_eq!(
        short(start(&strategy(run_strategy), instance.as_ref(), &options)),
        expected
    );
}

#[rstest]
#[case("Halted", None, None, "409")]
#[case("Halted", Some("Running"), None, "409")]
#[case("Halted", Some("Running"), Some(30), "409")]
#[case("Halted", Some("Running"), Some(5), "grace 5; requests Stop")]
#[case("Halted", Some("Succeeded"), Some(5), "409")]
#[case("Manual", None, None, "409")]
#[case("Manual", Some("Failed"), None, "409")]
#[case("Manual", Some("Running"), None, "requests Stop")]
#[case("Manual", Some("Running"), Some(0), "grace 0; requests Stop")]
#[case("Manual", Some("Scheduling"), None, "requests Stop")]
#[case("RerunOnFailure", None, None, "409")]
#[case("RerunOnFailure", Some("Running"), None, "requests Stop")]
#[case("Always", None, None, r#"patch "Halted""#)]
#[case("Always", Some("Running"), None, r#"patch "Halted""#)]
#[case("Always", Some("Running"), Some(1), r#"grace 1; patch "Halted""#)]
#[case("Always", Some("Failed"), Some(1), r#"patch "Halted""#)]
#[case("Once", Some("Running"), None, r#"patch "Halted""#)]
#[case("Once", None, None, r#"patch "Halted""#)]
#[case("Always", Some("Running"), Some(-1), "400")]
#[case("Sometimes", Some("Running"), None, "409")]
fn stopping(
    #[case] run_strategy: &str,
    #[case] phase: Option<&str>,
    #[case] grace_period: Option<i64>,
    #[case] expected: &str,
) {
    let options = StopOptions {
        grace_period,
        dry_run: None,
    };
    let instance = phase.map(instance);
    assert_eq!(
        short(stop(&strategy(run_strategy), instance.as_ref(), &options)),
        expected
    );
}

#[rstest]
#[case("Always", Some("Running"), None, "requests Stop,Start")]
#[case("Always", Some("Running"), Some(0), "grace 1; requests Stop,Start")]
#[case("Manual", Some("Running"), None, "requests Stop,Start")]
#[case("RerunOnFailure", Some("Running"), None, "requests Stop,Start")]
#[case("Always", None, None, "409")]
#[case("Halted", Some("Running"), None, "409")]
#[case("Once", Some("Running"), None, "409")]
#[case("Always", Some("Running"), Some(5), "400")]
#[case("Always", Some("Running"), Some(-1), "400")]
fn restarting(
    #[case] run_strategy: &str,
    #[case] phase: Option<&str>,
    #[case] grace_period_seconds: Option<i64>,
    #[case] expected: &str,
) {
    let options = RestartOptions {
        grace_period_seconds,
        dry_run: None,
    };
    let instance = phase.map(instance);
    assert_eq!(
        short(restart(
            &strategy(run_strategy),
            instance.as_ref(),
            &options
        )),
        expected
    );
}

#[test]
fn running_is_changed_where_it_is_used() {
    let stopped = machine(json!({ "running": false }), Value::Null);
    assert_eq!(
        short(start(&stopped, None, &StartOptions::default())),
        "patch true"
    );
    let running = machine(json!({ "running": true }), Value::Null);
    assert_eq!(
        short(stop(&running, None, &StopOptions::default())),
        "patch false"
    );
}

#[test]
fn requests_do_not_overtake_each_other() {
    let waiting = json!({ "stateChangeRequests": [{ "action": "Start" }] });
    let machine = machine(json!({ "runStrategy": "Manual" }), waiting);
    assert_eq!(
        short(start(&machine, None, &StartOptions::default())),
        "409"
    );
    let running = instance("Running");
    assert_eq!(
        short(restart(
            &machine,
            Some(&running),
            &RestartOptions::default()
        )),
        "409"
    );
    assert_eq!(
        short(stop(&machine, Some(&running), &StopOptions::default())),
        "requests Stop"
    );
}

#[test]
fn a_request_forgets_failed_starts() {
    let failed = json!({ "startFailure": { "consecutiveFailCount": 3 } });
    let machine = machine(json!({ "runStrategy": "Manual" }), failed);
    let steps = start(&machine, None, &StartOptions::default()).unwrap();
    assert_eq!(
        steps[0].operations[2],
        json!({ "op": "remove", "path": "/status/startFailure" })
    );
}

#[test]
fn a_machine_without_status_gets_one() {
    let machine = machine(json!({ "runStrategy": "Manual" }), Value::Null);
    let steps = start(&machine, None, &StartOptions::default()).unwrap();
    assert_eq!(
        steps[0].operations[0],
        json!({ "op": "test", "path": "/metadata/resourceVersion", "value": "7" })
    );
    assert_eq!(steps[0].operations[1]["path"], "/status");
}

#[test]
fn recovery_and_volume_changes_come_first() {
    let status =
        |condition: &str| json!({ "conditions": [{ "type": condition, "status": "True" }] });
    let recovering = machine(
        json!({ "runStrategy": "Halted" }),
        status("ManualRecoveryRequired"),
    );
    assert_eq!(
        short(start(&recovering, None, &StartOptions::default())),
        "409"
    );
    let changing = machine(json!({ "runStrategy": "Always" }), status("VolumesChange"));
    assert_eq!(
        short(restart(
            &changing,
            Some(&instance("Running")),
            &RestartOptions::default()
        )),
        "409"
    );
}

#[test]
fn a_failed_restart_gives_the_guest_its_time_back() {
    let options = RestartOptions {
        grace_period_seconds: Some(0),
        dry_run: None,
    };
    let steps = restart(&strategy("Always"), Some(&instance("Running")), &options).unwrap();
    let undo = steps[0].undo.as_ref().unwrap();
    assert_eq!(undo[0]["value"], 1);
    assert_eq!(undo[1]["value"], 30);
}
