//! The gRPC service of one device plugin.

use std::pin::Pin;
use std::time::Duration;

use futures::Stream;
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::Device;
use super::wire::device_plugin_server::DevicePlugin;
use super::wire::{
    AllocateRequest, AllocateResponse, ContainerAllocateResponse, Device as WireDevice,
    DevicePluginOptions, DeviceSpec, Empty, ListAndWatchResponse, PreStartContainerRequest,
    PreStartContainerResponse, PreferredAllocationRequest, PreferredAllocationResponse,
};

/// How often the device node's presence is looked at.
const HEALTH_INTERVAL: Duration = Duration::from_secs(10);

/// Serves one device, a number of times.
pub(super) struct Service {
    pub(super) device: Device,
    /// How many times; kubelet gets a new list when the number changes.
    pub(super) count: watch::Receiver<u32>,
    /// Becomes true when kubelet has asked for the list for the first time: the device is then offered.
    pub(super) listed: watch::Sender<bool>,
}

/// The list kubelet gets: `count` devices, all healthy or none.
pub(super) fn list(device: &Device, count: u32, healthy: bool) -> ListAndWatchResponse {
    let health = if healthy { "Healthy" } else { "Unhealthy" };
    let devices = (0..count)
        .map(|index| WireDevice {
            id: format!("{}{index}", device.name),
            health: health.to_owned(),
        })
        .collect();
    ListAndWatchResponse { devices }
}

#[tonic::async_trait]
impl DevicePlugin for Service {
    type ListAndWatchStream =
        Pin<Box<dyn Stream<Item = Result<ListAndWatchResponse, Status>> + Send>>;

    async fn get_device_plugin_options(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<DevicePluginOptions>, Status> {
        Ok(Response::new(DevicePluginOptions::default()))
    }

    async fn list_and_watch(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::ListAndWatchStream>, Status> {
        self.listed.send_replace(true);
        let state = (self.device.clone(), self.count.clone(), None);
        let stream = futures::stream::unfold(state, |(device, mut count, sent)| async move {
            loop {
                let offer = (device.present(), *count.borrow_and_update());
                if sent != Some(offer) {
                    let (healthy, number) = offer;
                    if sent.is_some() {
                        tracing::warn!(device = device.path, healthy, number, "offer changed");
                    }
                    let answer = Ok(list(&device, number, healthy));
                    return Some((answer, (device, count, Some(offer))));
                }
                // Whoever sets the number lives as long as the process; its end would leave the number as it is.
                tokio::select! {
                    () = tokio::time::sleep(HEALTH_INTERVAL) => {}
                    Ok(()) = count.changed() => {}
                }
            }
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn get_preferred_allocation(
        &self,
        _: Request<PreferredAllocationRequest>,
    ) -> Result<Response<PreferredAllocationResponse>, Status> {
        Err(Status::unimplemented(
            "all devices of this plugin are alike, so none is preferred",
        ))
    }

    async fn allocate(
        &self,
        request: Request<AllocateRequest>,
    ) -> Result<Response<AllocateResponse>, Status> {
        if !self.device.present() {
            return Err(Status::unavailable(format!(
                "{} is not there any more on this node",
                self.device.path
            )));
        }
        let node = DeviceSpec {
            container_path: self.device.path.clone(),
            host_path: self.device.path.clone(),
            permissions: "rw".to_owned(),
        };
        let container_responses = request
            .into_inner()
            .container_requests
            .iter()
            .map(|_| ContainerAllocateResponse {
                devices: vec![node.clone()],
            })
            .collect();
        Ok(Response::new(AllocateResponse {
            container_responses,
        }))
    }

    async fn pre_start_container(
        &self,
        _: Request<PreStartContainerRequest>,
    ) -> Result<Response<PreStartContainerResponse>, Status> {
        Ok(Response::new(PreStartContainerResponse::default()))
    }
}
