//! Data for cloud-init.

use base64::{Engine, engine::general_purpose::STANDARD};
use kubevirt_api::{
    CloudInitConfigDriveSource, CloudInitNoCloudSource,
    k8s_openapi::api::core::v1::LocalObjectReference,
};

use super::{Faults, Path, text};

/// Most bytes of user or network data in a manifest.
const MOST_INLINE_BYTES: usize = 2048;

pub(super) fn validate(faults: &mut Faults, path: &Path, source: &Source<'_>) {
    let Source { user, network } = source;
    if user.count() == 0 && network.count() == 0 {
        faults.required(
            path,
            "has no data: add userData, or one of the other fields with user or network data",
        );
    }
    user.validate(faults, path, "user data");
    network.validate(faults, path, "network data");
}

/// User data and network data, whatever the volume looks like to the guest.
pub(super) struct Source<'a> {
    user: Data<'a>,
    network: Data<'a>,
}

macro_rules! source_of {
    ($($name:ident),+) => {$(
        impl<'a> From<&'a $name> for Source<'a> {
            fn from(source: &'a $name) -> Self {
                Self {
                    user: Data {
                        secret: ("secretRef", source.secret_ref.as_ref()),
                        encoded: ("userDataBase64", source.user_data_base64.as_deref()),
                        plain: ("userData", source.user_data.as_deref()),
                    },
                    network: Data {
                        secret: ("networkDataSecretRef", source.network_data_secret_ref.as_ref()),
                        encoded: ("networkDataBase64", source.network_data_base64.as_deref()),
                        plain: ("networkData", source.network_data.as_deref()),
                    },
                }
            }
        }
    )+};
}
source_of!(CloudInitNoCloudSource, CloudInitConfigDriveSource);

/// The three places that data can come from, with the names of their fields.
struct Data<'a> {
    secret: (&'static str, Option<&'a LocalObjectReference>),
    encoded: (&'static str, Option<&'a str>),
    plain: (&'static str, Option<&'a str>),
}

impl Data<'_> {
    /// An empty text is no data.
    fn count(&self) -> usize {
        let texts = [self.encoded.1, self.plain.1];
        usize::from(self.secret.1.is_some())
            + texts
                .iter()
                .flatten()
                .filter(|text| !text.is_empty())
                .count()
    }

    fn validate(&self, faults: &mut Faults, path: &Path, what: &str) {
        if self.count() > 1 {
            let names = [self.secret.0, self.encoded.0, self.plain.0].join(", ");
            faults.invalid(
                path,
                format!("{what} come from more than one field: keep one of {names}"),
            );
        }
        if let (field, Some(secret)) = self.secret
            && !text::is_dns_subdomain(&secret.name)
        {
            let path = path.field(field).field("name");
            faults.invalid(
                &path,
                format!(
                    "{:?} cannot be the name of a Secret: use {}",
                    secret.name,
                    text::DNS_SUBDOMAIN
                ),
            );
        }
        let (field, encoded) = self.encoded;
        // Line ends are no part of it: encoders wrap lines, and a YAML block ends with one.
        let joined = encoded.map(|text| text.replace(['\n', '\r'], ""));
        match joined.map(|text| STANDARD.decode(text)) {
            Some(Err(error)) => faults.invalid(
                &path.field(field),
                format!("is not base64 ({error}): encode the {what} anew"),
            ),
            Some(Ok(bytes)) => self.size(faults, &path.field(field), bytes.len()),
            None => {}
        }
        if let (field, Some(text)) = self.plain {
            self.size(faults, &path.field(field), text.len());
        }
    }

    fn size(&self, faults: &mut Faults, path: &Path, bytes: usize) {
        if bytes > MOST_INLINE_BYTES {
            let field = self.secret.0;
            faults.invalid(path, format!("has {bytes} bytes, more than {MOST_INLINE_BYTES}: put it into a Secret and name that in {field}"));
        }
    }
}
