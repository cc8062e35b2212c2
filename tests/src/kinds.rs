//! The kinds that users see, as `kubectl` shows them, and one good object of each.

use std::fs;

use anyhow::Context;

use crate::kubectl::{kubectl, run, run_with_input};
use crate::namespace::Namespace;

/// The name of the objects in `tests/manifests/kinds` whose kind belongs to the whole cluster; each test puts its own in its place.
const CLUSTER_NAME: &str = "kubevirt-test-good";

/// A kind of KubeVirt.
#[derive(Debug)]
pub struct Kind {
    /// API group.
    pub group: &'static str,
    /// Versions that are served, the preferred one first.
    pub versions: &'static [&'static str],
    /// The kind's name.
    pub kind: &'static str,
    /// Plural name, that of the resource.
    pub plural: &'static str,
    /// Short names, as discovery lists them.
    pub short: &'static [&'static str],
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether `kubectl get all` shows its objects.
    pub in_all: bool,
    /// Header of `kubectl get`, with one space between the words.
    pub header: &'static str,
    /// What `-o wide` adds to it.
    pub wide: &'static str,
}

impl Kind {
    /// `plural.group`, which means this kind wherever kubectl wants a resource.
    pub fn resource(&self) -> String {
        format!("{}.{}", self.plural, self.group)
    }

    /// Name of its good object for a test.
    pub fn good<'a>(&self, namespace: &'a Namespace) -> &'a str {
        match self.kind {
            "KubeVirt" => "kubevirt",
            _ if self.namespaced => "good",
            _ => namespace.name(),
        }
    }

    /// Namespace of its good object for a test.
    pub fn namespace<'a>(&self, namespace: &'a Namespace) -> &'a str {
        if self.kind == "KubeVirt" {
            "kubevirt"
        } else {
            namespace.name()
        }
    }
}

/// The good object of each kind, made for one test. Those that belong to no namespace are deleted with the value.
#[derive(Debug)]
pub struct Good<'a>(&'a Namespace);

impl<'a> Good<'a> {
    /// Makes them. There is only one KubeVirt object, which is there already.
    pub fn new(namespace: &'a Namespace) -> anyhow::Result<Self> {
        let good = Self(namespace);
        let answer = namespace.try_apply(&good.manifests()?)?;
        answer.text().context("a good manifest was refused")?;
        Ok(good)
    }

    /// Their manifests, as one stream of YAML documents.
    pub fn manifests(&self) -> anyhow::Result<String> {
        let mut all = String::new();
        for (_, manifest) in good_manifests()? {
            all.push_str("---\n");
            all.push_str(&manifest.replace(CLUSTER_NAME, self.0.name()));
        }
        Ok(all)
    }
}

impl Drop for Good<'_> {
    fn drop(&mut self) {
        if let Ok(manifests) = self.manifests() {
            let arguments = ["delete", "--ignore-not-found", "--wait=false", "-f", "-"];
            let _ = run_with_input(
                kubectl().args(["-n", self.0.name()]),
                &arguments,
                &manifests,
            );
        }
        // Nothing takes the finalizer of a migration that nothing carries out.
        let arguments = [
            "patch",
            "vmim",
            "good",
            "--type=merge",
            "-p",
            r#"{"metadata":{"finalizers":null}}"#,
        ];
        let _ = run(kubectl().args(["-n", self.0.name()]), &arguments);
    }
}

/// File names and texts of the good manifests.
pub fn good_manifests() -> anyhow::Result<Vec<(String, String)>> {
    let folder = crate::checkout().join("tests/manifests/kinds");
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    files
        .iter()
        .map(|file| {
            Ok((
                file.file_name().to_string_lossy().into_owned(),
                fs::read_to_string(file.path())?,
            ))
        })
        .collect()
}

