//! A Kubernetes client from kubectl's flags and kubeconfig.

use anyhow::Context;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::cli::Connection;
use crate::requests::{DEFAULT_LIMIT, Rules};

/// The client and the namespace that the command works in.
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) namespace: String,
}

/// Connects as the flags, `$KUBECONFIG` and `~/.kube/config` say, in kubectl's order of precedence.
pub(crate) async fn connect(flags: &Connection) -> anyhow::Result<Cluster> {
    let config = configuration(flags).await?;
    let namespace = flags
        .namespace
        .clone()
        .unwrap_or_else(|| config.default_namespace.clone());
    let rules = Rules {
        server: config
            .cluster_url
            .to_string()
            .trim_end_matches('/')
            .to_owned(),
        limit: match flags.request_timeout {
            Some(limit) => (!limit.is_zero()).then_some(limit),
            None => Some(DEFAULT_LIMIT),
        },
        verbosity: flags.verbosity,
    };
    let client = ClientBuilder::try_from(config)
        .context("cannot set up the connection to the cluster")?
        .with_layer(&rules)
        .build();
    Ok(Cluster { client, namespace })
}

async fn configuration(flags: &Connection) -> anyhow::Result<Config> {
    let options = KubeConfigOptions {
        context: flags.context.clone(),
        cluster: flags.cluster.clone(),
        user: flags.user.clone(),
    };
    let mut config = match &flags.kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path)
                .with_context(|| format!("cannot read the kubeconfig {}", path.display()))?;
            Config::from_custom_kubeconfig(file, &options)
                .await
                .context("the kubeconfig cannot be used")?
        }
        None => match Config::from_kubeconfig(&options).await {
            Ok(config) => config,
            // As for kubectl, an address is enough.
            Err(_) if flags.server.is_some() && flags.context.is_none() => {
                Config::new(http::Uri::from_static("https://localhost"))
            }
            // In a pod there is no kubeconfig, but a service account.
            Err(error) => Config::incluster().ok().with_context(|| {
                format!("no cluster is configured ({error}): set KUBECONFIG or give --kubeconfig")
            })?,
        },
    };
    apply(flags, &mut config)?;
    // By itself the library tries again for minutes after a 503, and its words, such as that all viewers' places are taken, are
    // lost in a time-out. What is worth another try is tried again by the command that knows.
    config.default_retry = false;
    Ok(config)
}

/// Flags that override single settings of the kubeconfig.
fn apply(flags: &Connection, config: &mut Config) -> anyhow::Result<()> {
    if let Some(server) = &flags.server {
        config.cluster_url = server
            .parse()
            .with_context(|| format!("--server: {server} is not a URL"))?;
    }
    if let Some(token) = &flags.token {
        config.auth_info.token = Some(token.clone().into());
    }
    if let Some(user) = &flags.impersonate {
        config.auth_info.impersonate = Some(user.clone());
    }
    if let Some(uid) = &flags.impersonate_uid {
        config.auth_info.impersonate_uid = Some(uid.clone());
    }
    if !flags.impersonate_groups.is_empty() {
        config.auth_info.impersonate_groups = Some(flags.impersonate_groups.clone());
    }
    if let Some(path) = &flags.certificate_authority {
        anyhow::ensure!(
            path.is_file(),
            "--certificate-authority: {} is not a file",
            path.display()
        );
        config.root_cert = None;
        config.root_cert_file = Some(path.clone());
    }
    // Embedded data of the kubeconfig would win over a file's name.
    if let Some(path) = &flags.client_certificate {
        config.auth_info.client_certificate_data = None;
        config.auth_info.client_certificate = Some(path.display().to_string());
    }
    if let Some(path) = &flags.client_key {
        config.auth_info.client_key_data = None;
        config.auth_info.client_key = Some(path.display().to_string());
    }
    if flags.insecure_skip_tls_verify {
        config.accept_invalid_certs = true;
    }
    if let Some(name) = &flags.tls_server_name {
        config.tls_server_name = Some(name.clone());
    }
    Ok(())
}
