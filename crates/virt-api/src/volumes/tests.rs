use kubevirt_api::VirtualMachine;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

const ADD: &str = r#"{"name":"data","disk":{"disk":{"bus":"scsi"},"serial":"s"},"volumeSource":{"persistentVolumeClaim":{"claimName":"claim"}}}"#;

fn add() -> Request {
    request::addition(ADD.as_bytes()).unwrap()
}

fn remove() -> Request {
    request::removal(br#"{"name":"data"}"#).unwrap()
}

fn claimed(name: &str, claim: &str, hotpluggable: bool) -> Value {
    json!({ "name": name, "persistentVolumeClaim": { "claimName": claim, "hotpluggable": hotpluggable } })
}

/// A machine as the API server has it.
fn machine(template: Value, status: Value) -> Value {
    let mut object = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": { "name": "web", "namespace": "default", "resourceVersion": "7" },
        "spec": { "runStrategy": "Halted", "template": { "spec": template } },
    });
    if !status.is_null() {
        object["status"] = status;
    }
    object
}

fn with(volumes: Value, disks: Value) -> Value {
    let template = json!({ "domain": { "devices": { "disks": disks } }, "volumes": volumes });
    machine(template, json!({ "printableStatus": "Stopped" }))
}

fn bare() -> Value {
    machine(
        json!({ "domain": { "devices": {} } }),
        json!({ "printableStatus": "Stopped" }),
    )
}

fn change(object: &Value, request: &Request, mode: Mode) -> Result<patching::Change, Refusal> {
    let typed: VirtualMachine = serde_json::from_value(object.clone()).unwrap();
    machine::change(object, &typed, request, mode)
}

/// The object after the change, which must be tested before each part.
fn changed(object: &Value, request: &Request, mode: Mode) -> Value {
    let change = change(object, request, mode).unwrap();
    let operations = change.operations.as_array().unwrap();
    for pair in operations.chunks(2) {
        assert_eq!(pair[0]["op"], "test", "{pair:?}");
        assert_ne!(pair[1]["op"], "test", "{pair:?}");
    }
    let patch: json_patch::Patch = serde_json::from_value(change.operations.clone()).unwrap();
    let mut after = object.clone();
    json_patch::patch(&mut after, &patch).unwrap();
    let only = match change.part {
        patching::Part::Status => "spec",
        patching::Part::Object => "status",
    };
    assert_eq!(after[only], object[only]);
    after
}

#[rstest]
#[case(&["HotplugVolumes"], &[], Some(Mode::Requests))]
#[case(&["HotplugVolumes"], &["DeclarativeHotplugVolumes"], Some(Mode::Requests))]
#[case(&[], &[], Some(Mode::Template))]
#[case(&[], &["DeclarativeHotplugVolumes"], None)]
fn gates(#[case] on: &[&str], #[case] off: &[&str], #[case] expected: Option<Mode>) {
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mode = Mode::of(&Features::new(&names(on), &names(off)));
    assert_eq!(mode.as_ref().ok().copied(), expected);
    if let Err(refusal) = mode {
        assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
    }
}

#[test]
fn an_addition_is_completed() {
    let Request::Add(options) = add() else {
        panic!("it is an addition");
    };
    assert_eq!(options.disk.name, "data");
    let claim = options.volume_source.persistent_volume_claim.unwrap();
    assert_eq!(claim.hotpluggable, Some(true));
    let other = ADD.replace("persistentVolumeClaim", "dataVolume");
    let other = other.replace("claimName", "name");
    let Request::Add(options) = request::addition(other.as_bytes()).unwrap() else {
        panic!("it is an addition");
    };
    let volume = options.volume_source.data_volume.unwrap();
    assert_eq!(volume.hotpluggable, Some(true));
}

