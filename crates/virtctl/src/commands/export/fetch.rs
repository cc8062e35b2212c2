//! Reading from the export server.

use std::time::Duration;

use anyhow::Context;
use http::{Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;

use super::arguments::ManifestFormat;
use super::links::Link;
use super::output::Output;
use crate::progress::Progress;
use crate::transfer::{Http, Trust, read_all, stream_into};

const TOKEN: &str = "x-kubevirt-export-token";
const PAUSE: Duration = Duration::from_secs(2);
/// A manifest with all its objects.
const MOST: usize = 64 << 20;

/// How the export server is reached.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Certificates to trust, in PEM.
    pub(super) roots: Option<String>,
    pub(super) insecure: bool,
    /// HOST[:PORT] to connect to instead of the link's own; the certificate is still checked against the link's host.
    pub(super) instead: Option<String>,
    pub(super) token: String,
    /// How often a failure is followed by another try.
    pub(super) retry: u32,
}

impl Server {
    /// A client for the server of `url`, and where to send the request to.
    fn client(&self, url: &str) -> anyhow::Result<(Http, Uri)> {
        let uri: Uri = url
            .parse()
            .with_context(|| format!("the export's link {url:?} is no URL"))?;
        let mut trust = Trust {
            insecure: self.insecure,
            roots: self.roots.clone(),
            server_name: None,
        };
        let Some(instead) = &self.instead else {
            return Ok((Http::new(&trust)?, uri));
        };
        trust.server_name = uri.host().map(str::to_owned);
        let instead = instead
            .split_once("://")
            .map_or(instead.as_str(), |(_, rest)| rest)
            .trim_end_matches('/');
        let mut parts = uri.into_parts();
        parts.authority = Some(
            instead
                .parse()
                .with_context(|| format!("{instead:?} is not HOST[:PORT]"))?,
        );
        Ok((Http::new(&trust)?, Uri::from_parts(parts)?))
    }

    async fn get(&self, url: &str, accept: Option<&str>) -> anyhow::Result<Response<Incoming>> {
        let (http, uri) = self.client(url)?;
        let mut request = Request::get(uri).header(TOKEN, &self.token);
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, accept);
        }
        let answer = http.call(request.body(Vec::new())?).await?;
        let status = answer.status();
        anyhow::ensure!(status == StatusCode::OK, "Bad status: {status}");
        Ok(answer)
    }
}

/// Downloads a volume.
pub(super) async fn file(server: &Server, link: &Link, output: &str) -> anyhow::Result<()> {
    let mut left = server.retry;
    loop {
        match once(server, link, output).await {
            Ok(()) => return Ok(()),
            // What was printed cannot be taken back.
            Err(error) if left > 0 && output != "-" => {
                left -= 1;
                eprintln!("{error:#}\nRetrying...");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn once(server: &Server, link: &Link, output: &str) -> anyhow::Result<()> {
    let answer = server.get(&link.url, None).await?;
    let total = answer.headers().get(header::CONTENT_LENGTH);
    let total = total
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let mut file = Output::open(output)?;
    if link.unpack {
        file = file.unpacking();
    }
    let progress = Progress::bytes("Downloading", total);
    let received = stream_into(answer.into_body(), file.writer(), |count| {
        progress.add(count)
    })
    .await;
    progress.clear();
    received?;
    file.finish()
}

/// Downloads manifests, one after the other into one file.
pub(super) async fn manifests(
    server: &Server,
    urls: &[String],
    format: ManifestFormat,
    output: &str,
) -> anyhow::Result<()> {
    let accept = match format {
        ManifestFormat::Yaml => "application/yaml",
        ManifestFormat::Json => "application/json",
    };
    let mut all = Vec::new();
    for url in urls {
        let mut left = server.retry;
        let answer = loop {
            match server.get(url, Some(accept)).await {
                Ok(answer) => break answer,
                Err(error) if left > 0 => {
                    left -= 1;
                    eprintln!("{error:#}\nRetrying...");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        };
        all.extend(read_all(answer.into_body(), MOST).await?);
    }
    let mut file = Output::open(output)?;
    file.writer()
        .write_all(&all)
        .context("cannot write the manifest")?;
    file.finish()
}
