//! The loop that keeps the certificates: looks, does the one thing that is due, looks again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::identity::{
    CA_BUNDLE, Identity, TLS_CERTIFICATE, TLS_KEY, TrustBundle, describe,
};
use kubevirt_runtime::peer::PeerIdentity;
use tokio::sync::{Notify, watch};

use super::authority::{self, Pair};
use super::plan::{Observed, Step, plan};
use super::{API_CLIENT_SECRET, API_SECRET, CA_SECRET, Leaf, leaves};

/// How often the certificates are looked at when nothing is due. A few reads each time.
const PERIOD: Duration = Duration::from_secs(300);

/// Most steps in a row; more means that something undoes what this does.
const STEPS: usize = 16;

/// What virt-api itself needs of the certificates.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    /// For serving.
    pub(crate) server: Identity,
    /// To show to virt-handler.
    pub(crate) client: Identity,
    /// Who signs virt-handler's certificate.
    pub(crate) trust: TrustBundle,
    /// The CA bundle as PEM, for webhook configurations and APIServices.
    pub(crate) bundle: String,
}

/// Where the keeper puts the material, and how it is asked to look before its time.
pub(crate) struct Publisher {
    material: watch::Sender<Option<Material>>,
    /// Counts the beginning and the end of each look: odd while one goes on.
    looks: watch::Sender<u64>,
    wanted: Arc<Notify>,
}

/// The other end of a [`Publisher`].
#[derive(Clone)]
pub(crate) struct Supply {
    pub(crate) material: watch::Receiver<Option<Material>>,
    looks: watch::Receiver<u64>,
    wanted: Arc<Notify>,
}

/// Both ends.
pub(crate) fn supply() -> (Publisher, Supply) {
    let (material, material_receiver) = watch::channel(None);
    let (looks, looks_receiver) = watch::channel(0);
    let wanted = Arc::new(Notify::new());
    let supply = Supply {
        material: material_receiver,
        looks: looks_receiver,
        wanted: wanted.clone(),
    };
    (
        Publisher {
            material,
            looks,
            wanted,
        },
        supply,
    )
}

impl Publisher {
    fn publish(&self, current: Material) {
        self.material.send_if_modified(|known| {
            let changed = known.as_ref().is_none_or(|known| known.differs(&current));
            if changed {
                tracing::info!(until = current.server.leaf.not_after, "certificates in use");
                *known = Some(current);
            }
            changed
        });
    }
}

impl Supply {
    /// Has the cluster looked at and returns what is there now, at most 30 s later. Another replica may have made new
    /// certificates since the last look, and what it wrote must not be undone.
    pub(crate) async fn fresh(&mut self) -> Option<Material> {
        let now = *self.looks.borrow_and_update();
        // A look that goes on may have begun before whatever made the caller ask: the next one counts.
        let enough = now + if now.is_multiple_of(2) { 2 } else { 3 };
        self.wanted.notify_one();
        let looked = self.looks.wait_for(|looks| *looks >= enough);
        tokio::time::timeout(Duration::from_secs(30), looked)
            .await
            .ok()?
            .ok()?;
        self.material.borrow().clone()
    }
}

pub(crate) struct Keeper {
    secrets: Api<Secret>,
    maps: Api<ConfigMap>,
    wanted: Vec<Leaf>,
}

/// What was read, raw and understood.
struct Look {
    observed: Observed,
    secrets: BTreeMap<&'static str, Secret>,
    map: Option<ConfigMap>,
}

