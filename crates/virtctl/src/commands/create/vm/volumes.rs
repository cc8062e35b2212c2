//! The volumes of the machine, in the order of booting.

use anyhow::{bail, ensure};
use serde_json::{Value, json};

use super::super::OfFlag;
use super::super::parameters::Parameters;
use super::arguments::Vm;
use super::import;

/// One volume.
#[derive(Debug)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) boot_order: Option<u64>,
    /// The volume of the template, without its name.
    pub(super) source: Value,
    /// The DataVolume that is made for it.
    pub(super) data_volume: Option<Value>,
    /// An instancetype or preference may stand on its claim.
    pub(super) inferable: bool,
}

/// All volumes.
#[derive(Debug, Default)]
pub(super) struct Volumes(Vec<Volume>);

/// Reads the flags of volumes.
pub(super) fn read(arguments: &Vm, machine: &str) -> anyhow::Result<Volumes> {
    let mut volumes = Volumes::default();
    for (index, text) in arguments.volume_containerdisk.iter().enumerate() {
        container_disk(text, machine, index)
            .and_then(|volume| volumes.add(volume))
            .of_flag("volume-containerdisk")?;
    }
    for text in &arguments.volume_pvc {
        claim(text)
            .and_then(|volume| volumes.add(volume))
            .of_flag("volume-pvc")?;
    }
    for (flag, kind, texts) in [
        (
            "volume-datasource",
            Some("ds"),
            &arguments.volume_datasource,
        ),
        ("volume-clone-pvc", Some("pvc"), &arguments.volume_clone_pvc),
        ("volume-blank", Some("blank"), &arguments.volume_blank),
        ("volume-import", None, &arguments.volume_import),
    ] {
        if kind.is_some() && !texts.is_empty() {
            eprintln!("Flag --{flag} has been deprecated, use flag --volume-import instead");
        }
        for text in texts {
            import::read(text, kind)
                .and_then(|volume| volumes.add(volume))
                .of_flag(flag)?;
        }
    }
    if let Some(text) = &arguments.volume_sysprep {
        sysprep(text)
            .and_then(|volume| volumes.add(volume))
            .of_flag("volume-sysprep")?;
    }
    Ok(volumes)
}

impl Volumes {
    fn add(&mut self, volume: Volume) -> anyhow::Result<()> {
        ensure!(
            self.named(&volume.name).is_none(),
            "there is already a volume with name {:?}",
            volume.name
        );
        if let Some(order) = volume.boot_order {
            let taken = self.0.iter().any(|other| other.boot_order == Some(order));
            ensure!(!taken, "bootorder {order} was specified multiple times");
        }
        self.0.push(volume);
        Ok(())
    }

    pub(super) fn named(&self, name: &str) -> Option<&Volume> {
        self.0.iter().find(|volume| volume.name == name)
    }

    /// What boots first: the lowest boot order, else the first volume.
    pub(super) fn first(&self) -> Option<&Volume> {
        let ordered = self.0.iter().filter(|volume| volume.boot_order.is_some());
        ordered
            .min_by_key(|volume| volume.boot_order)
            .or(self.0.first())
    }

    /// Disks are written only where a boot order is asked for; volumes without one get a disk by default.
    pub(super) fn disks(&self) -> Vec<Value> {
        self.0
            .iter()
            .filter_map(|volume| {
                Some(json!({ "name": volume.name, "bootOrder": volume.boot_order? }))
            })
            .collect()
    }

    pub(super) fn volumes(&self) -> Vec<Value> {
        let named = |volume: &Volume| {
            let mut value = volume.source.clone();
            value["name"] = volume.name.clone().into();
            value
        };
        self.0.iter().map(named).collect()
    }

    pub(super) fn data_volume_templates(&self) -> Vec<Value> {
        let template = |volume: &Volume| {
            let spec = volume.data_volume.clone()?;
            Some(json!({ "metadata": { "name": volume.name }, "spec": spec }))
        };
        self.0.iter().filter_map(template).collect()
    }
}

fn container_disk(text: &str, machine: &str, index: usize) -> anyhow::Result<Volume> {
    let mut parameters = Parameters::parse(text)?;
    let image = parameters.need("src")?;
    let volume = Volume {
        name: parameters
            .take("name")
            .unwrap_or_else(|| format!("{machine}-containerdisk-{index}")),
        boot_order: parameters.boot_order()?,
        source: json!({ "containerDisk": { "image": image } }),
        data_volume: None,
        inferable: false,
    };
    parameters.end()?;
    Ok(volume)
}

fn claim(text: &str) -> anyhow::Result<Volume> {
    let mut parameters = Parameters::parse(text)?;
    let (namespace, claim) = parameters.source()?;
    if let Some(namespace) = namespace {
        bail!(
            "not allowed to specify namespace of PVC {claim:?} ({namespace:?}): a virtual machine uses claims of its own namespace"
        );
    }
    let volume = Volume {
        name: parameters.take("name").unwrap_or_else(|| claim.clone()),
        boot_order: parameters.boot_order()?,
        source: json!({ "persistentVolumeClaim": { "claimName": claim } }),
        data_volume: None,
        inferable: true,
    };
    parameters.end()?;
    Ok(volume)
}

fn sysprep(text: &str) -> anyhow::Result<Volume> {
    let mut parameters = Parameters::parse(text)?;
    let (namespace, name) = parameters.source()?;
    ensure!(
        namespace.is_none(),
        "not allowed to specify a namespace of {name:?}: it must be in the virtual machine's own"
    );
    let kind = parameters.take("type");
    let source = match kind.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("configmap") => json!({ "sysprep": { "configMap": { "name": name } } }),
        Some("secret") => json!({ "sysprep": { "secret": { "name": name } } }),
        Some(other) => {
            bail!("invalid sysprep source type {other:?}, supported values are: configmap, secret")
        }
    };
    parameters.end()?;
    Ok(Volume {
        name: "sysprepdisk".to_owned(),
        boot_order: None,
        source,
        data_volume: None,
        inferable: false,
    })
}