#[rstest]
#[case("", "empty")]
#[case("{}", "name is required")]
#[case(r#"{"name":""}"#, "name is required")]
#[case(r#"{"name":"a"}"#, "disk is required")]
#[case(r#"{"name":"a","disk":{"disk":{}}}"#, "volumeSource is required")]
#[case(
    r#"{"name":"a","disk":{"disk":{}},"volumeSource":{}}"#,
    "volumeSource is empty"
)]
#[case(r#"{"name":"a","disk":{},"volumeSource":{"dataVolume":{"name":"a"},"persistentVolumeClaim":{"claimName":"a"}}}"#, "more than one")]
#[case(
    r#"{"name":"a","disk":{},"volumeSource":{"dataVolume":{"name":""}}}"#,
    "must name"
)]
#[case(
    r#"{"name":"a","disk":{"disk":{"bus":5}},"volumeSource":{"dataVolume":{"name":"a"}}}"#,
    "disk.disk.bus"
)]
fn an_addition_says_all(#[case] body: &str, #[case] expected: &str) {
    let refusal = request::addition(body.as_bytes()).unwrap_err();
    assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
    assert!(refusal.message.contains(expected), "{refusal}");
}

#[rstest]
#[case("", "empty")]
#[case("{}", "name is required")]
fn a_removal_names_the_volume(#[case] body: &str, #[case] expected: &str) {
    let refusal = request::removal(body.as_bytes()).unwrap_err();
    assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
    assert!(refusal.message.contains(expected), "{refusal}");
}

#[rstest]
#[case(bare())]
#[case(machine(json!({ "domain": {} }), Value::Null))]
#[case(with(json!([{ "name": "root", "emptyDisk": { "capacity": "1Gi" } }]), json!([{ "name": "root", "disk": {} }])))]
#[case(with(json!([]), json!([])))]
fn a_volume_is_written_into_the_template(#[case] before: Value) {
    let mut typable = before.clone();
    typable["spec"]["template"]["spec"]["domain"]["devices"] = json!({});
    let typed: VirtualMachine = serde_json::from_value(typable).unwrap();
    let change = machine::change(&before, &typed, &add(), Mode::Template).unwrap();
    let patch: json_patch::Patch = serde_json::from_value(change.operations).unwrap();
    let mut after = before;
    json_patch::patch(&mut after, &patch).unwrap();
    let last = |list: &Value| list.as_array().unwrap().last().unwrap().clone();
    let spec = &after["spec"]["template"]["spec"];
    assert_eq!(last(&spec["volumes"]), claimed("data", "claim", true));
    assert_eq!(
        last(&spec["domain"]["devices"]["disks"]),
        json!({ "name": "data", "disk": { "bus": "scsi" }, "serial": "s" })
    );
}

#[test]
fn a_volume_is_taken_out_of_the_template() {
    let before = with(
        json!([claimed("root", "r", false), claimed("data", "claim", true)]),
        json!([{ "name": "data", "disk": {} }, { "name": "root", "disk": {} }]),
    );
    let after = changed(&before, &remove(), Mode::Template);
    let spec = &after["spec"]["template"]["spec"];
    assert_eq!(spec["volumes"], json!([claimed("root", "r", false)]));
    assert_eq!(
        spec["domain"]["devices"]["disks"],
        json!([{ "name": "root", "disk": {} }])
    );
}

#[test]
fn requests_wait_in_the_status() {
    let noted = json!({ "addVolumeOptions": {
        "name": "data", "disk": { "name": "data", "disk": { "bus": "scsi" }, "serial": "s" },
        "volumeSource": { "persistentVolumeClaim": { "claimName": "claim", "hotpluggable": true } },
    } });
    let first = changed(&bare(), &add(), Mode::Requests);
    assert_eq!(first["status"]["volumeRequests"], json!([noted]));
    let without = machine(json!({ "domain": { "devices": {} } }), Value::Null);
    let after = change(&without, &add(), Mode::Requests).unwrap();
    assert_eq!(
        after.operations[1]["value"]["volumeRequests"],
        json!([noted])
    );
    let other = json!({ "removeVolumeOptions": { "name": "other" } });
    let mut before = bare();
    before["status"]["volumeRequests"] = json!([other]);
    let after = changed(&before, &add(), Mode::Requests);
    assert_eq!(after["status"]["volumeRequests"], json!([other, noted]));
    let before = with(json!([claimed("data", "claim", true)]), json!([]));
    let after = changed(&before, &remove(), Mode::Requests);
    let noted = json!({ "removeVolumeOptions": { "name": "data" } });
    assert_eq!(after["status"]["volumeRequests"], json!([noted]));
}

fn waiting(request: Value) -> Value {
    let volumes = json!([claimed("data", "claim", true)]);
    let template = json!({ "domain": { "devices": {} }, "volumes": volumes });
    machine(template, json!({ "volumeRequests": [request] }))
}

