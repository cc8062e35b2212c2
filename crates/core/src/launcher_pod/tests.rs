use super::*;
use rstest::rstest;

fn instance(spec: &str) -> VirtualMachineInstance {
    let mut instance: VirtualMachineInstance = serde_saphyr::from_str(&format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata:\n  name: gold\n  namespace: default\n  \
         uid: e6101f34-ec23-4178-a6ab-cdd09aed4409\n  labels: {{kubevirt.io/vm: gold}}\n  annotations:\n    \
         kubevirt.io/vm-generation: '1'\n    kubevirt.io/latest-observed-api-version: v1\n    \
         kubectl.kubernetes.io/last-applied-configuration: x\nspec:\n{spec}"
    ))
    .unwrap();
    instance.status = None;
    instance
}

/// As the defaults leave an ordinary machine.
const ORDINARY: &str = "
  architecture: amd64
  terminationGracePeriodSeconds: 0
  domain:
    cpu: {cores: 1, sockets: 1, threads: 1, model: host-model}
    machine: {type: q35}
    memory: {guest: 64Mi}
    resources: {requests: {memory: 64Mi}}
    devices:
      disks: [{name: d0, disk: {bus: virtio}}, {name: ci, disk: {bus: virtio}}]
      interfaces: [{name: default, masquerade: {}}]
  networks: [{name: default, pod: {}}]
  volumes:
  - name: d0
    containerDisk: {image: 'registry:5000/guests/tiny:1', imagePullPolicy: IfNotPresent, imagePullSecret: login}
  - name: ci
    cloudInitNoCloud: {userData: '#cloud-config'}
";

const EVERY_VOLUME: &str = "
  hostname: db
  subdomain: machines
  domain:
    memory: {guest: 1Gi}
    devices: {autoattachPodInterface: false}
  volumes:
  - {name: private, persistentVolumeClaim: {claimName: files}}
  - {name: raw, persistentVolumeClaim: {claimName: block, readOnly: true}}
  - {name: scratch, emptyDisk: {capacity: 1500M}}
  - {name: second, containerDisk: {image: 'example/second:2', path: /images/disk.raw}}
  - name: ci
    cloudInitNoCloud: {secretRef: {name: user}, networkDataSecretRef: {name: net}}
";

fn claims() -> BTreeMap<String, Claim> {
    let size = |text: &str| Some(Quantity(text.into()));
    BTreeMap::from([
        (
            "files".to_owned(),
            Claim {
                capacity: size("10Gi"),
                requested: size("5Gi"),
                ..Claim::default()
            },
        ),
        (
            "block".to_owned(),
            Claim {
                block: true,
                ..Claim::default()
            },
        ),
    ])
}

fn config(use_emulation: bool) -> ClusterConfig {
    ClusterConfig {
        use_emulation,
        ..ClusterConfig::default()
    }
}

fn rendered(
    spec: &str,
    config: &ClusterConfig,
    image_volumes: ImageVolumes,
) -> Result<Pod, RenderError> {
    render(&Input {
        instance: &instance(spec),
        config,
        launcher: &Launcher {
            image: "registry:5000/kubevirt/virt-launcher:devel".into(),
            image_volumes,
        },
        claims: &claims(),
        attempt: 0,
    })
}

fn pod(spec: &str, config: &ClusterConfig) -> PodSpec {
    rendered(spec, config, ImageVolumes::Yes)
        .unwrap()
        .spec
        .unwrap()
}

#[rstest]
#[case::default(2, None)]
#[case::less(0, Some("0"))]
#[case::more(7, Some("7"))]
fn log_verbosity(#[case] verbosity: u32, #[case] expected: Option<&str>) {
    let mut config = config(true);
    config.log_verbosity.virt_launcher = verbosity;
    let compute = pod(ORDINARY, &config).containers.remove(0);
    let found = compute
        .env
        .iter()
        .flatten()
        .find(|variable| variable.name == "VIRT_LAUNCHER_LOG_VERBOSITY")
        .and_then(|variable| variable.value.as_deref());
    assert_eq!(found, expected);
}

#[test]
fn ordinary_machine() {
    insta::assert_yaml_snapshot!(rendered(ORDINARY, &config(true), ImageVolumes::Yes).unwrap());
}

#[test]
fn every_volume() {
    insta::assert_yaml_snapshot!(
        rendered(EVERY_VOLUME, &config(false), ImageVolumes::Yes).unwrap()
    );
}

