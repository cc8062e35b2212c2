//! How a registry asks who calls (`WWW-Authenticate`), and getting the token that it wants.

use anyhow::{Context, ensure};
use http::{Request, Uri, header};
use serde_json::Value;

use super::credentials::Credentials;
use crate::transfer::{Http, read_all};

const MOST: usize = 1 << 20;

/// What a registry wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password.
    Basic,
    /// A token.
    Bearer(Bearer),
}

/// Where to get a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    realm: String,
    service: Option<String>,
}

impl Challenge {
    /// Reads the header; `None` when the scheme is another one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let value = |key: &str| parameter(rest, key);
        Some(Self::Bearer(Bearer {
            realm: value("realm")?,
            service: value("service"),
        }))
    }
}

/// The value of `key="value"` in a list divided by commas.
fn parameter(list: &str, key: &str) -> Option<String> {
    let mut rest = list;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name
            .trim()
            .trim_start_matches(',')
            .trim()
            .eq_ignore_ascii_case(key)
        {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
    None
}

impl Bearer {
    /// A token to push to a repository.
    pub(super) async fn token(
        &self,
        http: &Http,
        repository: &str,
        credentials: Option<&Credentials>,
    ) -> anyhow::Result<String> {
        let scope = format!("repository:{repository}:pull,push");
        let request = match credentials {
            Some(Credentials::Identity(token)) => self.exchange(token, &scope)?,
            other => self.ask(other, &scope)?,
        };
        let answer = http
            .call(request)
            .await
            .context("cannot get a token for the registry")?;
        let status = answer.status();
        let text = read_all(answer.into_body(), MOST).await?;
        ensure!(
            status.is_success(),
            "{} gives no token to push to {repository}: {status}: log in to the registry first",
            self.realm
        );
        let value: Value =
            serde_json::from_slice(&text).context("the registry's token is no JSON")?;
        ["token", "access_token"]
            .into_iter()
            .find_map(|key| value.get(key).and_then(Value::as_str))
            .map(str::to_owned)
            .with_context(|| format!("{} answered without a token", self.realm))
    }

    fn ask(
        &self,
        credentials: Option<&Credentials>,
        scope: &str,
    ) -> anyhow::Result<Request<Vec<u8>>> {
        let separator = if self.realm.contains('?') { '&' } else { '?' };
        let mut url = format!("{}{separator}scope={}", self.realm, encoded(scope));
        if let Some(service) = &self.service {
            url.push_str(&format!("&service={}", encoded(service)));
        }
        let uri: Uri = url
            .parse()
            .with_context(|| format!("the registry's realm {:?} is no URL", self.realm))?;
        let mut request = Request::get(uri);
        if let Some(credentials) = credentials {
            request = request.header(header::AUTHORIZATION, credentials.basic());
        }
        Ok(request.body(Vec::new())?)
    }

    /// An identity token is exchanged as OAuth 2 exchanges a refresh token.
    fn exchange(&self, token: &str, scope: &str) -> anyhow::Result<Request<Vec<u8>>> {
        let service = self.service.as_deref().unwrap_or_default();
        let form = format!(
            "grant_type=refresh_token&client_id=virtctl&service={}&scope={}&refresh_token={}",
            encoded(service),
            encoded(scope),
            encoded(token)
        );
        Ok(Request::post(&self.realm)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::CONTENT_LENGTH, form.len())
            .body(form.into_bytes())?)
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                all.push(byte.into())
            }
            _ => all.push_str(&format!("%{byte:02X}")),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        assert_eq!(
            Challenge::parse("Basic realm=\"x\""),
            Some(Challenge::Basic)
        );
        assert_eq!(Challenge::parse("Negotiate"), None);
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer(Bearer {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
            }))
        };
        assert_eq!(
            Challenge::parse(
                r#"Bearer realm="https://auth.example.org/token",service="registry",scope="repository:a:pull,push""#
            ),
            bearer("https://auth.example.org/token", Some("registry"))
        );
        assert_eq!(
            Challenge::parse("bearer realm=https://a, x=y"),
            bearer("https://a", None)
        );
        assert_eq!(Challenge::parse("Bearer service=\"x\""), None);
    }

    #[test]
    fn what_is_put_into_a_url_is_encoded() {
        assert_eq!(encoded("a/b:c,d e"), "a%2Fb%3Ac%2Cd%20e");
    }
}
