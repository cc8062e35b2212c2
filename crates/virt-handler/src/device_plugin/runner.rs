//! Keeps one device plugin registered with kubelet.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tonic::transport::{Endpoint, Server};

use super::Device;
use super::service::Service;
use super::wire::device_plugin_server::DevicePluginServer;
use super::wire::registration_client::RegistrationClient;
use super::wire::{DevicePluginOptions, RegisterRequest};

/// The version of kubelet's interface.
const VERSION: &str = "v1beta1";
/// How often kubelet.sock is looked at; a restarted kubelet learns of the plugin at most this late.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// The longest time a registration may take.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// Why a plugin could not be offered to kubelet.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(
        "cannot listen on {path}: {source}; is kubelet's device-plugins directory mounted writable"
    )]
    Listen { path: PathBuf, source: io::Error },
    #[error("cannot reach kubelet at {path}: {source}")]
    Connect {
        path: PathBuf,
        source: tonic::transport::Error,
    },
    #[error("kubelet refused the registration of {resource}: {source}")]
    Refused {
        resource: String,
        source: Box<tonic::Status>,
    },
    #[error("kubelet did not answer the registration of {resource} within {REGISTER_TIMEOUT:?}")]
    Late { resource: String },
    #[error("kubelet's socket {path} is not there")]
    NoKubelet { path: PathBuf },
    #[error("the plugin's server ended: {0}")]
    Server(tonic::transport::Error),
}

/// Offers `device` to the kubelet of `directory` for ever, as many times as `count` says. `listed` tells when kubelet knows the device.
pub(crate) async fn run(
    directory: PathBuf,
    device: Device,
    count: watch::Receiver<u32>,
    listed: watch::Sender<bool>,
) {
    let mut backoff = Duration::from_millis(500);
    loop {
        match serve_once(&directory, &device, &count, &listed).await {
            Ok(()) => backoff = Duration::from_millis(500),
            Err(error) => {
                tracing::warn!(device = device.name, %error, retry_in = ?backoff, "device plugin is not registered");
                tokio::time::sleep(backoff).await;
                backoff = (backoff * 2).min(MAX_BACKOFF);
            }
        }
    }
}

/// Serves and registers, and returns when kubelet's socket (or ours) was replaced, so that all is done again.
async fn serve_once(
    directory: &Path,
    device: &Device,
    count: &watch::Receiver<u32>,
    listed: &watch::Sender<bool>,
) -> Result<(), Error> {
    let kubelet = directory.join("kubelet.sock");
    let endpoint = format!("kubevirt-{}.sock", device.name);
    let own = directory.join(&endpoint);
    let born = identity(&kubelet).ok_or_else(|| Error::NoKubelet {
        path: kubelet.clone(),
    })?;

    match std::fs::remove_file(&own) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(Error::Listen { path: own, source });
        }
        _ => {}
    }
    let listener = UnixListener::bind(&own).map_err(|source| Error::Listen {
        path: own.clone(),
        source,
    })?;
    let own_identity = identity(&own);
    let incoming = futures::stream::unfold(listener, |listener| async move {
        let accepted = listener.accept().await.map(|(stream, _)| stream);
        Some((accepted, listener))
    });
    let service = Service {
        device: device.clone(),
        count: count.clone(),
        listed: listed.clone(),
    };
    let server = Server::builder()
        .add_service(DevicePluginServer::new(service))
        .serve_with_incoming(incoming);

    let attend = async {
        register(&kubelet, &endpoint, device).await?;
        tracing::info!(
            resource = device.resource(),
            count = *count.borrow(),
            "device plugin registered"
        );
        while identity(&kubelet) == Some(born) && identity(&own) == own_identity {
            tokio::time::sleep(WATCH_INTERVAL).await;
        }
        tracing::info!(
            resource = device.resource(),
            "kubelet restarted, registering again"
        );
        Ok(())
    };
    tokio::select! {
        ended = server => ended.map_err(Error::Server),
        done = attend => done,
    }
}

/// Tells kubelet where the plugin listens.
async fn register(kubelet: &Path, endpoint: &str, device: &Device) -> Result<(), Error> {
    let path = kubelet.to_owned();
    let dial = tower::service_fn(move |_: tonic::transport::Uri| {
        let path = path.clone();
        async move {
            UnixStream::connect(path)
                .await
                .map(hyper_util::rt::TokioIo::new)
        }
    });
    // The address is only for HTTP's Host header, the connection is the socket.
    let channel = Endpoint::from_static("http://kubelet")
        .connect_timeout(REGISTER_TIMEOUT)
        .connect_with_connector(dial)
        .await;
    let channel = channel.map_err(|source| Error::Connect {
        path: kubelet.to_owned(),
        source,
    })?;
    let request = RegisterRequest {
        version: VERSION.to_owned(),
        endpoint: endpoint.to_owned(),
        resource_name: device.resource(),
        options: Some(DevicePluginOptions::default()),
    };
    let mut client = RegistrationClient::new(channel);
    match tokio::time::timeout(REGISTER_TIMEOUT, client.register(request)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(source)) => Err(Error::Refused {
            resource: device.resource(),
            source: Box::new(source),
        }),
        Err(_) => Err(Error::Late {
            resource: device.resource(),
        }),
    }
}

