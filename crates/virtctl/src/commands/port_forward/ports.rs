//! `[protocol/]localPort[:targetPort]`.

use anyhow::{Context, bail};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// One port to forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) protocol: Protocol,
    /// Where to listen; 0 is any free port.
    pub(super) local: u16,
    /// The guest's port.
    pub(super) target: u16,
}

impl Port {
    /// Reads a port of the command line.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (protocol, ports) = match text.split_once('/') {
            None => (Protocol::Tcp, text),
            Some((protocol, ports)) if protocol.eq_ignore_ascii_case("tcp") => {
                (Protocol::Tcp, ports)
            }
            Some((protocol, ports)) if protocol.eq_ignore_ascii_case("udp") => {
                (Protocol::Udp, ports)
            }
            Some((protocol, _)) => {
                bail!("{text:?}: the protocol {protocol:?} is unknown: use tcp or udp")
            }
        };
        let number = |number: &str| {
            number.parse::<u16>().with_context(|| {
                format!(
                    "{text:?}: {number:?} is not a port: use [protocol/]localPort[:targetPort] with numbers up to 65535"
                )
            })
        };
        let (local, target) = match ports.split_once(':') {
            Some((local, target)) => (number(local)?, number(target)?),
            None => (number(ports)?, number(ports)?),
        };
        if target == 0 {
            bail!("{text:?}: the target port must not be 0");
        }
        Ok(Self {
            protocol,
            local,
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Protocol, u16, u16) {
        let port = Port::parse(text).unwrap();
        (port.protocol, port.local, port.target)
    }

    #[test]
    fn tcp_and_the_same_port_are_the_default() {
        assert_eq!(parsed("80"), (Protocol::Tcp, 80, 80));
        assert_eq!(parsed("8080:80"), (Protocol::Tcp, 8080, 80));
        assert_eq!(parsed("tcp/0:80"), (Protocol::Tcp, 0, 80));
        assert_eq!(parsed("UDP/53"), (Protocol::Udp, 53, 53));
    }

    #[test]
    fn what_is_no_port_is_refused() {
        for wrong in [
            "", "a", "80:", ":80", "80:80:80", "65536", "0", "-1", "sctp/80", "80/tcp",
        ] {
            assert!(Port::parse(wrong).is_err(), "{wrong}");
        }
    }
}
