//! Making certificates: P-256 keys, signed by the installation's CA.

use std::time::Duration;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, date_time_ymd,
};

use super::{BACKDATE, CA_LIFETIME, LEAF_LIFETIME, Leaf, Usage};

/// A certificate and its key as PEM, what a TLS Secret holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// A new CA, valid from `now` (seconds since 1970). Its common name is unlike that of every other CA, so that a
/// certificate's issuer says which of the CAs in a bundle signed it.
pub(crate) fn create(now: i64) -> Result<Pair> {
    let name = format!("kubevirt.io@{now}-{}", uuid::Uuid::new_v4().simple());
    let key =
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("cannot make a key for the CA")?;
    let certificate = authority(&name, now)?
        .self_signed(&key)
        .context("cannot sign the CA's certificate")?;
    Ok(Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

/// A new key and certificate for `leaf`, signed by `ca`. Valid from `now` for 24 h, but never longer than the CA.
pub(crate) fn issue(ca: &Pair, leaf: &Leaf, now: i64) -> Result<Pair> {
    let described = kubevirt_runtime::identity::describe(ca.certificate.as_bytes())?;
    let described = described
        .first()
        .context("the CA's Secret holds no certificate")?;
    let ca_key = KeyPair::from_pem(&ca.key).context("the CA's key cannot be read")?;
    let issuer = Issuer::new(authority(&described.common_name, now)?, ca_key);

    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = common_name(&leaf.common_name);
    validity(
        &mut parameters,
        now - BACKDATE,
        (now + LEAF_LIFETIME).min(described.not_after),
    )?;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.use_authority_key_identifier_extension = true;
    parameters.extended_key_usages = vec![match leaf.usage {
        Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
    }];
    for name in &leaf.dns_names {
        let name = name
            .as_str()
            .try_into()
            .with_context(|| format!("{name} is not an ASCII name"))?;
        parameters.subject_alt_names.push(SanType::DnsName(name));
    }
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("cannot make a key")?;
    let certificate = parameters
        .signed_by(&key, &issuer)
        .with_context(|| format!("cannot sign the certificate of {}", leaf.common_name))?;
    Ok(Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

fn authority(name: &str, now: i64) -> Result<CertificateParams> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = common_name(name);
    validity(&mut parameters, now - BACKDATE, now + CA_LIFETIME)?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
    ];
    Ok(parameters)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Sets both ends of the validity, seconds since 1970.
fn validity(parameters: &mut CertificateParams, from: i64, until: i64) -> Result<()> {
    let after_epoch = |seconds: i64| {
        u64::try_from(seconds)
            .context("the clock is before 1970")
            .map(Duration::from_secs)
    };
    parameters.not_before = date_time_ymd(1970, 1, 1) + after_epoch(from)?;
    parameters.not_after = date_time_ymd(1970, 1, 1) + after_epoch(until)?;
    Ok(())
}