#[test]
fn without_image_volumes() {
    insta::assert_yaml_snapshot!(rendered(EVERY_VOLUME, &config(false), ImageVolumes::No).unwrap());
}

#[test]
fn the_feature_gate_switches_image_volumes_off() {
    let mut config = config(true);
    config.features = crate::config::Features::new(&[], &[Gate::ImageVolume.name().to_owned()]);
    assert_eq!(pod(ORDINARY, &config).init_containers.unwrap().len(), 2);
}

/// What Pod Security `restricted` looks at.
#[rstest]
#[case(ORDINARY, ImageVolumes::Yes)]
#[case(ORDINARY, ImageVolumes::No)]
#[case(EVERY_VOLUME, ImageVolumes::Yes)]
#[case(EVERY_VOLUME, ImageVolumes::No)]
fn passes_pod_security_restricted(#[case] spec: &str, #[case] image_volumes: ImageVolumes) {
    let pod = rendered(spec, &config(false), image_volumes)
        .unwrap()
        .spec
        .unwrap();
    let security = pod.security_context.unwrap();
    assert_eq!(security.run_as_non_root, Some(true));
    assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
    assert!(security.run_as_user.unwrap() > 0);
    assert!(pod.host_network.is_none() && pod.host_pid.is_none() && pod.host_ipc.is_none());
    for container in pod
        .containers
        .iter()
        .chain(pod.init_containers.iter().flatten())
    {
        let security = container.security_context.as_ref().unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.privileged, None);
        let capabilities = security.capabilities.as_ref().unwrap();
        assert_eq!(capabilities.drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(capabilities.add, None);
    }
    for volume in pod.volumes.unwrap() {
        assert!(volume.host_path.is_none());
        let allowed = volume.empty_dir.is_some()
            || volume.image.is_some()
            || volume.persistent_volume_claim.is_some()
            || volume.projected.is_some();
        assert!(allowed, "{} has a source that is not allowed", volume.name);
    }
}

#[rstest]
// What is asked, and the requests and limits that follow: cpu, memory.
#[case(
    "{cpu: {cores: 4}, memory: {guest: 1Gi}, devices: {}}",
    "400m",
    "1088Mi",
    None
)]
#[case(
    "{cpu: {cores: 2, sockets: 2, threads: 2}, memory: {guest: 1Gi}, devices: {}}",
    "800m",
    "1096Mi",
    None
)]
#[case(
    "{resources: {requests: {cpu: 250m, memory: 512Mi}}, devices: {}}",
    "250m",
    "569Mi",
    None
)]
#[case(
    "{resources: {limits: {cpu: 50m, memory: 1Gi}}, memory: {guest: 1Gi}, devices: {}}",
    "50m",
    "1082Mi",
    Some("1082Mi")
)]
fn requests(
    #[case] domain: &str,
    #[case] cpu: &str,
    #[case] memory: &str,
    #[case] limit: Option<&str>,
) {
    let pod = pod(&format!("  domain: {domain}\n"), &config(false));
    let resources = pod.containers[0].resources.clone().unwrap();
    let requests = resources.requests.unwrap();
    assert_eq!(requests["cpu"].0, cpu);
    assert_eq!(requests["memory"].0, memory);
    assert_eq!(
        resources
            .limits
            .unwrap()
            .get("memory")
            .map(|limit| limit.0.as_str()),
        limit
    );
}

#[test]
fn overcommit_and_ratio_shrink_requests() {
    let mut config = config(false);
    config.memory_overcommit = 200;
    config.cpu_allocation_ratio = 1;
    let pod = pod(
        "  domain: {memory: {guest: 1Gi}, devices: {autoattachGraphicsDevice: false}}\n",
        &config,
    );
    let requests = pod.containers[0]
        .resources
        .clone()
        .unwrap()
        .requests
        .unwrap();
    assert_eq!(requests["memory"].0, "562Mi");
    assert_eq!(requests["cpu"].0, "1");
}

#[test]
fn huge_pages_hold_the_guest() {
    let pod = pod(
        "  domain: {memory: {guest: 1Gi, hugepages: {pageSize: 2Mi}}, devices: {}}\n",
        &config(false),
    );
    let resources = pod.containers[0].resources.clone().unwrap();
    let (requests, limits) = (resources.requests.unwrap(), resources.limits.unwrap());
    assert_eq!(requests["hugepages-2Mi"].0, "1Gi");
    assert_eq!(limits["hugepages-2Mi"].0, "1Gi");
    assert_eq!(requests["memory"].0, "58Mi");
    assert!(
        pod.volumes
            .unwrap()
            .iter()
            .any(|volume| volume.name == "hugepages")
    );
}

