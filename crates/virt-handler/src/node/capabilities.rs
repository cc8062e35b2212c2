//! What libvirt found out about the node, read from the XML that virt-handler's init container left.
//!
//! The files come from libvirt in the launcher image and are read bounded all the same: at most [`MAX_FILE`] bytes of each and
//! [`MAX_NAMES`] names of each kind.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The longest file that is read, in bytes. libvirt's are 10 to 60 KiB.
const MAX_FILE: u64 = 1024 * 1024;
/// The most names of one kind that are kept.
const MAX_NAMES: usize = 1000;

/// Why the node's capabilities are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("cannot read {path}: {source}; did the init container of virt-handler run")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is larger than {MAX_FILE} bytes")]
    TooLarge { path: PathBuf },
    #[error("{path} is not well-formed XML: {text}")]
    Malformed { path: PathBuf, text: String },
}

/// A CPU model that QEMU knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) name: String,
    /// Whether this host's processor has all that the model needs.
    pub(super) usable: bool,
}

/// The time stamp counter's frequency in Hz, and whether the processor can scale it for a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tsc {
    pub(super) frequency: u64,
    pub(super) scalable: bool,
}

/// What the hypervisor on this node can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// All models of mode custom.
    pub(super) models: Vec<Model>,
    /// The model and vendor that host-model stands for.
    pub(super) host_model: Option<String>,
    pub(super) vendor: Option<String>,
    /// Features that host-model adds to its model.
    pub(super) required_features: BTreeSet<String>,
    /// Features that host-model takes from its model.
    pub(super) disabled_features: BTreeSet<String>,
    /// All features of host-model, those of its model too, when the init container could find them out.
    pub(super) features: BTreeSet<String>,
    /// Machine types and their aliases.
    pub(super) machines: BTreeSet<String>,
    pub(super) tsc: Option<Tsc>,
    /// Hyper-V's interfaces that guests can have, in libvirt's words.
    pub(super) hyperv: BTreeSet<String>,
}

impl Capabilities {
    /// Reads what is in `directory`: `capabilities.xml`, the domain capabilities of KVM where it is `kvm`, else of emulation,
    /// and, where it exists, `host-features.xml` (a `<cpu>` with every feature listed).
    pub(super) fn read(directory: &Path, kvm: bool) -> Result<Self, Error> {
        let mut found = Self::default();
        let domain = if kvm {
            "domcapabilities-kvm.xml"
        } else {
            "domcapabilities-qemu.xml"
        };
        for (name, optional) in [
            ("capabilities.xml", false),
            (domain, false),
            ("host-features.xml", true),
        ] {
            let path = directory.join(name);
            match read_bounded(&path) {
                Ok(text) => found
                    .take(&text)
                    .map_err(|text| Error::Malformed { path, text })?,
                Err(Error::Read { source, .. })
                    if optional && source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Takes what is known from one document of any of the three kinds.
    fn take(&mut self, text: &str) -> Result<(), String> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().trim_text(true);
        let mut path: Vec<String> = Vec::new();
        let mut mode = String::new();
        let mut usable = false;
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            match event {
                Event::Eof => return Ok(()),
                Event::Start(start) => {
                    if path.len() >= 32 {
                        return Err("elements are nested too deep".to_owned());
                    }
                    path.push(start.name().as_ref().to_owned());
                    self.element(&path, &start, &mut mode, &mut usable);
                }
                Event::Empty(start) => {
                    path.push(start.name().as_ref().to_owned());
                    self.element(&path, &start, &mut mode, &mut usable);
                    path.pop();
                }
                Event::Text(text) => {
                    self.text(&path, text.xml10_content().into_owned(), &mode, usable);
                }
                Event::End(_) => {
                    if path.last().is_some_and(|name| name == "mode") {
                        mode.clear();
                    }
                    path.pop();
                }
                _ => {}
            }
        }
    }

    /// An element began: what its attributes say.
    fn element(
        &mut self,
        path: &[String],
        start: &BytesStart<'_>,
        mode: &mut String,
        usable: &mut bool,
    ) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["domainCapabilities", "cpu", "mode"] => {
                *mode = attribute(start, "name").unwrap_or_default()
            }
            ["domainCapabilities", "cpu", "mode", "model"] => {
                *usable = attribute(start, "usable").as_deref() == Some("yes");
            }
            ["domainCapabilities", "cpu", "mode", "feature"] if mode == "host-model" => {
                let Some(name) = attribute(start, "name") else {
                    return;
                };
                match attribute(start, "policy").as_deref() {
                    Some("disable" | "forbid") => insert(&mut self.disabled_features, name),
                    _ => insert(&mut self.required_features, name),
                }
            }
            ["cpu", "feature"] => {
                let refused = matches!(
                    attribute(start, "policy").as_deref(),
                    Some("disable" | "forbid")
                );
                if let (false, Some(name)) = (refused, attribute(start, "name")) {
                    insert(&mut self.features, name);
                }
            }
            ["capabilities", "host", "cpu", "counter"]
                if attribute(start, "name").as_deref() == Some("tsc") =>
            {
                if let Some(frequency) =
                    attribute(start, "frequency").and_then(|text| text.parse().ok())
                {
                    let scalable = attribute(start, "scaling").as_deref() == Some("yes");
                    self.tsc = Some(Tsc {
                        frequency,
                        scalable,
                    });
                }
            }
            _ => {}
        }
    }

    /// Text within an element: names of models and machines.
    fn text(&mut self, path: &[String], text: String, mode: &str, usable: bool) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["domainCapabilities", "cpu", "mode", "model"] if mode == "host-model" => {
                self.host_model = Some(text)
            }
            ["domainCapabilities", "cpu", "mode", "vendor"] if mode == "host-model" => {
                self.vendor = Some(text)
            }
            ["domainCapabilities", "cpu", "mode", "model"]
                if mode == "custom" && self.models.len() < MAX_NAMES =>
            {
                self.models.push(Model { name: text, usable });
            }
            ["domainCapabilities", "features", "hyperv", "enum", "value"] => {
                insert(&mut self.hyperv, text)
            }
            ["capabilities", "guest", "arch", .., "machine"] => insert(&mut self.machines, text),
            _ => {}
        }
    }
}

