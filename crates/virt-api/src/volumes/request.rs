//! What is asked for.

use kubevirt_api::{AddVolumeOptions, RemoveVolumeOptions, Volume};
use kubevirt_runtime::decode::decode;
use serde_json::{Value, json};

use crate::lifecycle::options;
use crate::status::Refusal;

/// A volume to add or to remove.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Request {
    Add(Box<AddVolumeOptions>),
    Remove(RemoveVolumeOptions),
}

impl Request {
    /// Name of the volume.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Add(options) => &options.name,
            Self::Remove(options) => &options.name,
        }
    }

    pub(super) fn dry_run(&self) -> &[String] {
        match self {
            Self::Add(options) => &options.dry_run,
            Self::Remove(options) => &options.dry_run,
        }
    }
}

/// Reads the body of `addvolume`. The disk has the volume's name, and what can be added can be removed.
///
/// # Errors
/// 400 for what is missing or wrong.
pub(super) fn addition(body: &[u8]) -> Result<Request, Refusal> {
    let mut value = whole(body)?;
    let name = name(&value)?;
    let Some(disk) = value.get_mut("disk").and_then(Value::as_object_mut) else {
        return Err(Refusal::bad_request(
            "disk is required: say how the guest sees the volume, for example {\"disk\": {\"bus\": \"scsi\"}}",
        ));
    };
    disk.insert("name".to_owned(), json!(name));
    if !value.get("volumeSource").is_some_and(Value::is_object) {
        return Err(Refusal::bad_request(
            "volumeSource is required: add persistentVolumeClaim or dataVolume",
        ));
    }
    let mut options: AddVolumeOptions = typed(&value)?;
    let source = &mut options.volume_source;
    let named = match (&mut source.persistent_volume_claim, &mut source.data_volume) {
        (Some(claim), None) => {
            claim.hotpluggable = Some(true);
            &claim.claim_name
        }
        (None, Some(volume)) => {
            volume.hotpluggable = Some(true);
            &volume.name
        }
        (None, None) => {
            return Err(Refusal::bad_request(
                "volumeSource is empty: add persistentVolumeClaim or dataVolume",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(Refusal::bad_request(
                "volumeSource has more than one source: keep one of persistentVolumeClaim and dataVolume",
            ));
        }
    };
    if named.is_empty() {
        return Err(Refusal::bad_request(
            "volumeSource must name its PersistentVolumeClaim or DataVolume",
        ));
    }
    Ok(Request::Add(Box::new(options)))
}

/// Reads the body of `removevolume`.
///
/// # Errors
/// 400 for what is missing or wrong.
pub(super) fn removal(body: &[u8]) -> Result<Request, Refusal> {
    let value = whole(body)?;
    name(&value)?;
    Ok(Request::Remove(typed(&value)?))
}

/// The volume of an addition.
pub(super) fn volume(options: &AddVolumeOptions) -> Volume {
    Volume {
        name: options.name.clone(),
        persistent_volume_claim: options.volume_source.persistent_volume_claim.clone(),
        data_volume: options.volume_source.data_volume.clone(),
        ..Volume::default()
    }
}

/// Whether a volume may come and go while the guest runs.
pub(super) fn is_hotpluggable(volume: &Volume) -> bool {
    let claim = volume.persistent_volume_claim.as_ref();
    let data = volume.data_volume.as_ref();
    claim.and_then(|claim| claim.hotpluggable) == Some(true)
        || data.and_then(|data| data.hotpluggable) == Some(true)
}

fn whole(body: &[u8]) -> Result<Value, Refusal> {
    options::value(body)?.ok_or_else(|| {
        Refusal::bad_request("the request body is empty: say at least the name of the volume")
    })
}

fn name(value: &Value) -> Result<String, Refusal> {
    match value.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(Refusal::bad_request(
            "name is required: say which volume is meant",
        )),
    }
}

fn typed<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Refusal> {
    decode(value).map_err(|error| {
        Refusal::bad_request(format!("the request body cannot be decoded: {error}"))
    })
}