#[rstest]
// With hardware virtualization, with emulation: which devices are asked for.
#[case("{memory: {guest: 1Gi}, devices: {interfaces: [{name: default, bridge: {}}]}}", &["kvm", "tun", "vhost-net"], &["tun"])]
#[case("{memory: {guest: 1Gi}, devices: {interfaces: [{name: default, bridge: {}, model: e1000}]}}", &["kvm", "tun"], &["tun"])]
#[case("{memory: {guest: 1Gi}, devices: {autoattachPodInterface: false}}", &["kvm"], &[])]
fn devices(#[case] domain: &str, #[case] virtualized: &[&str], #[case] emulated: &[&str]) {
    for (use_emulation, expected) in [(false, virtualized), (true, emulated)] {
        let pod = pod(&format!("  domain: {domain}\n"), &config(use_emulation));
        let limits = pod.containers[0]
            .resources
            .clone()
            .unwrap()
            .limits
            .unwrap_or_default();
        let found: Vec<_> = limits
            .keys()
            .filter_map(|name| name.strip_prefix("devices.kubevirt.io/"))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn named_processors_and_features_select_nodes() {
    let spec = "
  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{}, {}]}}}
  nodeSelector: {disk: fast}
  domain:
    memory: {guest: 1Gi}
    cpu: {model: Nehalem, features: [{name: aes}, {name: vmx, policy: forbid}, {name: avx, policy: optional}]}
    devices: {}
";
    let pod = pod(spec, &config(false));
    let selector = pod.node_selector.unwrap();
    let keys: Vec<_> = selector.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "cpu-feature.node.kubevirt.io/aes",
            "cpu-model.node.kubevirt.io/Nehalem",
            "disk",
            "kubevirt.io/schedulable"
        ]
    );
    let terms = pod.affinity.unwrap().node_affinity.unwrap();
    let terms = terms
        .required_during_scheduling_ignored_during_execution
        .unwrap()
        .node_selector_terms;
    assert_eq!(terms.len(), 2);
    for term in terms {
        let expressions = term.match_expressions.unwrap();
        assert_eq!(expressions.len(), 1);
        assert_eq!(expressions[0].key, "cpu-feature.node.kubevirt.io/vmx");
        assert_eq!(expressions[0].operator, "DoesNotExist");
    }
}

#[rstest]
#[case(None, 60, "45")]
#[case(Some(0), 30, "15")]
#[case(Some(180), 210, "195")]
fn grace_periods(#[case] grace: Option<i64>, #[case] pods: i64, #[case] launchers: &str) {
    let grace = grace
        .map(|grace| format!("  terminationGracePeriodSeconds: {grace}\n"))
        .unwrap_or_default();
    let pod = pod(
        &format!("{grace}  domain: {{memory: {{guest: 1Gi}}, devices: {{}}}}\n"),
        &config(false),
    );
    assert_eq!(pod.termination_grace_period_seconds, Some(pods));
    let arguments = pod.containers[0].args.clone().unwrap();
    let at = arguments
        .iter()
        .position(|argument| argument == "--grace-period-seconds")
        .unwrap();
    assert_eq!(arguments[at + 1], launchers);
}

#[test]
fn says_what_is_missing() {
    let error = rendered(
        "  domain: {devices: {}}\n",
        &config(false),
        ImageVolumes::Yes,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("spec.domain.memory.guest"),
        "{error}"
    );
    let spec = "
  domain: {memory: {guest: 1Gi}, devices: {}}
  volumes: [{name: d, persistentVolumeClaim: {claimName: absent}}]
";
    let error = rendered(spec, &config(false), ImageVolumes::Yes).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("PersistentVolumeClaim absent of volume d"),
        "{error}"
    );
}

#[test]
fn a_data_volume_is_the_claim_of_its_name() {
    let spec = |source: &str| {
        format!(
            "
  domain: {{memory: {{guest: 1Gi}}, devices: {{disks: [{{name: d, disk: {{}}}}]}}}}
  volumes: [{{name: d, {source}}}]
"
        )
    };
    assert_eq!(
        pod(&spec("dataVolume: {name: files}"), &config(false)),
        pod(
            &spec("persistentVolumeClaim: {claimName: files}"),
            &config(false)
        )
    );
}

