//! Logins that docker, podman or skopeo stored.
//!
//! `$REGISTRY_AUTH_FILE`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, `$XDG_RUNTIME_DIR/containers/auth.json`: the
//! first that has a login for the registry. A file may name a helper program instead of a password.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use super::super::reference::Reference;

/// A helper may ask the user to unlock a key ring.
const HELPER: Duration = Duration::from_secs(60);
/// The user name by which a helper says that the secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// A login.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    Password {
        user: String,
        password: String,
    },
    /// To be exchanged for tokens.
    Identity(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credentials")
    }
}

impl Credentials {
    /// The value of `Authorization`.
    pub(super) fn basic(&self) -> String {
        match self {
            Self::Password { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
            Self::Identity(token) => format!("Bearer {token}"),
        }
    }
}

/// The login for a registry, if one is stored.
pub(super) async fn find(reference: &Reference) -> anyhow::Result<Option<Credentials>> {
    for file in files() {
        let Ok(text) = std::fs::read(&file) else {
            continue;
        };
        let stored: Value = serde_json::from_slice(&text)
            .with_context(|| format!("the logins in {} are no JSON", file.display()))?;
        let found = in_file(&stored, &keys(reference)).await;
        if let Some(login) =
            found.with_context(|| format!("cannot use the login in {}", file.display()))?
        {
            return Ok(Some(login));
        }
    }
    Ok(None)
}

fn files() -> Vec<PathBuf> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(file) = variable("REGISTRY_AUTH_FILE") {
        return vec![file];
    }
    let docker =
        variable("DOCKER_CONFIG").or_else(|| variable("HOME").map(|home| home.join(".docker")));
    let podman = variable("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json"));
    docker
        .map(|folder| folder.join("config.json"))
        .into_iter()
        .chain(podman)
        .collect()
}

/// Under what a registry's login is stored: most specific first.
fn keys(reference: &Reference) -> Vec<String> {
    let mut keys = Vec::new();
    let mut path = format!("{}/{}", reference.registry, reference.repository);
    loop {
        keys.push(path.clone());
        match path.rfind('/') {
            Some(position) => path.truncate(position),
            None => break,
        }
    }
    keys.push(format!("https://{}", reference.registry));
    if reference.registry == "docker.io" {
        keys.push("https://index.docker.io/v1/".to_owned());
    }
    keys
}

async fn in_file(stored: &Value, keys: &[String]) -> anyhow::Result<Option<Credentials>> {
    for key in keys {
        let helper = stored
            .get("credHelpers")
            .and_then(|helpers| helpers.get(key));
        if let Some(helper) = helper.and_then(Value::as_str) {
            return ask(helper, key).await;
        }
        if let Some(login) = stored
            .get("auths")
            .and_then(|logins| logins.get(key))
            .map(login)
            .transpose()?
            .flatten()
        {
            return Ok(Some(login));
        }
    }
    if let Some(helper) = stored.get("credsStore").and_then(Value::as_str) {
        // The store knows registries, not repositories.
        for key in keys
            .iter()
            .filter(|key| !key.contains('/') || key.starts_with("https://"))
        {
            if let Some(login) = ask(helper, key).await? {
                return Ok(Some(login));
            }
        }
    }
    Ok(None)
}

fn login(entry: &Value) -> anyhow::Result<Option<Credentials>> {
    let text = |key: &str| {
        entry
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if let Some(token) = text("identitytoken") {
        return Ok(Some(Credentials::Identity(token.to_owned())));
    }
    if let (Some(user), Some(password)) = (text("username"), text("password")) {
        return Ok(Some(Credentials::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        }));
    }
    let Some(auth) = text("auth") else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(auth).context("`auth` is not base64")?;
    let decoded = String::from_utf8(decoded).context("`auth` is not text")?;
    let (user, password) = decoded
        .split_once(':')
        .context("`auth` has no ':' between user and password")?;
    let password = password.trim_end_matches('\0').to_owned();
    Ok(Some(Credentials::Password {
        user: user.to_owned(),
        password,
    }))
}

/// Asks `docker-credential-HELPER`. One that does not know the registry says so on its standard output and fails.
async fn ask(helper: &str, key: &str) -> anyhow::Result<Option<Credentials>> {
    ensure!(
        Path::new(helper).components().count() == 1,
        "the helper {helper:?} is no program's name"
    );
    let program = format!("docker-credential-{helper}");
    let mut child = tokio::process::Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot run {program}: install it, or log in without a helper"))?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that ended already tells why on its output.
        let _ = input.write_all(key.as_bytes()).await;
    }
    let output = tokio::time::timeout(HELPER, child.wait_with_output())
        .await
        .with_context(|| format!("{program} did not answer within {}s", HELPER.as_secs()))??;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(words.contains("not found"), "{program} failed: {words}");
        return Ok(None);
    }
    let answer: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{program} answered no JSON"))?;
    let text = |name: &str| {
        answer
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (user, secret) = (text("Username"), text("Secret"));
    Ok(Some(match user.as_str() {
        TOKEN_USER => Credentials::Identity(secret),
        _ => Credentials::Password {
            user,
            password: secret,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(stored: &Value, name: &str) -> Option<Credentials> {
        let keys = keys(&name.parse().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(in_file(stored, &keys)).unwrap()
    }

    fn password(user: &str, password: &str) -> Option<Credentials> {
        Some(Credentials::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    #[test]
    fn the_most_specific_login_is_taken() {
        let stored = json!({ "auths": {
            "quay.io": { "auth": STANDARD.encode("all:1") },
            "quay.io/me": { "auth": STANDARD.encode("me:a:b") },
            "https://index.docker.io/v1/": { "username": "hub", "password": "3" },
            "registry:5000": { "identitytoken": "t" },
            "empty.example.org": {},
        }});
        assert_eq!(found(&stored, "quay.io/you/x"), password("all", "1"));
        assert_eq!(found(&stored, "quay.io/me/x"), password("me", "a:b"));
        assert_eq!(found(&stored, "me/x"), password("hub", "3"));
        assert_eq!(
            found(&stored, "registry:5000/x"),
            Some(Credentials::Identity("t".to_owned()))
        );
        assert_eq!(found(&stored, "empty.example.org/x"), None);
        assert_eq!(found(&stored, "other.example.org/x"), None);
    }

    #[test]
    fn a_helper_is_a_program_of_plain_name() {
        let stored = json!({ "credHelpers": { "quay.io": "../x" } });
        let keys = keys(&"quay.io/a".parse().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        assert!(runtime.block_on(in_file(&stored, &keys)).is_err());
    }
}
