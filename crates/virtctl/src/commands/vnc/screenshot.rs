//! `vnc screenshot`: a picture of the display.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{ArgAction, Args};
use http::{Request, StatusCode};
use kube::Client;
use kube::client::Body;

use crate::cli::Connection;
use crate::{client, subresource, websocket};

/// How long a picture may take to be made and sent.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What every PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// `virtctl vnc screenshot`.
#[derive(Debug, Args)]
pub(crate) struct Screenshot {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    pub(crate) name: String,
    /// Where to save the picture; - is standard output.
    #[arg(short, long)]
    pub(crate) file: PathBuf,
    /// Move the mouse pointer a little first, to wake the screen.
    #[arg(short, long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) move_cursor: bool,
}

pub(super) async fn run(flags: &Connection, arguments: &Screenshot) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let path = subresource::path(
        &cluster.namespace,
        "virtualmachineinstances",
        &arguments.name,
        "vnc/screenshot",
    )?;
    let picture = take(&cluster.client, &path, arguments.move_cursor).await?;
    if arguments.file.as_os_str() == "-" {
        let mut output = std::io::stdout();
        let written = output.write_all(&picture).and_then(|()| output.flush());
        return written.context("cannot write to the standard output");
    }
    std::fs::write(&arguments.file, &picture)
        .with_context(|| format!("cannot write {}", arguments.file.display()))
}

async fn take(client: &Client, path: &str, move_cursor: bool) -> anyhow::Result<Vec<u8>> {
    let request = Request::get(format!("{path}?moveCursor={move_cursor}")).body(Body::empty())?;
    let answer = async {
        let response = client.send(request).await.map_err(subresource::plain)?;
        let status = response.status();
        let body = response.into_body().collect_bytes().await?;
        anyhow::Ok((status, body))
    };
    let (status, body) = tokio::time::timeout(TIMEOUT, answer)
        .await
        .with_context(|| format!("no picture within {}s", TIMEOUT.as_secs()))??;
    if status != StatusCode::OK {
        bail!("{}", websocket::message(status, &body));
    }
    if !body.starts_with(PNG) {
        bail!("the server's answer is no PNG picture");
    }
    Ok(body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::testing::{Server, Step};

    #[tokio::test]
    async fn a_refusal_is_told_and_what_is_no_picture_is_not_saved() {
        let server = Server::start([
            Step::refuse(400, "the machine has no graphics device"),
            Step::Answer(200, "<html>".to_owned()),
        ])
        .await;
        let client = &server.cluster.client;
        let error = take(client, "/vnc/screenshot", true).await.unwrap_err();
        assert_eq!(error.to_string(), "the machine has no graphics device");
        let error = take(client, "/vnc/screenshot", false).await.unwrap_err();
        assert!(error.to_string().contains("no PNG"), "{error}");
        let asked = [
            "/vnc/screenshot?moveCursor=true",
            "/vnc/screenshot?moveCursor=false",
        ];
        assert_eq!(server.asked(), asked);
    }
}
