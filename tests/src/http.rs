//! The least HTTP that shows that a server answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context;

const LIMIT: Duration = Duration::from_secs(5);
const LARGEST: u64 = 64 * 1024;

/// GETs `/` and returns the whole answer.
pub fn get(address: &str, port: u16) -> anyhow::Result<String> {
    let address: SocketAddr = format!("{address}:{port}").parse().context("no address")?;
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)
        .with_context(|| format!("cannot connect to {address}"))?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LARGEST).read_to_string(&mut answer)?;
    Ok(answer)
}