/// All kinds.
pub const KINDS: [Kind; 20] = [
    core(
        "VirtualMachine",
        "virtualmachines",
        &["vm", "vms"],
        "NAME AGE STATUS READY",
        "",
    ),
    core(
        "VirtualMachineInstance",
        "virtualmachineinstances",
        &["vmi", "vmis"],
        "NAME AGE PHASE IP NODENAME READY",
        " LIVE-MIGRATABLE PAUSED",
    ),
    core(
        "VirtualMachineInstanceMigration",
        "virtualmachineinstancemigrations",
        &["vmim", "vmims"],
        "NAME PHASE VMI",
        "",
    ),
    core(
        "VirtualMachineInstanceReplicaSet",
        "virtualmachineinstancereplicasets",
        &["vmirs", "vmirss"],
        "NAME DESIRED CURRENT READY AGE",
        "",
    ),
    core(
        "VirtualMachineInstancePreset",
        "virtualmachineinstancepresets",
        &["vmipreset", "vmipresets"],
        "NAME AGE",
        "",
    ),
    core(
        "KubeVirt",
        "kubevirts",
        &["kv", "kvs"],
        "NAME AGE PHASE",
        "",
    ),
    Kind {
        group: "pool.kubevirt.io",
        versions: &["v1beta1", "v1alpha1"],
        kind: "VirtualMachinePool",
        plural: "virtualmachinepools",
        short: &["vmpool", "vmpools"],
        namespaced: true,
        in_all: true,
        header: "NAME DESIRED CURRENT READY AGE",
        wide: "",
    },
    snapshot(
        "VirtualMachineSnapshot",
        "virtualmachinesnapshots",
        &["vmsnapshot", "vmsnapshots"],
        "NAME SOURCEKIND SOURCENAME PHASE READYTOUSE CREATIONTIME ERROR",
    ),
    snapshot(
        "VirtualMachineSnapshotContent",
        "virtualmachinesnapshotcontents",
        &["vmsnapshotcontent", "vmsnapshotcontents"],
        "NAME READYTOUSE CREATIONTIME ERROR",
    ),
    snapshot(
        "VirtualMachineRestore",
        "virtualmachinerestores",
        &["vmrestore", "vmrestores"],
        "NAME TARGETKIND TARGETNAME COMPLETE RESTORETIME",
    ),
    Kind {
        group: "export.kubevirt.io",
        versions: &["v1", "v1beta1"],
        kind: "VirtualMachineExport",
        plural: "virtualmachineexports",
        short: &["vmexport", "vmexports"],
        namespaced: true,
        in_all: true,
        header: "NAME SOURCEKIND SOURCENAME PHASE",
        wide: "",
    },
    Kind {
        group: "clone.kubevirt.io",
        versions: &["v1beta1", "v1alpha1"],
        kind: "VirtualMachineClone",
        plural: "virtualmachineclones",
        short: &["vmclone", "vmclones"],
        namespaced: true,
        in_all: true,
        header: "NAME PHASE SOURCEVIRTUALMACHINE TARGETVIRTUALMACHINE",
        wide: "",
    },
    Kind {
        group: "migrations.kubevirt.io",
        versions: &["v1alpha1"],
        kind: "MigrationPolicy",
        plural: "migrationpolicies",
        short: &[],
        namespaced: false,
        in_all: false,
        header: "NAME AGE",
        wide: "",
    },
    instancetype(
        "VirtualMachineInstancetype",
        "virtualmachineinstancetypes",
        &["vminstancetype", "vminstancetypes", "vmf", "vmfs"],
        true,
    ),
    instancetype(
        "VirtualMachineClusterInstancetype",
        "virtualmachineclusterinstancetypes",
        &[
            "vmclusterinstancetype",
            "vmclusterinstancetypes",
            "vmcf",
            "vmcfs",
        ],
        false,
    ),
    instancetype(
        "VirtualMachinePreference",
        "virtualmachinepreferences",
        &["vmpref", "vmprefs", "vmp", "vmps"],
        true,
    ),
    instancetype(
        "VirtualMachineClusterPreference",
        "virtualmachineclusterpreferences",
        &["vmcp", "vmcps"],
        false,
    ),
    backup(
        "VirtualMachineBackup",
        "virtualmachinebackups",
        &["vmbackup", "vmbackups"],
        "NAME SOURCEKIND SOURCENAME TYPE CHECKPOINTNAME",
    ),
    backup(
        "VirtualMachineBackupTracker",
        "virtualmachinebackuptrackers",
        &["vmbackuptracker", "vmbackuptrackers"],
        "NAME SOURCEKIND SOURCENAME LATESTCHECKPOINT CHECKPOINTTIME",
    ),
    Kind {
        group: "plugin.kubevirt.io",
        versions: &["v1alpha1"],
        kind: "Plugin",
        plural: "plugins",
        short: &[],
        namespaced: false,
        in_all: false,
        header: "NAME AGE",
        wide: "",
    },
];

const fn core(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    header: &'static str,
    wide: &'static str,
) -> Kind {
    Kind {
        group: "kubevirt.io",
        versions: &["v1", "v1alpha3"],
        kind,
        plural,
        short,
        namespaced: true,
        in_all: true,
        header,
        wide,
    }
}

const fn snapshot(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    header: &'static str,
) -> Kind {
    Kind {
        group: "snapshot.kubevirt.io",
        versions: &["v1beta1", "v1alpha1"],
        kind,
        plural,
        short,
        namespaced: true,
        in_all: true,
        header,
        wide: "",
    }
}

const fn backup(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    header: &'static str,
) -> Kind {
    Kind {
        group: "backup.kubevirt.io",
        versions: &["v1alpha1"],
        kind,
        plural,
        short,
        namespaced: true,
        in_all: true,
        header,
        wide: "",
    }
}

const fn instancetype(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Kind {
    Kind {
        group: "instancetype.kubevirt.io",
        versions: &["v1beta1"],
        kind,
        plural,
        short,
        namespaced,
        in_all: namespaced,
        header: "NAME AGE",
        wide: "",
    }
}
