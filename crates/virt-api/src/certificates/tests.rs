use super::authority::{create, issue};
use super::plan::{Observed, SPREAD, Step, plan};
use super::*;
use kubevirt_runtime::identity::{Identity, TrustBundle, describe};
use kubevirt_runtime::peer::PeerIdentity;

const NOW: i64 = 1_800_000_000;
const HOUR: i64 = 3600;

fn described(pair: &authority::Pair) -> PeerIdentity {
    describe(pair.certificate.as_bytes()).unwrap().remove(0)
}

/// Carries out the plan against a cluster that is only a struct, until nothing is due.
struct Cluster {
    ca: Option<authority::Pair>,
    bundle: Vec<authority::Pair>,
    leaves: Vec<Option<authority::Pair>>,
    wanted: Vec<Leaf>,
}

impl Cluster {
    fn empty() -> Self {
        let wanted = leaves("kubevirt");
        Self {
            ca: None,
            bundle: Vec::new(),
            leaves: vec![None; wanted.len()],
            wanted,
        }
    }

    fn observed(&self) -> Observed {
        Observed {
            ca: self.ca.as_ref().map(described),
            bundle: self.bundle.iter().map(described).collect(),
            leaves: self
                .leaves
                .iter()
                .map(|leaf| leaf.as_ref().map(described))
                .collect(),
        }
    }

    fn settle(&mut self, now: i64) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            let step = plan(&self.wanted, &self.observed(), now);
            match &step {
                Step::Nothing => return steps,
                Step::CreateAuthority => self.ca = Some(create(now).unwrap()),
                Step::WriteBundle { keep } => {
                    let mut bundle = vec![self.ca.clone().unwrap()];
                    bundle.extend(keep.iter().map(|index| self.bundle[*index].clone()));
                    self.bundle = bundle;
                }
                Step::Issue { leaves } => {
                    for index in leaves {
                        let pair =
                            issue(self.ca.as_ref().unwrap(), &self.wanted[*index], now).unwrap();
                        self.leaves[*index] = Some(pair);
                    }
                }
            }
            steps.push(step);
            assert!(
                steps.len() < 10,
                "the plan does not come to an end: {steps:?}"
            );
        }
    }
}

#[test]
fn an_empty_cluster_gets_everything_once() {
    let mut cluster = Cluster::empty();
    let steps = cluster.settle(NOW);
    assert_eq!(
        steps,
        [
            Step::CreateAuthority,
            Step::WriteBundle { keep: vec![] },
            Step::Issue {
                leaves: vec![0, 1, 2]
            }
        ]
    );
    assert!(cluster.settle(NOW).is_empty());
    assert!(cluster.settle(NOW + 19 * HOUR).is_empty());
}

#[test]
fn leaves_are_renewed_at_a_fifth_of_their_life() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    let steps = cluster.settle(NOW + 20 * HOUR);
    assert_eq!(
        steps,
        [Step::Issue {
            leaves: vec![0, 1, 2]
        }]
    );
}

#[test]
fn a_new_authority_keeps_the_old_one_trusted_and_the_leaves_usable() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    let old = described(cluster.ca.as_ref().unwrap()).common_name;
    let mut now = NOW;
    while described(cluster.ca.as_ref().unwrap()).common_name == old {
        now += HOUR;
        cluster.settle(now);
        assert!(now < NOW + CA_LIFETIME, "the CA was never renewed");
    }
    assert_eq!(cluster.bundle.len(), 2);
    // Nobody has to have the new bundle yet: every leaf is still the old CA's.
    for leaf in &cluster.leaves {
        assert_eq!(described(leaf.as_ref().unwrap()).issuer, old);
    }
    now += 19 * HOUR + SPREAD;
    cluster.settle(now);
    let new = described(cluster.ca.as_ref().unwrap()).common_name;
    for leaf in &cluster.leaves {
        assert_eq!(described(leaf.as_ref().unwrap()).issuer, new);
    }
    cluster.settle(NOW + CA_LIFETIME + HOUR);
    assert_eq!(cluster.bundle.len(), 1, "the expired CA leaves the bundle");
}

#[test]
fn renewals_wait_until_a_new_authority_is_known() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    // The Secret of the CA was deleted: a new one is made while the old certificate is still trusted.
    cluster.ca = None;
    let later = NOW + 21 * HOUR;
    let steps = cluster.settle(later);
    assert_eq!(
        steps,
        [Step::CreateAuthority, Step::WriteBundle { keep: vec![0] }]
    );
    let steps = cluster.settle(later + SPREAD);
    assert_eq!(
        steps,
        [Step::Issue {
            leaves: vec![0, 1, 2]
        }]
    );
}

#[test]
fn a_lost_bundle_means_new_certificates_at_once() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    cluster.ca = None;
    cluster.bundle.clear();
    let steps = cluster.settle(NOW + HOUR);
    assert_eq!(
        steps.last(),
        Some(&Step::Issue {
            leaves: vec![0, 1, 2]
        })
    );
}

#[test]
fn a_certificate_with_another_purpose_is_replaced() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    cluster.leaves.swap(1, 2);
    assert_eq!(cluster.settle(NOW), [Step::Issue { leaves: vec![1, 2] }]);
}

#[test]
fn certificates_are_bound_to_one_role() {
    let mut cluster = Cluster::empty();
    cluster.settle(NOW);
    let handler = described(cluster.leaves[1].as_ref().unwrap());
    assert!(
        handler.is_server(HANDLER_NAME) && !handler.client_auth && !handler.is_client(HANDLER_NAME)
    );
    let client = described(cluster.leaves[2].as_ref().unwrap());
    assert!(client.is_client(API_CLIENT_NAME) && !client.server_auth);
    let pair = cluster.leaves[0].as_ref().unwrap();
    let identity = Identity::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes()).unwrap();
    assert!(identity.leaf.is_server("virt-api.kubevirt.svc"));
    TrustBundle::from_pem(cluster.bundle[0].certificate.as_bytes()).unwrap();
}

#[test]
fn a_leaf_never_outlives_its_authority() {
    let ca = create(NOW).unwrap();
    let leaf = issue(&ca, &leaves("kubevirt")[0], NOW + CA_LIFETIME - HOUR).unwrap();
    assert_eq!(described(&leaf).not_after, described(&ca).not_after);
}