/// What tells one incarnation of a socket from the next: device, inode and time of change.
fn identity(path: &Path) -> Option<(u64, u64, i64, i64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((
        metadata.dev(),
        metadata.ino(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tonic::{Request, Response, Status};

    use super::*;
    use crate::device_plugin::wire::device_plugin_client::DevicePluginClient;
    use crate::device_plugin::wire::registration_server::{Registration, RegistrationServer};
    use crate::device_plugin::wire::{AllocateRequest, ContainerAllocateRequest, Empty};

    struct FakeKubelet {
        seen: Mutex<tokio::sync::mpsc::UnboundedSender<RegisterRequest>>,
    }

    #[tonic::async_trait]
    impl Registration for FakeKubelet {
        async fn register(
            &self,
            request: Request<RegisterRequest>,
        ) -> Result<Response<Empty>, Status> {
            self.seen
                .lock()
                .unwrap()
                .send(request.into_inner())
                .unwrap();
            Ok(Response::new(Empty::default()))
        }
    }

    fn kubelet(
        path: &Path,
    ) -> (
        tokio::task::JoinHandle<()>,
        tokio::sync::mpsc::UnboundedReceiver<RegisterRequest>,
    ) {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let listener = UnixListener::bind(path).unwrap();
        let incoming = futures::stream::unfold(listener, |listener| async move {
            let accepted = listener.accept().await.map(|(stream, _)| stream);
            Some((accepted, listener))
        });
        let server = RegistrationServer::new(FakeKubelet {
            seen: Mutex::new(sender),
        });
        let task = tokio::spawn(async move {
            Server::builder()
                .add_service(server)
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
        (task, receiver)
    }

    async fn client(path: PathBuf) -> DevicePluginClient<tonic::transport::Channel> {
        let dial = tower::service_fn(move |_: tonic::transport::Uri| {
            let path = path.clone();
            async move {
                UnixStream::connect(path)
                    .await
                    .map(hyper_util::rt::TokioIo::new)
            }
        });
        DevicePluginClient::new(
            Endpoint::from_static("http://plugin")
                .connect_with_connector(dial)
                .await
                .unwrap(),
        )
    }

    #[tokio::test]
    async fn registers_lists_allocates_and_registers_again_with_a_new_kubelet() {
        let directory = tempfile::tempdir().unwrap();
        let node = directory.path().join("tun");
        std::fs::write(&node, "").unwrap();
        let device = Device {
            name: "tun",
            path: "/dev/net/tun".to_owned(),
            probe: node,
        };
        let socket = directory.path().join("kubelet.sock");
        let (first, mut seen) = kubelet(&socket);
        let (listed, mut listed_by_kubelet) = watch::channel(false);
        let (number, count) = watch::channel(3);
        let plugin = tokio::spawn(run(directory.path().to_owned(), device, count, listed));
        let wait = Duration::from_secs(10);

        let request = tokio::time::timeout(wait, seen.recv())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (request.version.as_str(), request.resource_name.as_str()),
            ("v1beta1", "devices.kubevirt.io/tun")
        );
        let mut client = client(directory.path().join(&request.endpoint)).await;
        let mut stream = client
            .list_and_watch(Empty::default())
            .await
            .unwrap()
            .into_inner();
        let devices = stream.message().await.unwrap().unwrap().devices;
        assert_eq!(devices.len(), 3);
        assert!(devices.iter().all(|device| device.health == "Healthy"));
        number.send_replace(5);
        let news = tokio::time::timeout(wait, stream.message()).await.unwrap();
        assert_eq!(news.unwrap().unwrap().devices.len(), 5);
        tokio::time::timeout(wait, listed_by_kubelet.wait_for(|listed| *listed))
            .await
            .unwrap()
            .unwrap();

        let ask = AllocateRequest {
            container_requests: vec![ContainerAllocateRequest {
                device_ids: vec!["tun1".to_owned()],
            }],
        };
        let answer = client.allocate(ask).await.unwrap().into_inner();
        let given = &answer.container_responses[0].devices[0];
        assert_eq!(
            (given.host_path.as_str(), given.container_path.as_str()),
            ("/dev/net/tun", "/dev/net/tun")
        );
        assert_eq!(given.permissions, "rw");

        first.abort();
        std::fs::remove_file(&socket).unwrap();
        let (second, mut seen) = kubelet(&socket);
        let request = tokio::time::timeout(wait, seen.recv())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(request.resource_name, "devices.kubevirt.io/tun");
        plugin.abort();
        second.abort();
    }
}
