//! What libvirt made of a domain, read from its XML. The XML comes from the pod and is not trusted: its size, its depth
//! and the number of devices are bounded.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::Error;
use crate::devices::AGENT_CHANNEL;

/// Longest XML that is read, in bytes.
const MOST_BYTES: usize = 4 << 20;
/// Deepest element; libvirt's own XML has about ten levels.
const MOST_DEPTH: usize = 32;
/// Devices of a kind that are read.
const MOST_DEVICES: usize = 512;
/// Longest value, in bytes.
const MOST_VALUE: usize = 4096;
/// What the names of our devices begin with in libvirt.
const ALIAS_PREFIX: &str = "ua-";

/// A domain as it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveDomain {
    /// Machine type with its version, such as `pc-q35-10.0`.
    pub machine: Option<String>,
    /// Virtual CPUs.
    pub virtual_cpus: Option<u32>,
    /// Disks in libvirt's order.
    pub disks: Vec<LiveDisk>,
    /// Interfaces in libvirt's order.
    pub interfaces: Vec<LiveInterface>,
    /// A guest agent listens.
    pub agent: bool,
    /// When frozen file systems are to be thawed, in seconds since 1970, as [`thaw_note`] wrote it.
    pub thaw_at: Option<u64>,
}

/// A disk of a running domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveDisk {
    /// The disk's name in the spec; empty for a disk that is not ours.
    pub name: String,
    /// The guest's name for it, such as `vda`.
    pub target: String,
    /// Bus.
    pub bus: String,
    /// File or device behind it.
    pub source: Option<String>,
}

/// An interface of a running domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveInterface {
    /// The interface's name in the spec; empty for one that is not ours.
    pub name: String,
    /// MAC address.
    pub mac: String,
    /// Tap device.
    pub tap: String,
    /// Model.
    pub model: String,
}

/// Prefix and namespace of the element in a domain's metadata by which a later virt-handler knows of frozen file systems.
pub const THAW_METADATA: (&str, &str) = ("kubevirt-thaw", "http://kubevirt.io/thaw");

/// That element: frozen file systems are to be thawed at `at`, in seconds since 1970.
pub fn thaw_note(at: u64) -> String {
    format!("<thaw at='{at}'/>")
}

/// The machine type in a domain's XML, if it can be read.
pub fn machine_type_of(xml: &str) -> Option<String> {
    LiveDomain::read(xml).ok()?.machine
}

impl LiveDomain {
    /// Reads a domain's XML.
    ///
    /// # Errors
    /// When it is not well-formed, or larger or deeper than a domain's XML can be.
    pub fn read(xml: &str) -> Result<Self, Error> {
        let wrong = |message: String| Error::new("domain XML", message);
        if xml.len() > MOST_BYTES {
            return Err(wrong(format!(
                "has {} bytes, at most {MOST_BYTES} are read",
                xml.len()
            )));
        }
        let mut reader = Reader::from_str(xml);
        let mut domain = Self::default();
        // Names of the elements around the current place.
        let mut path: Vec<String> = Vec::new();
        loop {
            let event = reader
                .read_event()
                .map_err(|error| wrong(format!("is not well-formed: {error}")))?;
            match event {
                Event::Start(start) => {
                    domain.element(&path, &start);
                    if path.len() >= MOST_DEPTH {
                        return Err(wrong(format!("is more than {MOST_DEPTH} elements deep")));
                    }
                    path.push(start.name().as_ref().to_owned());
                }
                Event::Empty(start) => domain.element(&path, &start),
                Event::End(_) => {
                    path.pop();
                }
                Event::Text(text) if is(&path, &["domain", "vcpu"]) => {
                    domain.virtual_cpus = text.xml10_content().trim().parse().ok();
                }
                Event::Eof if path.is_empty() => return Ok(domain),
                Event::Eof => return Err(wrong("ends in the middle".to_owned())),
                _ => {}
            }
        }
    }

    /// Takes what an element says; `path` is where it is.
    fn element(&mut self, path: &[String], element: &BytesStart<'_>) {
        let name = element.name();
        let name = name.as_ref();
        let value = |key: &str| attribute(element, key);
        if is(path, &["domain", "os"]) && name == "type" {
            self.machine = value("machine");
        } else if is(path, &["domain", "metadata"]) && element.local_name().as_ref() == "thaw" {
            self.thaw_at = value("at").and_then(|at| at.parse().ok());
        } else if is(path, &["domain", "devices", "channel"]) && name == "target" {
            self.agent |= value("name").as_deref() == Some(AGENT_CHANNEL)
                && value("state").as_deref() == Some("connected");
        } else if is(path, &["domain", "devices"]) && name == "disk" {
            push(&mut self.disks);
        } else if is(path, &["domain", "devices"]) && name == "interface" {
            push(&mut self.interfaces);
        } else if is(path, &["domain", "devices", "disk"]) {
            let Some(disk) = self.disks.last_mut() else {
                return;
            };
            match name {
                "target" => {
                    disk.target = value("dev").unwrap_or_default();
                    disk.bus = value("bus").unwrap_or_default();
                }
                "source" => disk.source = value("file").or_else(|| value("dev")),
                "alias" => disk.name = ours(value("name")),
                _ => {}
            }
        } else if is(path, &["domain", "devices", "interface"]) {
            let Some(interface) = self.interfaces.last_mut() else {
                return;
            };
            match name {
                "mac" => interface.mac = value("address").unwrap_or_default(),
                "target" => interface.tap = value("dev").unwrap_or_default(),
                "model" => interface.model = value("type").unwrap_or_default(),
                "alias" => interface.name = ours(value("name")),
                _ => {}
            }
        }
    }
}