/// Adds a name unless there are too many.
fn insert(set: &mut BTreeSet<String>, name: String) {
    if set.len() < MAX_NAMES {
        set.insert(name);
    }
}

/// The value of an attribute.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = start
        .try_get_attribute(name)
        .ok()??
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()?;
    Some(value.into_owned())
}

/// Reads a text file of at most [`MAX_FILE`] bytes.
fn read_bounded(path: &Path) -> Result<String, Error> {
    let read = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .map_err(read)?
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(read)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::TooLarge {
            path: path.to_owned(),
        });
    }
    String::from_utf8(bytes).map_err(|error| Error::Malformed {
        path: path.to_owned(),
        text: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "<capabilities><host><cpu><arch>x86_64</arch><counter name='tsc' frequency='2596146000' scaling='no'/></cpu>\
        </host><guest><os_type>hvm</os_type><arch name='x86_64'><machine maxCpus='255'>pc-q35-10.0</machine>\
        <machine canonical='pc-q35-10.0' maxCpus='288'>q35</machine><domain type='qemu'/></arch></guest></capabilities>";
    const DOMAIN: &str = "<domainCapabilities><cpu><mode name='host-passthrough' supported='no'/>\
        <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor>\
        <feature policy='require' name='acpi'/><feature policy='disable' name='vme'/></mode>\
        <mode name='custom' supported='yes'><model usable='yes' vendor='Intel'>Penryn</model>\
        <model usable='no' vendor='AMD'>EPYC</model></mode></cpu>\
        <features><hyperv supported='yes'><enum name='features'><value>vpindex</value><value>stimer</value></enum></hyperv></features>\
        </domainCapabilities>";

    #[test]
    fn reads_models_features_machines_and_tsc() {
        let mut found = Capabilities::default();
        found.take(HOST).unwrap();
        found.take(DOMAIN).unwrap();
        found.take("<cpu mode='custom'><model>EPYC</model><feature policy='require' name='fpu'/></cpu>").unwrap();
        assert_eq!(found.host_model.as_deref(), Some("EPYC"));
        assert_eq!(found.vendor.as_deref(), Some("AMD"));
        assert_eq!(found.required_features, BTreeSet::from(["acpi".to_owned()]));
        assert_eq!(found.disabled_features, BTreeSet::from(["vme".to_owned()]));
        assert_eq!(found.features, BTreeSet::from(["fpu".to_owned()]));
        assert_eq!(
            found.hyperv,
            BTreeSet::from(["vpindex".to_owned(), "stimer".to_owned()])
        );
        assert_eq!(
            found.machines,
            BTreeSet::from(["pc-q35-10.0".to_owned(), "q35".to_owned()])
        );
        assert_eq!(
            found.tsc,
            Some(Tsc {
                frequency: 2_596_146_000,
                scalable: false
            })
        );
        let models: Vec<_> = found
            .models
            .iter()
            .map(|model| (model.name.as_str(), model.usable))
            .collect();
        assert_eq!(models, [("Penryn", true), ("EPYC", false)]);
    }

    #[test]
    fn a_broken_or_missing_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = Capabilities::read(directory.path(), false)
            .unwrap_err()
            .to_string();
        assert!(error.contains("capabilities.xml"), "{error}");
        std::fs::write(directory.path().join("capabilities.xml"), "<a><b></a>").unwrap();
        let error = Capabilities::read(directory.path(), false)
            .unwrap_err()
            .to_string();
        assert!(error.contains("not well-formed"), "{error}");
    }

    #[test]
    fn depth_and_counts_are_bounded() {
        let deep = "<a>".repeat(100);
        assert!(Capabilities::default().take(&deep).is_err());
        let many: String = (0..5000)
            .map(|index| format!("<machine>m{index}</machine>"))
            .collect();
        let mut found = Capabilities::default();
        found
            .take(&format!(
                "<capabilities><guest><arch>{many}</arch></guest></capabilities>"
            ))
            .unwrap();
        assert_eq!(found.machines.len(), MAX_NAMES);
    }
}
