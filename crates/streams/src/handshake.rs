//! The opening handshake of RFC 6455, the server's side.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The sub-protocol of all streams: messages are plain bytes.
pub const PROTOCOL: &str = "plain.kubevirt.io";

/// What a client's request says, as far as it matters.
#[derive(Clone, Debug)]
pub struct Handshake {
    key: HeaderValue,
    /// The client offers [`PROTOCOL`]; one that offers none is served alike.
    protocol: bool,
}

impl Handshake {
    /// Reads the request's headers.
    ///
    /// # Errors
    /// In words for the user: it is no WebSocket's handshake, or one of another version.
    pub fn read(headers: &HeaderMap) -> Result<Self, &'static str> {
        if !has(headers, &header::CONNECTION, "upgrade")
            || !has(headers, &header::UPGRADE, "websocket")
        {
            return Err(
                "this is a WebSocket: ask for an upgrade (Upgrade: websocket), or use virtctl",
            );
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        let key = key.ok_or("the WebSocket handshake lacks Sec-WebSocket-Key")?;
        if !has(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
            return Err("only version 13 of the WebSocket protocol is supported");
        }
        Ok(Self {
            key: key.clone(),
            protocol: has(headers, &header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL),
        })
    }

    /// The same handshake for the next server. Nothing else of the client's request goes on.
    #[must_use]
    pub fn onward(&self) -> HeaderMap {
        let mut headers = upgrade();
        headers.insert(
            header::SEC_WEBSOCKET_VERSION,
            HeaderValue::from_static("13"),
        );
        headers.insert(header::SEC_WEBSOCKET_KEY, self.key.clone());
        self.name_protocol(&mut headers);
        headers
    }

    /// The headers of the 101.
    #[must_use]
    pub fn answer(&self) -> HeaderMap {
        let mut headers = upgrade();
        // Base64 is always a header's value.
        if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(self.key.as_bytes())) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        self.name_protocol(&mut headers);
        headers
    }

    fn name_protocol(&self, headers: &mut HeaderMap) {
        if self.protocol {
            headers.insert(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(PROTOCOL),
            );
        }
    }
}

fn upgrade() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers
}

fn has(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn it_goes_on_without_anything_else() {
        let asked = headers(&[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-version", "13"),
            (
                "sec-websocket-protocol",
                "base64url.bearer.authorization.k8s.io.c2VjcmV0, plain.kubevirt.io",
            ),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("authorization", "Bearer secret"),
            ("x-remote-user", "alice"),
        ]);
        let handshake = Handshake::read(&asked).unwrap();
        let onward = handshake.onward();
        assert_eq!(onward.len(), 5);
        assert_eq!(onward["sec-websocket-protocol"], "plain.kubevirt.io");
        assert_eq!(onward["sec-websocket-key"], "dGhlIHNhbXBsZSBub25jZQ==");
        let answer = handshake.answer();
        // The example of RFC 6455.
        assert_eq!(
            answer["sec-websocket-accept"],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        assert_eq!(answer["sec-websocket-protocol"], "plain.kubevirt.io");
    }

    #[test]
    fn a_client_without_the_protocol_is_not_told_one() {
        let asked = headers(&[
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-key", "a"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "chat"),
        ]);
        let answer = Handshake::read(&asked).unwrap().answer();
        assert!(!answer.contains_key("sec-websocket-protocol"));
    }

    #[test]
    fn what_is_no_websocket_is_refused() {
        let right = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-key", "a"),
            ("sec-websocket-version", "13"),
        ];
        assert!(Handshake::read(&headers(&right)).is_ok());
        for index in 0..right.len() {
            let mut missing = right.to_vec();
            missing.remove(index);
            assert!(Handshake::read(&headers(&missing)).is_err());
            let mut wrong = right;
            wrong[index].1 = "8";
            let wrong = Handshake::read(&headers(&wrong));
            // Any key is one.
            assert_eq!(wrong.is_err(), index != 2);
        }
    }
}
