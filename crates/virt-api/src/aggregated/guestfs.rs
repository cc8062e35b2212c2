//! `guestfs`: which image `virtctl guestfs` runs to look into disks.

use kubevirt_api::KubeVirt;
use serde_json::{Value, json};

use crate::status::Refusal;

/// What virt-api was told about images when it was installed. Cheap enough to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images {
    /// Its own image; empty when unknown.
    pub(crate) own: String,
    /// The whole name of the image with libguestfs; empty when it follows from the rest.
    pub(crate) guestfs: String,
}

/// Name of virt-api's image, before which a prefix may stand.
const OWN_NAME: &str = "virt-api";

/// `registry` and `tag` are those of the settings, else those that the operator saw, else those of virt-api's own image.
///
/// # Errors
/// 500 without a KubeVirt object: nothing says then what is installed.
pub(crate) fn answer(settings: Option<&KubeVirt>, images: &Images) -> Result<Value, Refusal> {
    let Some(settings) = settings else {
        return Err(Refusal::internal(
            "there is no KubeVirt object in KubeVirt's namespace: create it",
        ));
    };
    let own = Name::of(&images.own);
    let status = settings.status.clone().unwrap_or_default();
    let first = |given: Option<String>, observed: Option<String>, own: &str| {
        let given = given.filter(|text| !text.is_empty());
        let observed = observed.filter(|text| !text.is_empty());
        given.or(observed).unwrap_or_else(|| own.to_owned())
    };
    let spec = &settings.spec;
    Ok(json!({
        "registry": first(spec.image_registry.clone(), status.observed_kube_virt_registry, own.registry),
        "tag": first(spec.image_tag.clone(), status.observed_kube_virt_version, own.tag),
        // A digest names one image: that of another is of no use to who asks.
        "digest": "",
        "imagePrefix": own.prefix,
        "gsImage": images.guestfs,
    }))
}

/// The parts of an image's name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Name<'a> {
    registry: &'a str,
    prefix: &'a str,
    tag: &'a str,
}

impl<'a> Name<'a> {
    /// Of virt-api's image; what it does not have is empty.
    fn of(image: &'a str) -> Self {
        let image = image.split('@').next().unwrap_or(image);
        let (path, tag) = match image.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, tag),
            _ => (image, ""),
        };
        let (registry, name) = path.rsplit_once('/').unwrap_or(("", path));
        Self {
            registry,
            prefix: name.strip_suffix(OWN_NAME).unwrap_or_default(),
            tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevirt_api::{KubeVirtSpec, KubeVirtStatus};
    use rstest::rstest;

    #[rstest]
    #[case("", "", "", "")]
    #[case("virt-api", "", "", "")]
    #[case(
        "reg.example:5000/kubevirt/virt-api:v1",
        "reg.example:5000/kubevirt",
        "",
        "v1"
    )]
    #[case(
        "reg.example:5000/kubevirt/virt-api",
        "reg.example:5000/kubevirt",
        "",
        ""
    )]
    #[case("reg.example/a/my-virt-api:v1@sha256:00", "reg.example/a", "my-", "v1")]
    #[case("reg.example/a/other:v1", "reg.example/a", "", "v1")]
    fn names(#[case] image: &str, #[case] registry: &str, #[case] prefix: &str, #[case] tag: &str) {
        let expected = Name {
            registry,
            prefix,
            tag,
        };
        assert_eq!(Name::of(image), expected);
    }

    #[test]
    fn settings_win_over_what_was_seen_and_this_over_our_own() {
        let images = Images {
            own: "reg.example/own/virt-api:own".to_owned(),
            guestfs: String::new(),
        };
        let mut settings = KubeVirt::new("kubevirt", KubeVirtSpec::default());
        let get = |settings: &KubeVirt| {
            let answer = answer(Some(settings), &images).unwrap();
            (answer["registry"].clone(), answer["tag"].clone())
        };
        assert_eq!(get(&settings), (json!("reg.example/own"), json!("own")));
        settings.status = Some(KubeVirtStatus {
            observed_kube_virt_registry: Some("reg.example/seen".to_owned()),
            observed_kube_virt_version: Some("seen".to_owned()),
            ..KubeVirtStatus::default()
        });
        assert_eq!(get(&settings), (json!("reg.example/seen"), json!("seen")));
        settings.spec.image_tag = Some("given".to_owned());
        assert_eq!(get(&settings), (json!("reg.example/seen"), json!("given")));
        assert_eq!(answer(None, &images).unwrap_err().code.as_u16(), 500);
    }
}
