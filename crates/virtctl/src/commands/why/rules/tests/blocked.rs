//! Instances and pods that cannot be made, and containers and guests that cannot be started.

use rstest::rstest;
use serde_json::json;

use super::expect;
use super::objects::*;
use crate::commands::why::diagnosis::State::*;
use crate::commands::why::facts::Facts;

#[rstest]
#[case("FailedFindInstancetype", "instancetype", "InstancetypeNotFound")]
#[case("FailedFindPreference", "preference", "PreferenceNotFound")]
fn an_instancetype_or_preference_cannot_be_had(
    #[case] reason: &str,
    #[case] field: &str,
    #[case] cause: &str,
) {
    let mut facts = machine("Always");
    let vm = facts.vm.as_mut().unwrap();
    vm["spec"][field] = json!({"name": "smal"});
    condition(
        vm,
        "Failure",
        "True",
        reason,
        "VirtualMachineClusterInstancetype smal not found",
    );
    facts.offers = vec!["small".into(), "large".into()];
    expect(
        facts,
        Blocked,
        cause,
        &[
            "did you mean small?",
            "smal not found",
            &format!("get virtualmachinecluster{field}s"),
        ],
    );
}

#[test]
fn the_revision_that_kept_an_instancetype_is_gone() {
    let mut facts = machine("Always");
    let vm = facts.vm.as_mut().unwrap();
    vm["spec"]["instancetype"] = json!({"name": "tiny"});
    let message = "controllerrevisions.apps \"typed-tiny-1\" not found: create it, or name another";
    condition(vm, "Failure", "True", "FailedFindInstancetype", message);
    expect(
        facts,
        Blocked,
        "InstancetypeNotFound",
        &["is gone", "{\"status\":{\"instancetypeRef\":null}}"],
    );
}

fn refused(message: &str) -> Facts {
    let mut facts = instance("Pending");
    let vmi = facts.vmi.as_mut().unwrap();
    condition(
        vmi,
        "Ready",
        "False",
        "PodNotExists",
        "there is no launcher pod",
    );
    condition(vmi, "Synchronized", "False", "FailedCreate", message);
    facts
}

#[rstest]
#[case(
    "the launcher pod cannot be created: pods \"virt-launcher-quota-pn8jh\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
    "Quota",
    "the quota q of namespace team is used up"
)]
#[case(
    "the launcher pod cannot be created: pods \"x\" is forbidden: failed quota: q: must specify limits.cpu for: compute",
    "Quota",
    "must specify limits.cpu"
)]
#[case(
    "the launcher pod cannot be created: pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
    "PodSecurity",
    "enforces Pod Security restricted:latest"
)]
#[case(
    "the launcher pod cannot be created: admission webhook \"policy.example\" denied the request: no labels",
    "Refused",
    "the admission webhook policy.example refuses its pod"
)]
#[case(
    "the launcher pod cannot be created: pods \"x\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
    "Refused",
    "describe limitrange"
)]
#[case(
    "the launcher pod cannot be created: Internal error occurred: failed calling webhook \"policy.example\": failed to call webhook: Post \"https://p.example.svc:443\": no endpoints available for service \"p\"",
    "WebhookDown",
    "the webhook policy.example does not answer"
)]
fn the_pod_is_refused(#[case] message: &str, #[case] cause: &str, #[case] words: &str) {
    expect(refused(message), Blocked, cause, &[words]);
}

#[test]
fn kubevirts_own_webhook_is_down() {
    let mut facts = machine("Always");
    let message = "Internal error occurred: failed calling webhook \"virtualmachineinstances-create-mutator.kubevirt.io\": failed to call webhook: Post \"https://virt-api.kubevirt.svc:443/\": connection refused";
    condition(
        facts.vm.as_mut().unwrap(),
        "Failure",
        "True",
        "FailedCreate",
        message,
    );
    expect(
        facts,
        Blocked,
        "WebhookDown",
        &["served by virt-api", "connection refused"],
    );
}

#[test]
fn the_instance_is_refused() {
    let mut facts = machine("Always");
    condition(
        facts.vm.as_mut().unwrap(),
        "Failure",
        "True",
        "FailedCreate",
        "the guest's memory is not usable: 0",
    );
    expect(
        facts,
        Blocked,
        "Refused",
        &["its instance cannot be made", "the guest's memory"],
    );
}

const PULL: &str = "Back-off pulling image \"registry.example/guest:1\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example/guest:1\": failed to resolve reference \"registry.example/guest:1\": ";

