//! What parts of a path may look like. Nothing is decoded, folded or cleaned up.

/// How a port of a guest is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// The port that a request to forward one names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    /// 1 to 65535.
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
}

/// Reads the port and, if there is one, the protocol. The message otherwise.
pub(super) fn forward(port: &str, protocol: Option<&str>) -> Result<Forward, String> {
    // Only one way to write a number, so that what is logged and what is done look alike.
    let digits =
        !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let number = port.parse::<u16>().ok();
    let port = match number.filter(|number| digits && *number > 0 && !port.starts_with('0')) {
        Some(number) => number,
        None => {
            return Err(format!(
                "port {port:?} is none: give a number from 1 to 65535"
            ));
        }
    };
    let protocol = match protocol {
        None | Some("tcp") => Protocol::Tcp,
        Some("udp") => Protocol::Udp,
        Some(other) => {
            return Err(format!(
                "protocol {other:?} is not supported: give tcp or udp"
            ));
        }
    };
    Ok(Forward { port, protocol })
}

/// An RFC 1123 label: what a namespace's name is.
pub(super) fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= 63
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

/// An RFC 1123 subdomain: what an object's name is. Its labels may be longer than 63 characters, as in Kubernetes.
pub(super) fn is_subdomain(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 253
        && text.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().copied().is_some_and(alphanumeric)
                && bytes.last().copied().is_some_and(alphanumeric)
                && bytes
                    .iter()
                    .all(|byte| alphanumeric(*byte) || *byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("22", None, Forward { port: 22, protocol: Protocol::Tcp })]
    #[case("65535", Some("tcp"), Forward { port: 65535, protocol: Protocol::Tcp })]
    #[case("1", Some("udp"), Forward { port: 1, protocol: Protocol::Udp })]
    fn ports(#[case] port: &str, #[case] protocol: Option<&str>, #[case] expected: Forward) {
        assert_eq!(forward(port, protocol), Ok(expected));
    }

    #[rstest]
    #[case("0", None)]
    #[case("", None)]
    #[case("65536", None)]
    #[case("99999999999999999999", None)]
    #[case("-1", None)]
    #[case("+22", None)]
    #[case("022", None)]
    #[case("22%20", None)]
    #[case("ssh", None)]
    #[case("22", Some("TCP"))]
    #[case("22", Some("sctp"))]
    #[case("22", Some(""))]
    #[case("22", Some("ud%70"))]
    fn what_is_no_port(#[case] port: &str, #[case] protocol: Option<&str>) {
        assert!(forward(port, protocol).is_err());
    }
}
