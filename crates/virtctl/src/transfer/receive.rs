//! Reading the body of an answer.

use std::io::Write;

use anyhow::Context;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::PAUSE;

/// A small body as a whole; an error when it is larger than `limit` bytes.
pub(crate) async fn read_all(mut body: Incoming, limit: usize) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(frame) = next(&mut body).await? {
        anyhow::ensure!(
            all.len() + frame.len() <= limit,
            "the answer is longer than {limit} bytes"
        );
        all.extend_from_slice(&frame);
    }
    Ok(all)
}

/// Writes a body of any length to `output`, and calls `progress` with the size of each part. Returns the sum.
pub(crate) async fn stream_into(
    mut body: Incoming,
    output: &mut (dyn Write + Send),
    mut progress: impl FnMut(u64),
) -> anyhow::Result<u64> {
    let mut sum = 0;
    while let Some(frame) = next(&mut body).await? {
        output
            .write_all(&frame)
            .context("cannot write what was received")?;
        let count = frame.len() as u64;
        sum += count;
        progress(count);
    }
    output.flush().context("cannot write what was received")?;
    Ok(sum)
}

async fn next(body: &mut Incoming) -> anyhow::Result<Option<hyper::body::Bytes>> {
    loop {
        let frame = tokio::time::timeout(PAUSE, body.frame())
            .await
            .with_context(|| format!("the server sends nothing since {}s", PAUSE.as_secs()))?;
        match frame {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(data) = frame
                    .context("the connection broke while receiving")?
                    .into_data()
                {
                    return Ok(Some(data));
                }
            }
        }
    }
}
