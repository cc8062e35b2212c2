//! Pushing to a registry, as the OCI distribution specification has it.

mod challenge;
mod credentials;

use std::fmt;

use anyhow::{Context, bail, ensure};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;

use self::challenge::Challenge;
use self::credentials::Credentials;
use super::manifest::Made;
use super::reference::Reference;
use crate::transfer::{Http, Outgoing, PAUSE, Pulse, Trust, read_all, server};

/// Answers of a registry are short, except for blobs, which are not read here.
const MOST: usize = 1 << 20;

/// How the registry may be spoken to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    /// Any certificate, and HTTP when there is no TLS.
    pub(super) insecure: bool,
    /// HTTP only.
    pub(super) plain: bool,
}

/// The registry knows the user and does not let them: to try again would not help.
#[derive(Debug)]
pub(super) struct Denied(String);

impl fmt::Display for Denied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Denied {}

/// A repository of a registry.
pub(super) struct Registry {
    http: Http,
    /// `https://host:port`.
    base: String,
    reference: Reference,
    credentials: Option<Credentials>,
    authorization: Option<HeaderValue>,
}

impl Registry {
    /// Finds out how to speak to the registry. Nothing is pushed yet.
    pub(super) async fn connect(reference: &Reference, access: Access) -> anyhow::Result<Self> {
        let trust = Trust {
            insecure: access.insecure,
            ..Trust::default()
        };
        let mut registry = Self {
            http: Http::new(&trust)?,
            base: String::new(),
            reference: reference.clone(),
            credentials: credentials::find(reference).await?,
            authorization: None,
        };
        let schemes: &[&str] = match access {
            Access { plain: true, .. } => &["http"],
            Access { insecure: true, .. } => &["https", "http"],
            _ => &["https"],
        };
        let mut failure = None;
        for scheme in schemes {
            registry.base = format!("{scheme}://{}", reference.host());
            let ping = registry.request(Method::GET, &format!("{}/v2/", registry.base))?;
            match registry.http.call(ping).await {
                Ok(answer) if answer.status() == StatusCode::NOT_FOUND => {
                    bail!(
                        "{} is no image registry: it does not know /v2/",
                        registry.base
                    )
                }
                Ok(_) => return Ok(registry),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let failure = failure.unwrap_or_else(|| anyhow::anyhow!("no way to the registry"));
        Err(failure.context("cannot reach the registry (--plain-http is for one without TLS)"))
    }

    /// Where a blob is to be sent to.
    pub(super) async fn begin_upload(&mut self) -> anyhow::Result<Uri> {
        let url = self.url("blobs/uploads/");
        let answer = self.call(Method::POST, &url, None, &[]).await?;
        let answer = self
            .expect(answer, StatusCode::ACCEPTED, "begin the upload")
            .await?;
        self.location(&answer)
    }

    /// Sends a blob whose digest is not known yet. Returns where to end the upload.
    pub(super) async fn stream(
        &self,
        location: &Uri,
        body: Outgoing,
        pulse: &Pulse,
    ) -> anyhow::Result<Uri> {
        let mut request = Request::patch(location.clone())
            .header(header::CONTENT_TYPE, "application/octet-stream");
        if let Some(value) = self.authorization_for(location) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let answer = self.http.send(request.body(body)?, pulse, PAUSE).await?;
        // 202 as specified; some answer 204 or 201.
        ensure_success(self, answer, "take the layer")
            .await
            .and_then(|answer| self.location(&answer))
    }

    /// Makes what was sent a blob.
    pub(super) async fn end_upload(&mut self, location: &Uri, digest: &str) -> anyhow::Result<()> {
        let url = with_digest(location, digest);
        let answer = self.call(Method::PUT, &url, None, &[]).await?;
        self.expect(answer, StatusCode::CREATED, "store the layer")
            .await
            .map(drop)
    }

    /// Stores a small blob, unless it is there.
    pub(super) async fn put_blob(&mut self, digest: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let url = self.url(&format!("blobs/{digest}"));
        if self.call(Method::HEAD, &url, None, &[]).await?.status() == StatusCode::OK {
            return Ok(());
        }
        let location = self.begin_upload().await?;
        let url = with_digest(&location, digest);
        let kind = Some("application/octet-stream");
        let answer = self.call(Method::PUT, &url, kind, bytes).await?;
        self.expect(answer, StatusCode::CREATED, "store the configuration")
            .await
            .map(drop)
    }

    /// Stores the manifest under a tag.
    pub(super) async fn put_manifest(
        &mut self,
        tag: &str,
        kind: &str,
        made: &Made,
    ) -> anyhow::Result<()> {
        let url = self.url(&format!("manifests/{tag}"));
        let answer = self
            .call(Method::PUT, &url, Some(kind), &made.manifest)
            .await?;
        let answer = self
            .expect(answer, StatusCode::CREATED, "store the manifest")
            .await?;
        let stored = answer
            .headers()
            .get("docker-content-digest")
            .and_then(|value| value.to_str().ok());
        ensure!(
            stored.is_none_or(|digest| digest == made.digest),
            "the registry stored the manifest as {}, not as {}",
            stored.unwrap_or_default(),
            made.digest
        );
        Ok(())
    }

    fn url(&self, tail: &str) -> String {
        format!("{}/v2/{}/{tail}", self.base, self.reference.repository)
    }

    fn request(&self, method: Method, url: &str) -> anyhow::Result<Request<Vec<u8>>> {
        Ok(Request::builder()
            .method(method)
            .uri(url)
            .body(Vec::new())?)
    }

    /// A call with a small body; when the registry wants to know who calls, that is told and the call repeated once.
    async fn call(
        &mut self,
        method: Method,
        url: &str,
        kind: Option<&str>,
        body: &[u8],
    ) -> anyhow::Result<Response<Incoming>> {
        let uri: Uri = url
            .parse()
            .with_context(|| format!("the registry gave {url:?}, which is no URL"))?;
        for attempt in 0..2 {
            let mut request = Request::builder().method(method.clone()).uri(uri.clone());
            if method != Method::HEAD {
                request = request.header(header::CONTENT_LENGTH, body.len());
            }
            if let Some(kind) = kind {
                request = request.header(header::CONTENT_TYPE, kind);
            }
            if let Some(value) = self.authorization_for(&uri) {
                request = request.header(header::AUTHORIZATION, value);
            }
            let answer = self.http.call(request.body(body.to_vec())?).await?;
            if answer.status() != StatusCode::UNAUTHORIZED || attempt > 0 {
                return Ok(answer);
            }
            self.authorization = Some(self.authorize(&answer).await?);
        }
        bail!("{} asks again and again who calls", server(&uri))
    }

    async fn authorize(&self, answer: &Response<Incoming>) -> anyhow::Result<HeaderValue> {
        let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE);
        let challenge = challenges
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(Challenge::parse)
            .context("the registry asks for a kind of authentication that is not known")?;
        let value = match (challenge, &self.credentials) {
            (Challenge::Basic, Some(credentials)) => credentials.basic(),
            (Challenge::Basic, None) => return Err(self.denied("it wants a user and a password")),
            (Challenge::Bearer(bearer), credentials) => {
                let repository = &self.reference.repository;
                format!(
                    "Bearer {}",
                    bearer
                        .token(&self.http, repository, credentials.as_ref())
                        .await?
                )
            }
        };
        let mut value =
            HeaderValue::from_str(&value).context("the registry's token is not plain text")?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What to send along to `uri`: only the registry itself is told who calls, not where it sends the data to.
    fn authorization_for(&self, uri: &Uri) -> Option<&HeaderValue> {
        let ours = self.base.parse::<Uri>().ok()?;
        let same = ours.scheme() == uri.scheme() && ours.authority() == uri.authority();
        self.authorization.as_ref().filter(|_| same)
    }

    fn denied(&self, why: &str) -> anyhow::Error {
        let registry = &self.reference.registry;
        let known = if self.credentials.is_some() {
            "the stored login may not push there"
        } else {
            "no login is stored"
        };
        Denied(format!(
            "the registry {registry} refuses to take {}: {why} ({known}): log in with `docker login {registry}` or `skopeo login {registry}`",
            self.reference
        ))
        .into()
    }

    async fn expect(
        &self,
        answer: Response<Incoming>,
        status: StatusCode,
        what: &str,
    ) -> anyhow::Result<Response<()>> {
        let got = answer.status();
        let answer = ensure_success(self, answer, what).await?;
        ensure!(
            got == status,
            "the registry did not {what}: it answered {got} instead of {status}"
        );
        Ok(answer)
    }

    /// Where the registry wants the upload to go on, maybe relative to itself.
    fn location(&self, answer: &Response<()>) -> anyhow::Result<Uri> {
        let text = answer
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        let text =
            text.context("the registry does not say where the upload goes on (no Location)")?;
        let url = if text.starts_with('/') {
            format!("{}{text}", self.base)
        } else {
            text.to_owned()
        };
        url.parse()
            .with_context(|| format!("the registry gave {text:?}, which is no URL"))
    }
}

async fn ensure_success(
    registry: &Registry,
    answer: Response<Incoming>,
    what: &str,
) -> anyhow::Result<Response<()>> {
    let (parts, body) = answer.into_parts();
    let text = read_all(body, MOST).await.unwrap_or_default();
    if parts.status.is_success() {
        return Ok(Response::from_parts(parts, ()));
    }
    let words = words(&text);
    if matches!(
        parts.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return Err(registry.denied(&words));
    }
    bail!(
        "the registry {} did not {what}: {}: {words}",
        registry.reference.registry,
        parts.status
    )
}

/// What a registry says of an error: its JSON, or whatever text there is.
fn words(text: &[u8]) -> String {
    let first = serde_json::from_slice::<serde_json::Value>(text)
        .ok()
        .and_then(|value| {
            let error = value.pointer("/errors/0")?;
            let part = |key| {
                error
                    .get(key)
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            Some(
                format!("{} {}", part("code"), part("message"))
                    .trim()
                    .to_owned(),
            )
        });
    first.unwrap_or_else(|| {
        String::from_utf8_lossy(text)
            .trim()
            .chars()
            .take(300)
            .collect()
    })
}

fn with_digest(location: &Uri, digest: &str) -> String {
    let separator = if location.query().is_some() { '&' } else { '?' };
    format!("{location}{separator}digest={digest}")
}

#[cfg(test)]
mod tests;