#[rstest]
#[case(
    "ImagePullBackOff",
    "registry.example/guest:1: not found",
    "the registry's answer: not found",
    "push the image"
)]
#[case(
    "ErrImagePull",
    "pull access denied, repository does not exist or may require authorization",
    "pull access denied",
    "imagePullSecret"
)]
#[case(
    "ErrImagePull",
    "failed to do request: Head \"https://registry.example/v2/\": dial tcp: lookup registry.example: no such host",
    "no such host",
    "name resolution"
)]
#[case(
    "ErrImagePull",
    "failed to do request: Head \"https://registry.example/v2/\": dial tcp 10.0.0.1:443: connect: connection refused",
    "connection refused",
    "cannot reach the registry"
)]
#[case(
    "ErrImagePull",
    "failed to do request: Head \"https://registry.example/v2/\": tls: failed to verify certificate: x509: unknown authority",
    "x509",
    "install its CA"
)]
#[case(
    "ErrImagePull",
    "failed to do request: Head \"https://registry.example/v2/\": http: server gave HTTP response to HTTPS client",
    "plain HTTP",
    "plain HTTP"
)]
fn an_image_cannot_be_pulled(
    #[case] reason: &str,
    #[case] end: &str,
    #[case] words: &str,
    #[case] remedy: &str,
) {
    let mut launcher = pod("Pending", "node2");
    waits(&mut launcher, reason, &format!("{PULL}{end}"));
    expect(
        with_pod("Scheduling", launcher),
        Blocked,
        "ImagePull",
        &[
            "the image registry.example/guest:1, which cannot be pulled",
            "containerDisk of volume root",
            words,
            remedy,
        ],
    );
}

#[test]
fn a_back_off_without_the_registrys_words_takes_them_from_the_event() {
    let mut launcher = pod("Pending", "node2");
    waits(
        &mut launcher,
        "ImagePullBackOff",
        "Back-off pulling image \"registry.example/guest:1\"",
    );
    let mut facts = with_pod("Scheduling", launcher);
    let message = PULL.replace("Back-off pulling image", "Failed to pull image")
        + "registry.example/guest:1: not found";
    facts.events.push(event(
        "Pod",
        "virt-launcher-vm1-x",
        "Warning",
        "Failed",
        &message,
    ));
    expect(
        facts,
        Blocked,
        "ImagePull",
        &["the registry's answer: not found"],
    );
}

#[test]
fn an_image_is_told_by_the_instance_when_the_pod_may_not_be_read() {
    let mut facts = instance("Scheduling");
    condition(
        facts.vmi.as_mut().unwrap(),
        "Synchronized",
        "False",
        "ErrImagePull",
        &format!("{PULL}registry.example/guest:1: not found"),
    );
    expect(facts, Blocked, "ImagePull", &["not found"]);
}

#[rstest]
#[case("InvalidImageName", "correct the image's name")]
#[case("ErrImageNeverPull", "imagePullPolicy")]
fn images_that_are_not_asked_for(#[case] reason: &str, #[case] words: &str) {
    let mut launcher = pod("Pending", "node2");
    waits(&mut launcher, reason, "Failed to apply default image tag");
    expect(
        with_pod("Scheduling", launcher),
        Blocked,
        "ImagePull",
        &[words],
    );
}

#[test]
fn a_container_cannot_be_started() {
    let mut launcher = pod("Pending", "node2");
    waits(
        &mut launcher,
        "CreateContainerConfigError",
        "secret \"keys\" not found",
    );
    expect(
        with_pod("Scheduling", launcher),
        Blocked,
        "ContainerCannotStart",
        &["secret \"keys\" not found"],
    );
}

fn with_pod_event(reason: &str, message: &str) -> Facts {
    let mut facts = with_pod("Scheduling", pod("Pending", "node2"));
    facts.events.push(event(
        "Pod",
        "virt-launcher-vm1-x",
        "Warning",
        reason,
        message,
    ));
    facts
}

#[test]
fn a_volume_cannot_be_mounted_or_a_network_not_set_up() {
    let mount = "MountVolume.SetUp failed for volume \"init\" : secret \"init\" not found";
    expect(
        with_pod_event("FailedMount", mount),
        Blocked,
        "VolumeMount",
        &["create the Secret"],
    );
    let attach = "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) other";
    expect(
        with_pod_event("FailedAttachVolume", attach),
        Blocked,
        "VolumeMount",
        &["another node still uses"],
    );
    let network = "Failed to create pod sandbox: plugin type=\"multus\" failed: network-attachment-definition blue not found";
    expect(
        with_pod_event("FailedCreatePodSandBox", network),
        Blocked,
        "PodSandbox",
        &["blue not found"],
    );
}

#[rstest]
#[case(
    "volume root: /disk in the image: it is not there",
    "GuestCannotStart",
    "/disk in the image"
)]
#[case(
    "configuration is not supported: CPU mode 'host-passthrough' needs KVM (virDomainCreate, 67)",
    "GuestCannotStart",
    "libvirt's words"
)]
#[case(
    "node node2 has no hardware virtualization: /dev/kvm is missing",
    "NoKvm",
    "useEmulation"
)]
fn the_guest_cannot_be_started(#[case] message: &str, #[case] cause: &str, #[case] words: &str) {
    let mut facts = with_pod("Scheduled", pod("Running", "node2"));
    condition(
        facts.vmi.as_mut().unwrap(),
        "Synchronized",
        "False",
        "SyncFailed",
        message,
    );
    expect(facts, Blocked, cause, &[words]);
}
