//! `usbredir`: a USB device of this machine in the guest, by way of the `usbredirect` program.

use std::ffi::OsString;

use anyhow::{Context, bail};
use clap::{ArgAction, Args};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::cli::Connection;
use crate::signals::Signals;
use crate::websocket::{self, AfterEnd, Ended};
use crate::{client, process, subresource};

/// The program that speaks with the device.
const PROGRAM: &str = "usbredirect";
const REMEDY: &str = "install usbredir's tools, or use --no-launch with a client of your own";

/// Redirect a local USB device to a virtual machine instance.
#[derive(Debug, Args)]
pub(crate) struct Usbredir {
    /// The device, VENDOR:PRODUCT or BUS-DEVICE, and the VirtualMachineInstance; with --no-launch only the latter.
    #[arg(value_names = ["VENDOR:PRODUCT|BUS-DEVICE", "VMI"], num_args = 1..=2, required = true)]
    pub(crate) arguments: Vec<String>,
    /// Do not start usbredirect: print where a client can connect.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true)]
    pub(crate) no_launch: bool,
}

/// What the arguments say.
#[derive(Debug, PartialEq, Eq)]
struct Wish<'a> {
    /// None when the user starts the client.
    device: Option<&'a str>,
    name: &'a str,
}

impl Usbredir {
    fn wish(&self) -> anyhow::Result<Wish<'_>> {
        match (self.arguments.as_slice(), self.no_launch) {
            ([name], true) => Ok(Wish { device: None, name }),
            ([device, name], false) => {
                if !is_device(device) {
                    bail!(
                        "{device:?} is no USB device: use vendor:product in hexadecimal, such as 046d:c077, or bus-device, such as 01-02"
                    );
                }
                Ok(Wish {
                    device: Some(device),
                    name,
                })
            }
            (_, true) => {
                bail!("with --no-launch there is no device to name: give the machine only")
            }
            (_, false) => bail!(
                "a device and a machine are needed, such as 046d:c077 vm1; with --no-launch only the machine"
            ),
        }
    }
}

/// `vendor:product` in hexadecimal, or `bus-device` in decimal.
fn is_device(text: &str) -> bool {
    let both = |separator, longest: usize, digit: fn(&u8) -> bool| {
        text.split_once(separator).is_some_and(|(first, second)| {
            [first, second].iter().all(|part| {
                (1..=longest).contains(&part.len()) && part.as_bytes().iter().all(digit)
            })
        })
    };
    both(':', 4, u8::is_ascii_hexdigit) || both('-', 3, u8::is_ascii_digit)
}

/// `virtctl usbredir`.
pub(crate) async fn run(flags: &Connection, arguments: &Usbredir) -> anyhow::Result<()> {
    if cfg!(target_arch = "s390x") {
        bail!("usbredir is not available on s390x");
    }
    let wish = arguments.wish()?;
    let cluster = client::connect(flags).await?;
    let path = subresource::path(
        &cluster.namespace,
        "virtualmachineinstances",
        wish.name,
        "usbredir",
    )?;
    let mut signals = Signals::catch()?;
    let mut stream = websocket::connect(&cluster.client, &path).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("cannot listen on 127.0.0.1")?;
    let address = listener.local_addr()?.to_string();
    let mut client = match wish.device {
        Some(device) => {
            let mut command = Command::new(PROGRAM);
            command.args(launch(device, &address));
            Some(process::start(&mut command, REMEDY)?)
        }
        None => {
            println!("User can connect usbredir client at: {address}");
            None
        }
    };
    let serving = async {
        let (mut local, _) = listener.accept().await.context("no client came")?;
        // USB transfers are small and waited for.
        let _ = local.set_nodelay(true);
        let (mut from, mut to) = local.split();
        match websocket::relay(&mut stream, &mut from, &mut to, AfterEnd::Close).await {
            Ok(Ended::Remote(closing)) if !closing.regular() => {
                bail!("the connection was interrupted: {}", closing.reason)
            }
            // A client that resets its connection has left, too.
            Ok(_) | Err(_) => anyhow::Ok(()),
        }
    };
    let exit = async {
        match &mut client {
            Some(client) => client.wait().await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = serving => ended,
        status = exit => {
            let status = status.context("cannot wait for usbredirect")?;
            if status.success() { Ok(()) } else { Err(anyhow::anyhow!("{PROGRAM} failed: {status}")) }
        }
        error = signals.received() => Err(error),
    };
    if let Some(client) = &mut client {
        process::end(client).await;
    }
    ended
}

fn launch(device: &str, address: &str) -> [OsString; 4] {
    ["--device", device, "--to", address].map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(arguments: &[&str], no_launch: bool) -> anyhow::Result<String> {
        let arguments = Usbredir {
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            no_launch,
        };
        arguments
            .wish()
            .map(|wish| format!("{:?} {}", wish.device, wish.name))
    }

    #[test]
    fn a_device_is_named_by_its_numbers() {
        for good in ["046d:c077", "1:2", "01-02", "3-115"] {
            assert!(is_device(good), "{good}");
        }
        for wrong in [
            "",
            ":",
            "046d",
            "046d:c0771",
            "g:1",
            "1-",
            "1-a",
            "1:2:3",
            "--to",
        ] {
            assert!(!is_device(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_number_of_arguments_depends_on_the_launch() {
        assert_eq!(
            wish(&["01-02", "vm1"], false).unwrap(),
            "Some(\"01-02\") vm1"
        );
        assert_eq!(wish(&["vm1"], true).unwrap(), "None vm1");
        assert!(wish(&["vm1"], false).is_err());
        assert!(wish(&["01-02", "vm1"], true).is_err());
        assert!(wish(&["mouse", "vm1"], false).is_err());
    }
}
