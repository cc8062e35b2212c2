//! Ways into a guest: display, ports, SSH, and the terminal that the console leaves behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use kubevirt_tests::kubectl::{kubeconfig, run_with_input, virtctl_path};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Guest, Namespace, http, within};

/// A virtctl that serves until the value goes.
struct Serving {
    child: Child,
    /// The first line that it said where it was asked to.
    line: String,
}

impl Serving {
    /// Starts virtctl and waits for a line of its standard output, or of its standard error.
    fn start(namespace: &Namespace, arguments: &[&str], errors: bool) -> anyhow::Result<Self> {
        let mut command = namespace.virtctl_command();
        command.args(arguments).stdin(Stdio::null());
        if errors {
            command.stderr(Stdio::piped());
        } else {
            command.stdout(Stdio::piped());
        }
        let mut child = command.spawn().context("cannot run virtctl")?;
        let stream: Box<dyn Read + Send> = match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), None) => Box::new(stdout),
            (_, Some(stderr)) => Box::new(stderr),
            (None, None) => anyhow::bail!("there is no stream to read"),
        };
        let (sender, received) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            // The rest is read, too, so that virtctl never waits for us.
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                eprintln!("virtctl: {line}");
                let _ = sender.send(line);
            }
        });
        let line = received.recv_timeout(STEP);
        let mut serving = Self {
            child,
            line: String::new(),
        };
        serving.line = line.with_context(|| format!("virtctl {arguments:?} said nothing"))?;
        Ok(serving)
    }

    /// Waits until virtctl has ended by itself.
    fn ended(&mut self) -> anyhow::Result<bool> {
        let mut status = None;
        within(STEP, "the end of virtctl", || {
            status = self.child.try_wait()?;
            Ok(status.is_some())
        })?;
        Ok(status.is_some_and(|status| status.success()))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects to the display and reads its greeting.
fn viewer(port: u16) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))?;
    stream.set_read_timeout(Some(STEP))?;
    let mut greeting = [0; 12];
    stream
        .read_exact(&mut greeting)
        .context("no greeting of the display")?;
    anyhow::ensure!(
        &greeting == b"RFB 003.008\n",
        "the display greets with {:?}",
        String::from_utf8_lossy(&greeting)
    );
    Ok(stream)
}

/// The port in `forwarding tcp 127.0.0.1:PORT to ...`.
fn local_port(line: &str) -> anyhow::Result<u16> {
    let address = line.split(' ').nth(2).context("no address in the line")?;
    let address: SocketAddr = address.parse().with_context(|| line.to_owned())?;
    Ok(address.port())
}

#[test]
fn a_display_greets_several_viewers_through_one_port() -> anyhow::Result<()> {
    let namespace = Namespace::new("vnc")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let mut proxy = Serving::start(&namespace, &["vnc", "vm1", "--proxy-only"], false)?;
    let told: serde_json::Value = serde_json::from_str(&proxy.line)?;
    let port = told["port"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok());
    let port = port.with_context(|| proxy.line.clone())?;
    assert_eq!(proxy.line, format!("{{\"port\":{port}}}"));
    let mut first = viewer(port)?;
    let second = viewer(port)?;
    // The first goes on beside the second: the display answers its version with what it offers for security.
    first.write_all(b"RFB 003.008\n")?;
    let mut offers = [0; 1];
    first.read_exact(&mut offers)?;
    assert!(offers[0] > 0);
    drop((first, second));
    assert!(
        proxy.ended()?,
        "virtctl vnc failed when its viewers had left"
    );
    Ok(())
}

#[test]
fn pictures_of_the_display_change_while_the_guest_boots() -> anyhow::Result<()> {
    let namespace = Namespace::new("screenshot")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let picture = || -> anyhow::Result<Vec<u8>> {
        let output = namespace
            .virtctl_command()
            .args(["vnc", "screenshot", "vm1", "-f", "-"])
            .output()?;
        anyhow::ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        anyhow::ensure!(
            output.stdout.starts_with(b"\x89PNG\r\n\x1a\n"),
            "this is no PNG"
        );
        Ok(output.stdout)
    };
    let first = picture()?;
    within(BOOT, "another picture of the display", || {
        Ok(picture()? != first)
    })
}

#[test]
fn ports_lead_to_the_guests_web_server() -> anyhow::Result<()> {
    let namespace = Namespace::new("forward")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let forward = Serving::start(&namespace, &["port-forward", "vm/vm1", "0:80"], true)?;
    let port = local_port(&forward.line)?;
    // The connections that fail while the guest boots do not end it.
    within(
        BOOT,
        "the guest's web page through a forwarded port",
        || Ok(http::get("127.0.0.1", port)?.contains("vm1")),
    )?;
    let target = format!("vmi/vm1/{}", namespace.name());
    let page = run_with_input(
        &mut namespace.virtctl_command(),
        &["port-forward", "--stdio=true", &target, "80"],
        "GET / HTTP/1.0\r\n\r\n",
    )?;
    let page = page.text()?;
    assert!(
        page.starts_with("HTTP/1.") && page.contains("vm1"),
        "{page}"
    );
    // Nobody listens there, which is told in words.
    let refused = namespace.virtctl(&["port-forward", "--stdio", &target, "81"])?;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    assert!(refused.stderr.contains("port 81"), "{}", refused.stderr);
    // The guest has no SSH server: ssh ends, and does not hang.
    let options = ["-o BatchMode=yes", "-o StrictHostKeyChecking=no"];
    let ssh = namespace.virtctl(&[
        "ssh",
        "root@vm/vm1",
        "-t",
        options[0],
        "-t",
        options[1],
        "-c",
        "true",
    ])?;
    assert_eq!(ssh.code, Some(1));
    assert!(ssh.stderr.contains("port 22"), "{}", ssh.stderr);
    Ok(())
}

#[test]
fn the_terminal_is_as_before_after_a_signal() -> anyhow::Result<()> {
    let namespace = Namespace::new("signal")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    // script(1) gives a terminal; the shell in it tells the terminal's settings after virtctl was ended.
    let line = format!(
        "{} -n {} console vm1 2>&1 & pid=$!; sleep 3; kill -TERM $pid; wait $pid; echo status=$?; stty -a",
        virtctl_path().display(),
        namespace.name()
    );
    // A job of a shell without job control reads /dev/null: virtctl needs the terminal.
    let line = line.replace("vm1 2>&1", "vm1 </dev/tty 2>&1");
    let output = Command::new("script")
        .args(["-qfec", &line, "/dev/null"])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("status=1"), "{told}");
    assert!(
        told.contains(" icanon") && told.contains(" echo "),
        "{told}"
    );
    Ok(())
}