/// One more device. Beyond the bound the last one is taken again.
fn push<T: Default>(devices: &mut Vec<T>) {
    if devices.len() >= MOST_DEVICES {
        devices.pop();
    }
    devices.push(T::default());
}

fn is(path: &[String], wanted: &[&str]) -> bool {
    path.len() == wanted.len() && path.iter().zip(wanted).all(|(name, wanted)| name == wanted)
}

fn attribute(element: &BytesStart<'_>, key: &str) -> Option<String> {
    let attribute = element.try_get_attribute(key).ok()??;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
    (value.len() <= MOST_VALUE).then(|| value.into_owned())
}

fn ours(alias: Option<String>) -> String {
    alias
        .and_then(|alias| alias.strip_prefix(ALIAS_PREFIX).map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<domain type='qemu' id='1'><vcpu placement='static'>2</vcpu>
        <os><type arch='x86_64' machine='pc-q35-10.0'>hvm</type></os><devices>
        <disk type='file' device='disk'><source file='/a&amp;b' index='2'/>
          <backingStore type='file'><source file='/base'/><backingStore/></backingStore>
          <target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>
        <disk type='block' device='cdrom'><target dev='sda' bus='sata'/><alias name='sata0'/></disk>
        <interface type='ethernet'><mac address='02:00:00:00:00:01'/><target dev='tap0' managed='no'/>
          <model type='virtio-non-transitional'/><alias name='ua-default'/></interface></devices></domain>";

    #[test]
    fn a_domain_is_read() {
        let domain = LiveDomain::read(XML).unwrap();
        assert_eq!(domain.machine.as_deref(), Some("pc-q35-10.0"));
        assert_eq!(machine_type_of(XML).as_deref(), Some("pc-q35-10.0"));
        assert_eq!(domain.virtual_cpus, Some(2));
        assert_eq!(
            domain.disks,
            [
                LiveDisk {
                    name: "root".into(),
                    target: "vda".into(),
                    bus: "virtio".into(),
                    source: Some("/a&b".into())
                },
                LiveDisk {
                    target: "sda".into(),
                    bus: "sata".into(),
                    ..LiveDisk::default()
                },
            ]
        );
        assert_eq!(
            domain.interfaces,
            [LiveInterface {
                name: "default".into(),
                mac: "02:00:00:00:00:01".into(),
                tap: "tap0".into(),
                model: "virtio-non-transitional".into()
            }]
        );
    }

    #[test]
    fn the_agents_channel_and_the_thaw_note_are_read() {
        let xml = |state: &str| {
            format!(
                "<domain><metadata><kubevirt-thaw:thaw xmlns:kubevirt-thaw='http://kubevirt.io/thaw' at='1700000000'/></metadata>
                 <devices><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='{state}'/></channel>
                 <channel type='unix'><target type='virtio' name='other' state='connected'/></channel></devices></domain>"
            )
        };
        let domain = LiveDomain::read(&xml("connected")).unwrap();
        assert_eq!((domain.agent, domain.thaw_at), (true, Some(1_700_000_000)));
        assert!(!LiveDomain::read(&xml("disconnected")).unwrap().agent);
        let domain = LiveDomain::read(XML).unwrap();
        assert_eq!((domain.agent, domain.thaw_at), (false, None));
        assert_eq!(thaw_note(5), "<thaw at='5'/>");
    }

    #[test]
    fn a_hostile_document_is_refused_or_bounded() {
        assert!(
            LiveDomain::read(&"<a>".repeat(100))
                .unwrap_err()
                .message
                .contains("deep")
        );
        assert!(
            LiveDomain::read("<domain><os>")
                .unwrap_err()
                .message
                .contains("middle")
        );
        assert!(
            LiveDomain::read("<domain></os>")
                .unwrap_err()
                .message
                .contains("well-formed")
        );
        assert!(
            LiveDomain::read(&" ".repeat(MOST_BYTES + 1))
                .unwrap_err()
                .message
                .contains("bytes")
        );
        let many = format!(
            "<domain><devices>{}</devices></domain>",
            "<disk/>".repeat(10_000)
        );
        assert_eq!(LiveDomain::read(&many).unwrap().disks.len(), MOST_DEVICES);
        let entities =
            "<!DOCTYPE d [<!ENTITY a 'aaaa'>]><domain><os><type machine='&a;'/></os></domain>";
        assert_eq!(LiveDomain::read(entities).unwrap().machine, None);
        assert_eq!(machine_type_of("nonsense"), None);
    }
}