impl Keeper {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self {
            secrets: Api::namespaced(client.clone(), namespace),
            maps: Api::namespaced(client, namespace),
            wanted: leaves(namespace),
        }
    }

    /// Keeps the certificates until `shutdown` and publishes what virt-api needs of them.
    pub(crate) async fn run(self, publisher: Publisher, shutdown: CancellationToken) {
        loop {
            publisher.looks.send_modify(|looks| *looks += 1);
            let outcome = self.settle().await;
            let pause = match outcome {
                Ok(current) => {
                    publisher.publish(current);
                    PERIOD
                }
                Err(error) => {
                    tracing::warn!(
                        error = explain(&error),
                        "certificates not settled, trying again"
                    );
                    Duration::from_secs(3)
                }
            };
            publisher.looks.send_modify(|looks| *looks += 1);
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = publisher.wanted.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn settle(&self) -> Result<Material> {
        for _ in 0..STEPS {
            let look = self.look().await?;
            let now = Timestamp::now().as_second();
            let done = match plan(&self.wanted, &look.observed, now) {
                Step::Nothing => return look.material(),
                Step::CreateAuthority => {
                    tracing::info!("making a new CA");
                    self.write_secret(
                        look.secrets.get(CA_SECRET),
                        CA_SECRET,
                        &authority::create(now)?,
                    )
                    .await
                }
                Step::WriteBundle { keep } => self.write_bundle(&look, &keep).await,
                Step::Issue { leaves } => self.issue(&look, &leaves, now).await,
            };
            match done {
                Ok(()) => {}
                // Another replica was faster; look at what it wrote.
                Err(error) if is_conflict(&error) => {
                    tracing::debug!("another replica writes certificates too");
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Err(error) => return Err(error),
            }
        }
        bail!(
            "the certificates still differ after {STEPS} writes: something else changes the Secrets of this namespace"
        )
    }

    async fn look(&self) -> Result<Look> {
        let mut secrets = BTreeMap::new();
        for name in self
            .wanted
            .iter()
            .map(|leaf| leaf.secret)
            .chain([CA_SECRET])
        {
            let secret = self
                .secrets
                .get_opt(name)
                .await
                .with_context(|| format!("cannot read Secret {name}"))?;
            if let Some(secret) = secret {
                secrets.insert(name, secret);
            }
        }
        let map = self
            .maps
            .get_opt(CA_SECRET)
            .await
            .context("cannot read ConfigMap kubevirt-ca")?;
        let certificate = |name| {
            secrets
                .get(name)
                .and_then(|secret| Some(Identity::from_secret(secret).ok()?.leaf))
        };
        let bundle = map.as_ref().and_then(bundle_of).unwrap_or_default();
        let observed = Observed {
            ca: certificate(CA_SECRET),
            bundle: bundle.into_iter().map(|(_, identity)| identity).collect(),
            leaves: self
                .wanted
                .iter()
                .map(|leaf| certificate(leaf.secret))
                .collect(),
        };
        Ok(Look {
            observed,
            secrets,
            map,
        })
    }

    async fn issue(&self, look: &Look, leaves: &[usize], now: i64) -> Result<()> {
        let ca = look
            .secrets
            .get(CA_SECRET)
            .and_then(pair_of)
            .context("the CA's Secret is gone")?;
        for leaf in leaves.iter().filter_map(|index| self.wanted.get(*index)) {
            tracing::info!(secret = leaf.secret, "issuing a certificate");
            let pair = authority::issue(&ca, leaf, now)?;
            self.write_secret(look.secrets.get(leaf.secret), leaf.secret, &pair)
                .await?;
        }
        Ok(())
    }

    async fn write_secret(&self, old: Option<&Secret>, name: &str, pair: &Pair) -> Result<()> {
        let mut secret = old.cloned().unwrap_or_else(|| Secret {
            metadata: metadata(name),
            type_: Some("kubernetes.io/tls".to_owned()),
            ..Secret::default()
        });
        let data = secret.data.get_or_insert_with(BTreeMap::new);
        data.insert(
            TLS_CERTIFICATE.to_owned(),
            ByteString(pair.certificate.clone().into_bytes()),
        );
        data.insert(
            TLS_KEY.to_owned(),
            ByteString(pair.key.clone().into_bytes()),
        );
        let parameters = PostParams::default();
        let written = match old {
            Some(_) => self.secrets.replace(name, &parameters, &secret).await,
            None => self.secrets.create(&parameters, &secret).await,
        };
        written
            .map(drop)
            .with_context(|| format!("cannot write Secret {name}"))
    }

    async fn write_bundle(&self, look: &Look, keep: &[usize]) -> Result<()> {
        let ca = look
            .secrets
            .get(CA_SECRET)
            .and_then(pair_of)
            .context("the CA's Secret is gone")?;
        let present = look.map.as_ref().and_then(bundle_of).unwrap_or_default();
        let kept = keep
            .iter()
            .filter_map(|index| present.get(*index))
            .map(|(pem, _)| pem.as_str());
        let bundle: String = std::iter::once(ca.certificate.as_str())
            .chain(kept)
            .collect();
        let mut map = look.map.clone().unwrap_or_else(|| ConfigMap {
            metadata: metadata(CA_SECRET),
            ..ConfigMap::default()
        });
        map.data
            .get_or_insert_with(BTreeMap::new)
            .insert(CA_BUNDLE.to_owned(), bundle);
        let parameters = PostParams::default();
        let written = match look.map {
            Some(_) => self.maps.replace(CA_SECRET, &parameters, &map).await,
            None => self.maps.create(&parameters, &map).await,
        };
        written
            .map(drop)
            .context("cannot write ConfigMap kubevirt-ca")
    }
}

impl Look {
    fn material(&self) -> Result<Material> {
        let identity = |name: &'static str| {
            let secret = self
                .secrets
                .get(name)
                .with_context(|| format!("Secret {name} is gone"))?;
            Identity::from_secret(secret).with_context(|| format!("Secret {name} is unusable"))
        };
        let map = self.map.as_ref().context("ConfigMap kubevirt-ca is gone")?;
        let bundle = map
            .data
            .as_ref()
            .and_then(|data| data.get(CA_BUNDLE))
            .context("the CA bundle is empty")?;
        Ok(Material {
            server: identity(API_SECRET)?,
            client: identity(API_CLIENT_SECRET)?,
            trust: TrustBundle::from_pem(bundle.as_bytes())?,
            bundle: bundle.clone(),
        })
    }
}

impl Material {
    fn differs(&self, other: &Self) -> bool {
        self.bundle != other.bundle
            || !self.server.same(&other.server)
            || !self.client.same(&other.client)
    }
}

fn metadata(name: &str) -> ObjectMeta {
    let labels = BTreeMap::from([("kubevirt.io".to_owned(), String::new())]);
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels),
        ..ObjectMeta::default()
    }
}

