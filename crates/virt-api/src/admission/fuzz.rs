//! Throws structured garbage at admission, as kube-apiserver would pass it on: no panic, and no answer that takes more than
//! 50 ms.
//!
//! What an answer takes is the time that the processor spent on it, from the body's first byte to the answer's last: time
//! on the wall would fail on a machine that does other things too. The seeds are fixed. More of them:
//! `KUBEVIRT_FUZZ_CASES=100000 cargo test -p virt-api fuzz`, other ones with `KUBEVIRT_FUZZ_SEED`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use kubevirt_testkit::{Cases, Manifests, processor_time};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

/// Most that an answer may take.
const MOST: Duration = Duration::from_millis(50);
/// What kube-apiserver cuts warnings at.
const MOST_WARNINGS: usize = 4096;
/// Cases, and the time that they may take in CI.
const CASES: u64 = 6000;
const LIMIT: Duration = Duration::from_secs(20);
/// Items of the long lists.
const LONG: [usize; 3] = [8, 100, 3000];

/// How the paths begin, and the kind that they are asked about.
const KINDS: [(&str, &str); 20] = [
    ("/virtualmachineinstances-", "VirtualMachineInstance"),
    ("/virtualmachines-", "VirtualMachine"),
    ("/kubevirt-", "KubeVirt"),
    ("/migration-policy-", "MigrationPolicy"),
    ("/migration-", "VirtualMachineInstanceMigration"),
    ("/vm-clone-", "VirtualMachineClone"),
    (
        "/virtualmachinereplicaset-",
        "VirtualMachineInstanceReplicaSet",
    ),
    ("/virtualmachinepool-", "VirtualMachinePool"),
    ("/vmipreset-", "VirtualMachineInstancePreset"),
    ("/virtualmachinesnapshots-", "VirtualMachineSnapshot"),
    ("/virtualmachinerestores-", "VirtualMachineRestore"),
    ("/virtualmachineexports-", "VirtualMachineExport"),
    ("/virtualmachinebackups-", "VirtualMachineBackup"),
    (
        "/virtualmachinebackuptrackers-",
        "VirtualMachineBackupTracker",
    ),
    (
        "/virtualmachineinstancetypes-",
        "VirtualMachineInstancetype",
    ),
    (
        "/virtualmachineclusterinstancetypes-",
        "VirtualMachineClusterInstancetype",
    ),
    ("/virtualmachinepreferences-", "VirtualMachinePreference"),
    (
        "/virtualmachineclusterpreferences-",
        "VirtualMachineClusterPreference",
    ),
    ("/plugin-", "Plugin"),
    ("/status-", "VirtualMachine"),
];

/// Asks for admission, on this thread alone.
struct Asker {
    runtime: tokio::runtime::Runtime,
    router: Router,
    slowest: Duration,
}

impl Asker {
    fn new() -> Self {
        let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            router: router(Admission::new(config, "kubevirt", Figures::default())),
            slowest: Duration::ZERO,
        }
    }

    /// The response to a review; null when it was not taken as one.
    fn ask(
        &mut self,
        path: &str,
        operation: &str,
        object: &Value,
        old: &Value,
    ) -> Result<Value, String> {
        let review = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "u", "operation": operation, "namespace": "default", "name": "web",
                "userInfo": { "username": "alice", "groups": ["system:authenticated"] },
                "object": object, "oldObject": old,
            },
        });
        let body = review.to_string();
        let size = body.len();
        let router = self.router.clone();
        let (answer, took) = processor_time(|| {
            self.runtime.block_on(async {
                let request = http::Request::post(path).body(Body::from(body)).unwrap();
                let response = router.oneshot(request).await.unwrap();
                (
                    response.status(),
                    response.into_body().collect().await.unwrap().to_bytes(),
                )
            })
        });
        self.slowest = self.slowest.max(took);
        if took > MOST {
            return Err(format!(
                "{path} {operation}: {took:?} of processor time for {size} bytes"
            ));
        }
        let (status, bytes) = answer;
        if status.is_server_error() {
            return Err(format!("{path} {operation}: {status}"));
        }
        let review: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let response = review["response"].clone();
        let warnings = response["warnings"].as_array().into_iter().flatten();
        let bytes: usize = warnings.filter_map(Value::as_str).map(str::len).sum();
        if bytes > MOST_WARNINGS {
            return Err(format!("{path} {operation}: {bytes} bytes of warnings"));
        }
        Ok(response)
    }
}

fn manifests() -> Vec<Manifests> {
    let crds = kubevirt_api::crds().unwrap();
    crds.iter()
        .map(|crd| {
            let crd = serde_json::to_value(crd).unwrap();
            let stored = crd["spec"]["versions"]
                .as_array()
                .unwrap()
                .iter()
                .find(|version| version["storage"] == true)
                .unwrap();
            Manifests::new(&crd, stored["name"].as_str().unwrap()).unwrap()
        })
        .collect()
}

/// A number below `count` that depends on the seed in another way for each purpose.
fn pick(seed: u64, purpose: u64, count: usize) -> usize {
    // The multiplier is 2^64 divided by the golden ratio: it spreads neighbouring numbers.
    let spread =
        (seed.wrapping_mul(8).wrapping_add(purpose)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    usize::try_from(spread).unwrap() % count
}

/// One object of some sort.
fn object(manifests: &Manifests, seed: u64) -> Value {
    match pick(seed, 1, 8) {
        0 | 1 => manifests.valid(seed),
        2 => manifests.swollen(seed, LONG[pick(seed, 2, LONG.len())]),
        _ => manifests.garbage(seed),
    }
}

#[test]
fn garbage_neither_stops_nor_delays_admission() {
    let paths: Vec<&'static str> = WEBHOOKS.iter().map(|webhook| webhook.0).collect();
    let all = manifests();
    let mut asker = Asker::new();
    let done = Cases::new(CASES, LIMIT).run("admission", |seed| {
        let path = paths[pick(seed, 3, paths.len())];
        let kind = KINDS
            .iter()
            .find(|(begin, _)| path.starts_with(begin))
            .map(|(_, kind)| *kind);
        // Now and then another kind, which the path does not expect.
        let other = &all[pick(seed, 4, all.len())];
        let manifests = all
            .iter()
            .find(|manifests| Some(manifests.kind()) == kind && pick(seed, 5, 16) > 0)
            .unwrap_or(other);
        let (new, old) = (
            object(manifests, seed),
            object(manifests, seed.wrapping_add(1)),
        );
        let operation = if pick(seed, 6, 3) == 0 {
            "UPDATE"
        } else {
            "CREATE"
        };
        let old = if operation == "UPDATE" {
            old
        } else {
            Value::Null
        };
        let answer = asker.ask(path, operation, &new, &old)?;
        let Some(patch) = answer["patch"].as_str() else {
            return Ok(());
        };
        // What was completed is judged, as kube-apiserver would have it.
        let patch: json_patch::Patch = serde_json::from_slice(&STANDARD.decode(patch).unwrap())
            .map_err(|error| error.to_string())?;
        let mut completed = new;
        json_patch::patch(&mut completed, &patch)
            .map_err(|error| format!("{path}: the patch does not apply: {error}"))?;
        let begin = path.split("-mutate").next().unwrap_or(path);
        for path in paths
            .iter()
            .filter(|path| path.starts_with(&format!("{begin}-validate")))
        {
            asker.ask(path, operation, &completed, &old)?;
        }
        Ok(())
    });
    match done {
        Ok(done) => println!("{done} cases, the slowest answer took {:?}", asker.slowest),
        Err(failure) => panic!("{failure}"),
    }
}