#[test]
fn overhead_that_is_overcommitted_is_not_requested() {
    let pod = pod(
        "  domain: {resources: {overcommitGuestOverhead: true, requests: {memory: 512Mi}, limits: {memory: 512Mi}}, devices: {}}\n",
        &config(false),
    );
    let resources = pod.containers[0].resources.clone().unwrap();
    assert_eq!(resources.requests.unwrap()["memory"].0, "512Mi");
    assert_eq!(resources.limits.unwrap()["memory"].0, "569Mi");
}

/// What nothing acts on and the guest cannot do without: no pod, and the field in the message.
#[rstest]
#[case(
    "volumes: [{name: a, configMap: {name: c}}]",
    "spec.volumes[0].configMap"
)]
#[case(
    "volumes: [{name: a, secret: {secretName: c}}]",
    "spec.volumes[0].secret"
)]
#[case(
    "volumes: [{name: a, emptyDisk: {capacity: 1Gi}}, {name: b, hostDisk: {path: /a, type: Disk}}]",
    "spec.volumes[1].hostDisk"
)]
#[case(
    "volumes: [{name: a, cloudInitConfigDrive: {}}]",
    "spec.volumes[0].cloudInitConfigDrive"
)]
#[case("volumes: [{name: a, sysprep: {}}]", "spec.volumes[0].sysprep")]
#[case("volumes: [{name: a, ephemeral: {}}]", "spec.volumes[0].ephemeral")]
#[case("volumes: [{name: a, downwardAPI: {}}]", "spec.volumes[0].downwardAPI")]
#[case(
    "volumes: [{name: a, serviceAccount: {}}]",
    "spec.volumes[0].serviceAccount"
)]
#[case(
    "volumes: [{name: a, downwardMetrics: {}}]",
    "spec.volumes[0].downwardMetrics"
)]
#[case(
    "networks: [{name: a, pod: {}}, {name: b, multus: {networkName: n}}]",
    "spec.networks[1].multus"
)]
fn no_half_guest_is_launched(#[case] rest: &str, #[case] field: &str) {
    let spec = format!("  domain: {{memory: {{guest: 1Gi}}, devices: {{}}}}\n  {rest}\n");
    says_field(&spec, field);
}

#[rstest]
#[case("gpus: [{name: g, deviceName: a.example/b}]", "gpus[0]")]
#[case("hostDevices: [{name: g, deviceName: a.example/b}]", "hostDevices[0]")]
#[case("filesystems: [{name: f, virtiofs: {}}]", "filesystems[0]")]
#[case("interfaces: [{name: a, sriov: {}}]", "interfaces[0].sriov")]
#[case(
    "interfaces: [{name: a, passtBinding: {}}]",
    "interfaces[0].passtBinding"
)]
#[case("interfaces: [{name: a, binding: {name: b}}]", "interfaces[0].binding")]
#[case("tpm: {persistent: true}", "tpm.persistent")]
fn no_guest_is_launched_without_a_device(#[case] device: &str, #[case] field: &str) {
    let spec = format!("  domain: {{memory: {{guest: 1Gi}}, devices: {{{device}}}}}\n");
    says_field(&spec, &format!("spec.domain.devices.{field}"));
}

fn says_field(spec: &str, field: &str) {
    let error = rendered(spec, &config(false), ImageVolumes::Yes).unwrap_err();
    assert_eq!(error.reason, reason::FAILED_CREATE);
    assert!(
        error
            .to_string()
            .starts_with(&format!("{field}: accepted, not acted on yet")),
        "{error}"
    );
}

#[test]
fn settings_of_launcher_pods() {
    let mut config = config(false);
    config.pods = crate::config::Pods {
        runtime_class: Some("fast".into()),
        selinux_type: Some("virt_launcher.process".into()),
        seccomp_profile: Some("kubevirt.json".into()),
        node_selectors: [("zone", "a"), ("disk", "slow")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    };
    let pod = pod(
        "  nodeSelector: {disk: fast}\n  domain: {memory: {guest: 1Gi}, devices: {}}\n",
        &config,
    );
    assert_eq!(pod.runtime_class_name.as_deref(), Some("fast"));
    let selector = pod.node_selector.unwrap();
    assert_eq!(
        (selector["zone"].as_str(), selector["disk"].as_str()),
        ("a", "fast")
    );
    let security = pod.security_context.unwrap();
    assert_eq!(
        security.se_linux_options.unwrap().type_.as_deref(),
        Some("virt_launcher.process")
    );
    let seccomp = security.seccomp_profile.unwrap();
    assert_eq!(
        (seccomp.type_.as_str(), seccomp.localhost_profile.as_deref()),
        ("Localhost", Some("kubevirt.json"))
    );
}
