//! Objects of every kind, made from the schema, through the Rust types and back: nothing that the API server accepts gets lost
//! or changes its meaning, and garbage is refused or read, but never makes anything panic.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use kubevirt_api::*;
use kubevirt_testkit::{Cases, Manifests, differences};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Objects of each kind and version, and their time.
const CASES: u64 = 120;
const LIMIT: Duration = Duration::from_millis(250);

fn again<T: DeserializeOwned + Serialize>(object: &Value) -> Result<Value, String> {
    let typed = T::deserialize(object).map_err(|error| format!("it is not read: {error}"))?;
    serde_json::to_value(typed).map_err(|error| format!("it is not written: {error}"))
}

macro_rules! kinds {
    ($($kind:ident)*) => {
        /// An object through the type of its kind and back.
        fn through(kind: &str, object: &Value) -> Result<Value, String> {
            match kind {
                $(stringify!($kind) => again::<$kind>(object),)*
                _ => Err(format!("add {kind} to the kinds of this test")),
            }
        }
    };
}
kinds! {
    KubeVirt VirtualMachine VirtualMachineInstance VirtualMachineInstanceMigration VirtualMachineInstanceReplicaSet
    VirtualMachineInstancePreset VirtualMachinePool VirtualMachineSnapshot VirtualMachineSnapshotContent
    VirtualMachineRestore VirtualMachineExport VirtualMachineClone MigrationPolicy VirtualMachineInstancetype
    VirtualMachineClusterInstancetype VirtualMachinePreference VirtualMachineClusterPreference VirtualMachineBackup
    VirtualMachineBackupTracker Plugin
}

/// The objects of every kind and version.
fn manifests() -> Vec<Manifests> {
    let mut all = Vec::new();
    for crd in crds().unwrap() {
        let crd = serde_json::to_value(crd).unwrap();
        for version in crd["spec"]["versions"].as_array().unwrap() {
            all.push(Manifests::new(&crd, version["name"].as_str().unwrap()).unwrap());
        }
    }
    assert!(all.len() >= 20);
    all
}

/// Runs a check with many objects of each kind, and tells of each kind for which it failed.
fn each_kind(check: impl Fn(&Manifests, u64) -> Result<(), String>) {
    let failures: Vec<_> = manifests()
        .iter()
        .filter_map(|manifests| {
            Cases::new(CASES, LIMIT)
                .run(manifests.kind(), |seed| check(manifests, seed))
                .err()
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn what_the_schema_allows_comes_back_as_it_was() {
    each_kind(|manifests, seed| {
        let object = manifests.valid(seed);
        let mut back = through(manifests.kind(), &object)?;
        // Types write the version that is stored.
        back["apiVersion"] = object["apiVersion"].clone();
        let differences = differences(manifests.schema(), &object, &back);
        if differences.is_empty() {
            return Ok(());
        }
        Err(format!(
            "sent, and what came back:\n  {}",
            differences.join("\n  ")
        ))
    });
}

#[test]
fn garbage_is_refused_or_read() {
    each_kind(|manifests, seed| {
        let object = manifests.garbage(seed);
        if let Ok(once) = through(manifests.kind(), &object) {
            // What we write we can read, and then nothing changes any more.
            let twice = through(manifests.kind(), &once)?;
            if once != twice {
                return Err("written once more it is not the same".to_owned());
            }
        }
        Ok(())
    });
}
