//! Streams of a guest: several at once, and how they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Context;
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace};

/// A virtctl that ends with the value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn two_consoles_see_and_type_and_are_told_when_the_machine_stops() -> anyhow::Result<()> {
    let namespace = Namespace::new("streams")?;
    namespace.apply(&Guest::new("vm1").grace(0).vm())?;
    let mut first = Console::open(&namespace, "vm1")?;
    first.log_in()?;
    let mut second = Console::open(&namespace, "vm1")?;
    second.prompt("# ")?;
    // What one types, both see; the quotes keep the typed line from looking like its answer.
    for (number, console) in [(1, &mut first), (2, &mut second)] {
        console.type_text(&format!("echo sa'id'-{number}\n"))?;
    }
    for number in [1, 2] {
        let said = format!("said-{number}");
        for console in [&mut first, &mut second] {
            if !console.shown().contains(&said) {
                console.expect(&said, STEP)?;
            }
        }
    }
    drop((first, second));

    let child = namespace
        .virtctl_command()
        .args(["console", "vm1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut third = Running(child);
    let errors = third.0.stderr.take().context("no standard error")?;
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
        .recv_timeout(STEP)
        .context("virtctl console said nothing")?;
    namespace.virtctl(&["stop", "vm1"])?.text()?;
    let mut told = Vec::new();
    while let Ok(line) = lines.recv_timeout(STEP) {
        told.push(line);
        if told.iter().any(|line| line.contains("stopped")) {
            return Ok(());
        }
    }
    anyhow::bail!("the console did not tell that the machine stopped, but: {told:?}")
}

/// A viewer of the display that asks for it alone (the shared flag of RFC 6143 is 0), as many do who do not think of it.
fn exclusive_viewer(port: u16) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))?;
    stream.set_read_timeout(Some(STEP))?;
    let mut greeting = [0; 12];
    stream.read_exact(&mut greeting)?;
    stream.write_all(b"RFB 003.008\n")?;
    let mut count = [0];
    stream.read_exact(&mut count)?;
    let mut kinds = vec![0; usize::from(count[0])];
    stream.read_exact(&mut kinds)?;
    anyhow::ensure!(kinds.contains(&1), "the display wants security {kinds:?}");
    stream.write_all(&[1])?;
    let mut result = [0; 4];
    stream.read_exact(&mut result)?;
    stream.write_all(&[0])?;
    let mut size = [0; 24];
    stream.read_exact(&mut size).context("no ServerInit")?;
    let mut name = vec![0; usize::try_from(u32::from_be_bytes(size[20..].try_into()?))?];
    stream.read_exact(&mut name)?;
    Ok(stream)
}

/// Asks for one pixel of the picture, and gets it.
fn looks(stream: &mut TcpStream) -> anyhow::Result<()> {
    stream.write_all(&[3, 0, 0, 0, 0, 0, 0, 1, 0, 1])?;
    let mut head = [0; 4];
    stream
        .read_exact(&mut head)
        .context("the viewer was turned out")
}

#[test]
fn a_viewer_that_asks_for_the_display_alone_turns_nobody_out() -> anyhow::Result<()> {
    let namespace = Namespace::new("display")?;
    namespace.apply(&Guest::new("vm1").grace(0).vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let child = namespace
        .virtctl_command()
        .args(["vnc", "vm1", "--proxy-only"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut proxy = Running(child);
    let output = proxy.0.stdout.take().context("no standard output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let told: serde_json::Value = serde_json::from_str(&line).with_context(|| line.clone())?;
    let port = told["port"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok());
    let port = port.context(line)?;
    let mut first = exclusive_viewer(port)?;
    let mut second = exclusive_viewer(port)?;
    std::thread::sleep(Duration::from_millis(500));
    looks(&mut first)?;
    looks(&mut second)
}
