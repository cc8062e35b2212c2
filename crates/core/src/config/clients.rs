//! How fast components may ask the API server (contract 17).

use kubevirt_api::{KubeVirtConfiguration, ReloadableComponentConfiguration};

/// How fast a client may ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second in the mean, more than 0.
    pub qps: f32,
    /// Requests at once at the most, at least 1.
    pub burst: u32,
}

/// How fast each component may ask the API server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clients {
    /// virt-api.
    pub api: Rate,
    /// The admission webhooks.
    pub webhook: Rate,
    /// virt-controller.
    pub controller: Rate,
    /// Each virt-handler.
    pub handler: Rate,
}

impl Clients {
    pub(super) fn new(configuration: &KubeVirtConfiguration) -> Self {
        const CENTRAL: Rate = Rate {
            qps: 200.0,
            burst: 400,
        };
        const NODE: Rate = Rate {
            qps: 50.0,
            burst: 100,
        };
        Self {
            api: rate(configuration.api_configuration.as_ref(), CENTRAL),
            webhook: rate(configuration.webhook_configuration.as_ref(), CENTRAL),
            controller: rate(configuration.controller_configuration.as_ref(), CENTRAL),
            handler: rate(configuration.handler_configuration.as_ref(), NODE),
        }
    }
}

fn rate(given: Option<&ReloadableComponentConfiguration>, default: Rate) -> Rate {
    given
        .and_then(|component| component.rest_client.as_ref()?.rate_limiter.as_ref())
        .and_then(|limiter| limiter.token_bucket_rate_limiter.as_ref())
        .and_then(|bucket| {
            let burst = u32::try_from(bucket.burst)
                .ok()
                .filter(|burst| *burst > 0)?;
            let sound = bucket.qps.is_finite() && bucket.qps > 0.0;
            sound.then_some(Rate {
                qps: bucket.qps,
                burst,
            })
        })
        .unwrap_or(default)
}