fn pair_of(secret: &Secret) -> Option<Pair> {
    let data = secret.data.as_ref()?;
    let text = |key: &str| String::from_utf8(data.get(key)?.0.clone()).ok();
    Some(Pair {
        certificate: text(TLS_CERTIFICATE)?,
        key: text(TLS_KEY)?,
    })
}

/// Each certificate of the bundle, as PEM and understood; those that cannot be read are left out.
fn bundle_of(map: &ConfigMap) -> Option<Vec<(String, PeerIdentity)>> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = map.data.as_ref()?.get(CA_BUNDLE)?;
    let entries = text
        .split_inclusive(END)
        .filter(|piece| piece.trim_end().ends_with(END))
        .filter_map(|piece| {
            let pem = format!("{}\n", piece.trim());
            let identity = describe(pem.as_bytes()).ok()?.into_iter().next()?;
            Some((pem, identity))
        });
    Some(entries.collect())
}

/// What went wrong, without the API's whole answer.
pub(super) fn explain(error: &anyhow::Error) -> String {
    match error.downcast_ref::<kube::Error>() {
        Some(kube::Error::Api(status)) => format!("{error}: {}", status.message),
        _ => format!("{error:#}"),
    }
}

fn is_conflict(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<kube::Error>(), Some(kube::Error::Api(status)) if status.code == 409)
}
