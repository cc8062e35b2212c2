//! Handshakes over an in-memory pipe, with certificates made here.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(parameters, key),
        }
    }

    fn trust(&self) -> TrustBundle {
        TrustBundle::from_pem(self.pem.as_bytes()).unwrap()
    }

    fn issue(
        &self,
        common_name: &str,
        dns_name: Option<&str>,
        usage: Option<ExtendedKeyUsagePurpose>,
    ) -> Identity {
        let mut parameters = CertificateParams::default();
        parameters
            .distinguished_name
            .push(DnType::CommonName, common_name);
        parameters.subject_alt_names = dns_name
            .map(|name| SanType::DnsName(name.try_into().unwrap()))
            .into_iter()
            .collect();
        parameters.extended_key_usages = usage.into_iter().collect();
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

const HANDLER: &str = "kubevirt.io:system:node:virt-handler";
const CLIENT: &str = "kubevirt.io:system:client:virt-api";
const SERVER_AUTH: Option<ExtendedKeyUsagePurpose> = Some(ExtendedKeyUsagePurpose::ServerAuth);
const CLIENT_AUTH: Option<ExtendedKeyUsagePurpose> = Some(ExtendedKeyUsagePurpose::ClientAuth);

/// Whether one byte gets through from the client to the server and back.
async fn talk(server: Arc<ServerConfig>, client: Arc<ClientConfig>) -> bool {
    let (near, far) = duplex(16 * 1024);
    let serving = async {
        let mut stream = TlsAcceptor::from(server).accept(far).await?;
        let byte = stream.read_u8().await?;
        stream.write_u8(byte).await?;
        stream.flush().await
    };
    let asking = async {
        let name = ServerName::try_from("10.0.0.1").map_err(std::io::Error::other)?;
        let mut stream = TlsConnector::from(client).connect(name, near).await?;
        stream.write_u8(7).await?;
        stream.flush().await?;
        stream.read_u8().await
    };
    let (served, asked) = tokio::join!(serving, asking);
    served.is_ok() && asked.is_ok_and(|byte| byte == 7)
}

fn named(trust: &Authority) -> ClientRule {
    ClientRule::Named {
        trust: trust.trust(),
        names: vec![CLIENT.to_owned()],
    }
}

#[tokio::test]
async fn both_sides_know_each_other() {
    let ca = Authority::new("ca");
    let server = server_config(&ca.issue("x", Some(HANDLER), SERVER_AUTH), &named(&ca)).unwrap();
    let identity = ca.issue(CLIENT, None, CLIENT_AUTH);
    let client = client_config(Some(&identity), &ca.trust(), HANDLER).unwrap();
    assert!(talk(server, client).await);
}

#[tokio::test]
async fn a_server_accepts_its_clients_alone() {
    let (ca, other) = (Authority::new("ca"), Authority::new("ca"));
    let server = server_config(&ca.issue("x", Some(HANDLER), SERVER_AUTH), &named(&ca)).unwrap();
    let refused = [
        (
            "another name",
            ca.issue("kubevirt.io:system:client:other", None, CLIENT_AUTH),
        ),
        (
            "the name among the alternative names",
            ca.issue("x", Some(CLIENT), CLIENT_AUTH),
        ),
        (
            "a server's certificate",
            ca.issue(CLIENT, None, SERVER_AUTH),
        ),
        (
            "a certificate for nothing in particular",
            ca.issue(CLIENT, None, None),
        ),
        (
            "another CA of the same name",
            other.issue(CLIENT, None, CLIENT_AUTH),
        ),
    ];
    for (what, identity) in refused {
        let client = client_config(Some(&identity), &ca.trust(), HANDLER).unwrap();
        assert!(!talk(server.clone(), client).await, "{what} was accepted");
    }
    let client = client_config(None, &ca.trust(), HANDLER).unwrap();
    assert!(!talk(server, client).await, "no certificate was accepted");
}

#[tokio::test]
async fn a_client_accepts_the_server_it_means_alone() {
    let (ca, other) = (Authority::new("ca"), Authority::new("ca"));
    let identity = ca.issue(CLIENT, None, CLIENT_AUTH);
    let client = client_config(Some(&identity), &ca.trust(), HANDLER).unwrap();
    let refused = [
        (
            "another name",
            ca.issue(HANDLER, Some("virt-api.kubevirt.svc"), SERVER_AUTH),
        ),
        (
            "a client's certificate",
            ca.issue("x", Some(HANDLER), CLIENT_AUTH),
        ),
        (
            "a certificate for nothing in particular",
            ca.issue("x", Some(HANDLER), None),
        ),
        (
            "another CA of the same name",
            other.issue("x", Some(HANDLER), SERVER_AUTH),
        ),
    ];
    for (what, server) in refused {
        let server = server_config(&server, &named(&ca)).unwrap();
        assert!(!talk(server, client.clone()).await, "{what} was accepted");
    }
}

#[tokio::test]
async fn a_certificate_may_be_optional() {
    let (ca, other) = (Authority::new("ca"), Authority::new("other"));
    let rule = ClientRule::Optional(ca.trust());
    let server = server_config(&ca.issue("x", Some(HANDLER), SERVER_AUTH), &rule).unwrap();
    let without = client_config(None, &ca.trust(), HANDLER).unwrap();
    assert!(talk(server.clone(), without).await);
    let known = ca.issue(CLIENT, None, CLIENT_AUTH);
    assert!(
        talk(
            server.clone(),
            client_config(Some(&known), &ca.trust(), HANDLER).unwrap()
        )
        .await
    );
    let unknown = other.issue(CLIENT, None, CLIENT_AUTH);
    assert!(
        !talk(
            server,
            client_config(Some(&unknown), &ca.trust(), HANDLER).unwrap()
        )
        .await
    );
}

#[test]
fn a_key_must_belong_to_its_certificate() {
    let ca = Authority::new("ca");
    let key = KeyPair::generate().unwrap().serialize_pem();
    assert!(Identity::from_pem(ca.pem.as_bytes(), key.as_bytes()).is_err());
    assert!(Identity::from_pem(b"", key.as_bytes()).is_err());
    assert!(TrustBundle::from_pem(b"no certificate").is_err());
}

#[test]
fn a_self_signed_certificate_is_for_servers_without_verification() {
    let identity = Identity::self_signed(&["virt-controller"]).unwrap();
    assert_eq!(identity.leaf.dns_names, ["virt-controller"]);
    server_config(&identity, &ClientRule::Anonymous).unwrap();
}
