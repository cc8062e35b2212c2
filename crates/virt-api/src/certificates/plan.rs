//! What is due for the certificates: a pure function of what is there and the time.

use kubevirt_runtime::peer::PeerIdentity;

use super::{Leaf, Usage};

/// A new CA signs nothing but replacements that cannot wait until it has been in the bundle for this long, so that
/// whoever verifies has got the new bundle before the first certificate by the new CA appears. Seconds.
pub(crate) const SPREAD: i64 = 15 * 60;

/// Most CA certificates in the bundle.
const BUNDLE: usize = 8;

/// What is in the cluster, already read. `None`: absent or unusable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// The CA in its Secret.
    pub(crate) ca: Option<PeerIdentity>,
    /// The CAs in the bundle, in their order.
    pub(crate) bundle: Vec<PeerIdentity>,
    /// The certificate of each of the leaves that must exist, in their order.
    pub(crate) leaves: Vec<Option<PeerIdentity>>,
}

/// The one thing to do next. After it, look again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Make a new CA and write its Secret.
    CreateAuthority,
    /// Write the bundle: the current CA first, then those entries of the present bundle (by index) that stay.
    WriteBundle { keep: Vec<usize> },
    /// Issue these leaves (by index) with the current CA.
    Issue { leaves: Vec<usize> },
    /// Nothing is due.
    Nothing,
}

/// Decides at `now`, seconds since 1970.
pub(crate) fn plan(wanted: &[Leaf], observed: &Observed, now: i64) -> Step {
    let Some(ca) = observed.ca.as_ref().filter(|ca| !is_due(ca, now)) else {
        return Step::CreateAuthority;
    };
    let position = observed
        .bundle
        .iter()
        .position(|entry| entry.common_name == ca.common_name);
    let keep: Vec<usize> = (0..observed.bundle.len())
        .filter(|index| Some(*index) != position && observed.bundle[*index].not_after > now)
        .take(BUNDLE - 1)
        .collect();
    if position != Some(0) || keep.len() + 1 != observed.bundle.len() {
        return Step::WriteBundle { keep };
    }
    let new_authority = now - made(ca) < SPREAD && !keep.is_empty();
    let leaves: Vec<usize> = wanted
        .iter()
        .enumerate()
        .filter(
            |(index, leaf)| match observed.leaves.get(*index).and_then(Option::as_ref) {
                None => true,
                Some(certificate) if !is_usable(certificate, leaf, &observed.bundle, now) => true,
                Some(certificate) => is_due(certificate, now) && !new_authority,
            },
        )
        .map(|(index, _)| index)
        .collect();
    if leaves.is_empty() {
        Step::Nothing
    } else {
        Step::Issue { leaves }
    }
}

/// When it was issued; certificates are dated back.
fn made(certificate: &PeerIdentity) -> i64 {
    certificate.not_before + super::BACKDATE
}

/// Less than 20 % of the lifetime is left.
fn is_due(certificate: &PeerIdentity, now: i64) -> bool {
    let lifetime = certificate.not_after - made(certificate);
    (certificate.not_after - now) * 5 < lifetime
}

/// It is valid, says what it must say, and one of the trusted CAs signed it.
fn is_usable(certificate: &PeerIdentity, leaf: &Leaf, bundle: &[PeerIdentity], now: i64) -> bool {
    certificate.not_after > now
        && certificate.common_name == leaf.common_name
        && certificate.dns_names == leaf.dns_names
        && certificate.server_auth == (leaf.usage == Usage::Server)
        && certificate.client_auth == (leaf.usage == Usage::Client)
        && bundle
            .iter()
            .any(|ca| ca.common_name == certificate.issuer && ca.not_after > now)
}
