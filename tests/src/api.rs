//! The Kubernetes API as plain HTTP, by way of `kubectl proxy`: for what kubectl itself does not show, such as codes and
//! headers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::kubectl::kubectl;

/// Longest wait for more of an answer.
const LIMIT: Duration = Duration::from_secs(30);
/// Largest answer.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A running `kubectl proxy`, which ends with this.
#[derive(Debug)]
pub struct Api {
    proxy: Child,
    address: SocketAddr,
}

/// What the API answered.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub code: u16,
    /// The lines of the head, as they came.
    pub head: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Api {
    /// Starts the proxy on a free port of loopback.
    ///
    /// # Errors
    /// It does not start or does not say where it listens.
    pub fn start() -> anyhow::Result<Self> {
        let mut proxy = kubectl()
            .args(["proxy", "--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run kubectl proxy")?;
        let mut line = String::new();
        let output = proxy.stdout.take().context("no standard output")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let address = address
            .parse()
            .with_context(|| format!("kubectl proxy said {line:?}"))?;
        Ok(Self { proxy, address })
    }

    /// Asks for a path with a method and a body.
    ///
    /// # Errors
    /// There is no answer.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Reply> {
        let mut stream = TcpStream::connect_timeout(&self.address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LARGEST).read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.with_context(|| format!("{method} {path}: no HTTP came"))?;
        let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).into_owned();
        let head: Vec<String> = head.lines().map(str::to_owned).collect();
        let code = head.first().and_then(|line| line.split(' ').nth(1));
        Ok(Reply {
            code: code.context("no status line")?.parse()?,
            body: answer.get(end + 4..).unwrap_or_default().to_vec(),
            head,
        })
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.proxy.kill();
        let _ = self.proxy.wait();
    }
}

impl Reply {
    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.head.iter().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("no JSON: {}", self.text()))
    }
}
