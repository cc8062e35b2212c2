//! CDI's upload proxy: where it is, and sending it the data.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use http::{Method, Request, StatusCode, Uri, header};

use super::arguments::Plan;
use super::claim;
use crate::client::Cluster;
use crate::objects::text;
use crate::progress::{Measured, Progress};
use crate::transfer::{Http, Outgoing, Trust, read_all};

/// Answers at once; the data is processed afterwards.
const LATER: &str = "/v1beta1/upload-async";
/// Answers when the data is processed. What older proxies know.
const WAITING: &str = "/v1beta1/upload";
const STEP: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What an answer may take once the proxy has everything.
const ANSWER: Duration = Duration::from_secs(300);
const PROCESSED: Duration = Duration::from_secs(24 * 3600);

/// The proxy's URL, as given or as CDI's configuration says it, maybe after a while.
pub(super) async fn url(cluster: &Cluster, plan: &Plan) -> anyhow::Result<String> {
    let end = Instant::now() + plan.wait;
    let url = loop {
        if let Some(url) = &plan.proxy {
            break url.clone();
        }
        let config = claim::configuration(cluster).await?;
        let url = text(&config, "/status/uploadProxyURL");
        if !url.is_empty() {
            break url.to_owned();
        }
        ensure!(
            Instant::now() < end,
            "uploadproxy URL not found: give --uploadproxy-url, or make CDI's service cdi-uploadproxy known by an Ingress or Route"
        );
        tokio::time::sleep(STEP).await;
    };
    let url = if url.contains("://") {
        url
    } else {
        format!("https://{url}")
    };
    let url = url.trim_end_matches('/').to_owned();
    url.parse::<Uri>()
        .ok()
        .filter(|uri| uri.authority().is_some())
        .with_context(|| format!("the upload proxy's URL {url:?} is no URL"))?;
    Ok(url)
}

/// Sends the file. What the proxy cannot take now is tried again.
pub(super) async fn send(plan: &Plan, url: &str, token: &str) -> anyhow::Result<()> {
    let trust = Trust {
        insecure: plan.insecure,
        ..Trust::default()
    };
    let http = Http::new(&trust)?;
    let size = std::fs::metadata(&plan.file)
        .with_context(|| format!("cannot read {}", plan.file.display()))?
        .len();
    let progress = Progress::bytes("Uploading", Some(size));
    let mut left = plan.retry;
    let mut pause = STEP;
    loop {
        let failure = match once(&http, plan, url, token, size, &progress).await {
            Ok(()) => {
                progress.clear();
                return Ok(());
            }
            Err(Attempt::Final(error)) => {
                progress.clear();
                return Err(error);
            }
            Err(Attempt::Passing(error)) => error,
        };
        progress.reset();
        if left == 0 {
            progress.clear();
            return Err(failure);
        }
        left -= 1;
        eprintln!("{failure:#}; trying again in {}s", pause.as_secs());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

enum Attempt {
    /// Another try may succeed.
    Passing(anyhow::Error),
    Final(anyhow::Error),
}

async fn once(
    http: &Http,
    plan: &Plan,
    url: &str,
    token: &str,
    size: u64,
    progress: &Progress,
) -> Result<(), Attempt> {
    let later = knows_later(http, url, token)
        .await
        .map_err(Attempt::Passing)?;
    let (path, answer) = if later {
        (LATER, ANSWER)
    } else {
        (WAITING, PROCESSED)
    };
    let file = File::open(&plan.file)
        .with_context(|| format!("cannot read {}", plan.file.display()))
        .map_err(Attempt::Final)?;
    let mut file = Measured::new(file, progress.clone());
    let (mut writer, body, pulse) = Outgoing::channel();
    let request = Request::post(format!("{url}{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, size)
        .body(body)
        .map_err(|error| Attempt::Final(error.into()))?;
    // Dropped without `finish` after a failure, which breaks the request off.
    let reading = tokio::task::spawn_blocking(move || {
        let sent = io::copy(&mut file, &mut writer)?;
        writer.finish()?;
        io::Result::Ok(sent)
    });
    let sent = http.send(request, &pulse, answer).await;
    if let (Err(_), Ok(Ok(Err(error)))) = (&sent, tokio::time::timeout(STEP, reading).await)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let error = anyhow::Error::from(error);
        return Err(Attempt::Final(
            error.context(format!("cannot read {}", plan.file.display())),
        ));
    }
    let answer = sent.map_err(Attempt::Passing)?;
    let status = answer.status();
    let words = read_all(answer.into_body(), 64 << 10)
        .await
        .unwrap_or_default();
    if status == StatusCode::OK {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&words)
        .trim()
        .chars()
        .take(500)
        .collect::<String>();
    let error = anyhow::anyhow!("the upload proxy answered {status}: {words}");
    let passing = matches!(
        status,
        StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
    );
    Err(if passing {
        Attempt::Passing(error)
    } else {
        Attempt::Final(error)
    })
}

async fn knows_later(http: &Http, url: &str, token: &str) -> anyhow::Result<bool> {
    let request = Request::builder()
        .method(Method::HEAD)
        .uri(format!("{url}{LATER}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Vec::new())?;
    let status = http.call(request).await?.status();
    match status {
        StatusCode::NOT_FOUND => Ok(false),
        status if status.is_server_error() => bail!("the upload proxy answered {status}"),
        _ => Ok(true),
    }
}
