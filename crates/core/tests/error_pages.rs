//! Each reason that users can meet in a condition or an event is explained in `docs/errors`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where reasons are written: the folders below `crates`.
const WRITERS: [&str; 4] = [
    "core/src/vm",
    "core/src/vmi",
    "virt-controller/src",
    "virt-handler/src/vm",
];
/// What else stands there in one capitalized word: condition types, kinds, and words of Kubernetes that are read, not written.
const NO_REASONS: [&str; 26] = [
    "AgentConnected",
    "AlreadyExists",
    "Block",
    "Bound",
    "ContainerCreating",
    "ErrImageNeverPull",
    "Failed",
    "Filesystem",
    "InvalidImageName",
    "LiveMigratable",
    "Migration",
    "Paused",
    "PodInitializing",
    "PodScheduled",
    "ReadWriteMany",
    "Ready",
    "RegistryUnavailable",
    "Running",
    "StorageLiveMigratable",
    "Succeeded",
    "Synchronized",
    "True",
    "Unknown",
    "VirtualMachine",
    "VirtualMachineInstance",
    "VirtualMachineInstanceReplicaSet",
];

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The source files in a folder, but those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs"
        {
            found.push(path);
        }
    }
}

/// The code of a file without comments and without its own tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..tests]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// String literals that are one capitalized word.
fn words(code: &str) -> BTreeSet<String> {
    code.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| {
            text.len() > 3
                && text.starts_with(|first: char| first.is_ascii_uppercase())
                && text.chars().any(|letter| letter.is_ascii_lowercase())
                && text.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
        .map(str::to_owned)
        .collect()
}

/// Words that the overview of `docs/errors` explains: the first cells of its tables, and what it lists in backquotes.
fn explained() -> BTreeSet<String> {
    let text = fs::read_to_string(checkout().join("docs/errors/README.md")).unwrap();
    let mut words = BTreeSet::new();
    for line in text.lines() {
        let told = match line.strip_prefix("| ") {
            Some(row) => row.split(" | ").next().unwrap_or_default(),
            None => line,
        };
        words.extend(
            told.split(|letter: char| !letter.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_owned),
        );
    }
    words
}

/// The strings of the constants of a module of the names.
fn constants(module: &str) -> BTreeSet<String> {
    let names = code(&checkout().join("crates/api/src/names.rs"));
    let start = names.find(&format!("pub mod {module} {{")).unwrap();
    let end = names[start..].find("\n}").unwrap();
    words(&names[start..start + end])
}

#[test]
fn every_reason_is_explained() {
    let mut reasons = constants("reason");
    assert!(reasons.len() > 15, "{reasons:?}");
    let mut files = Vec::new();
    for writer in WRITERS {
        sources(&checkout().join("crates").join(writer), &mut files);
    }
    assert!(files.len() > 30, "{files:?}");
    for file in &files {
        reasons.extend(words(&code(file)));
    }
    let explained = explained();
    let missing: Vec<_> = reasons
        .iter()
        .filter(|reason| !NO_REASONS.contains(&reason.as_str()) && !explained.contains(*reason))
        .collect();
    assert!(
        missing.is_empty(),
        "not in docs/errors/README.md: {missing:?}; write a page, or name them in this test if they are no reasons"
    );
}

#[test]
fn every_status_of_trouble_is_explained() {
    let mut files = Vec::new();
    sources(&checkout().join("crates/api/src"), &mut files);
    let statuses: BTreeSet<_> = files
        .iter()
        .map(|file| code(file))
        .filter(|code| code.contains("PrintableStatus"))
        .flat_map(|code| words(&code))
        .filter(|word| word.starts_with("Err") || word.ends_with("BackOff"))
        .collect();
    assert!(statuses.len() >= 4, "{statuses:?}");
    let explained = explained();
    let missing: Vec<_> = statuses.difference(&explained).collect();
    assert!(
        missing.is_empty(),
        "not in docs/errors/README.md: {missing:?}"
    );
}

#[test]
fn the_overview_links_each_page_and_no_other() {
    let folder = checkout().join("docs/errors");
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    let linked: BTreeSet<_> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains('/'))
        .map(str::to_owned)
        .collect();
    let pages: BTreeSet<_> = fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(linked, pages);
}