fn waiting_addition(name: &str, claim: &str) -> Value {
    json!({ "addVolumeOptions": {
        "name": name, "disk": { "name": name }, "volumeSource": { "dataVolume": { "name": claim } },
    } })
}

#[rstest]
#[case(with(json!([claimed("data", "other", true)]), json!([])), add(), "volume name \"data\" is used")]
#[case(with(json!([{ "name": "data", "emptyDisk": { "capacity": "1Gi" } }]), json!([])), add(), "volume name \"data\" is used")]
#[case(with(json!([claimed("other", "claim", false)]), json!([])), add(), "used by volume \"other\"")]
#[case(with(json!([{ "name": "other", "dataVolume": { "name": "claim" } }]), json!([])), add(), "used by volume \"other\"")]
#[case(with(json!([]), json!([{ "name": "data", "cdrom": {} }])), add(), "disk name \"data\" is used")]
#[case(
    waiting(waiting_addition("data", "x")),
    add(),
    "to add volume \"data\" waits"
)]
#[case(
    waiting(waiting_addition("x", "claim")),
    add(),
    "which waits to be added"
)]
#[case(waiting(json!({ "removeVolumeOptions": { "name": "data" } })), add(), "to remove volume \"data\" waits")]
#[case(bare(), remove(), "there is no volume")]
#[case(with(json!([claimed("data", "claim", false)]), json!([])), remove(), "not hotpluggable")]
#[case(waiting(json!({ "removeVolumeOptions": { "name": "data" } })), remove(), "to remove volume \"data\" waits")]
#[case(
    waiting(waiting_addition("data", "x")),
    remove(),
    "to add volume \"data\" waits"
)]
fn conflicts(#[case] object: Value, #[case] request: Request, #[case] expected: &str) {
    for mode in [Mode::Template, Mode::Requests] {
        let refusal = change(&object, &request, mode).unwrap_err();
        assert_eq!(refusal.code, StatusCode::CONFLICT);
        assert!(refusal.message.contains(expected), "{refusal}");
    }
}

fn instance(phase: &str, volumes: Value, owned: bool) -> VirtualMachineInstance {
    let owners = match owned {
        true => {
            json!([{ "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": "web", "uid": "u", "controller": true }])
        }
        false => json!([]),
    };
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default", "ownerReferences": owners },
        "spec": { "domain": { "devices": {} }, "volumes": volumes },
        "status": { "phase": phase },
    }))
    .unwrap()
}

#[rstest]
#[case("Scheduled", json!([]), false, add(), Mode::Template, 409)]
#[case("Running", json!([]), false, add(), Mode::Template, 501)]
#[case("Running", json!([]), true, add(), Mode::Template, 400)]
#[case("Running", json!([]), true, add(), Mode::Requests, 501)]
#[case("Running", json!([claimed("data", "x", true)]), false, add(), Mode::Template, 409)]
#[case("Running", json!([claimed("x", "claim", true)]), false, add(), Mode::Template, 409)]
#[case("Running", json!([]), false, remove(), Mode::Template, 409)]
#[case("Running", json!([claimed("data", "x", false)]), false, remove(), Mode::Template, 409)]
#[case("Running", json!([claimed("data", "x", true)]), false, remove(), Mode::Template, 501)]
fn instances(
    #[case] phase: &str,
    #[case] volumes: Value,
    #[case] owned: bool,
    #[case] request: Request,
    #[case] mode: Mode,
    #[case] code: u16,
) {
    let refusal = instance::refusal(&instance(phase, volumes, owned), &request, mode);
    assert_eq!(refusal.code.as_u16(), code, "{refusal}");
}

#[rstest]
#[case(None, false)]
#[case(Some("Succeeded"), false)]
#[case(Some("Scheduling"), true)]
#[case(Some("Running"), true)]
fn a_running_guest_draws_a_warning(#[case] phase: Option<&str>, #[case] warned: bool) {
    let instance = phase.map(|phase| instance(phase, json!([]), true));
    let answer = answer(&add(), instance.as_ref());
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let warning = answer.headers().get(http::header::WARNING);
    assert_eq!(warning.is_some(), warned);
    if let Some(warning) = warning {
        let text = warning.to_str().unwrap();
        assert!(text.starts_with("299 - \""), "{text}");
        assert!(text.contains("next start"), "{text}");
    }
}
