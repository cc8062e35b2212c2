//! Watching one object.

use anyhow::Context;
use futures::StreamExt;
use futures::stream::BoxStream;
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, watch_object};
use serde_json::Value;

use crate::client::Cluster;
use crate::subresource;

/// The object at each change; none when it does not exist. The stream connects again by itself.
pub(super) type Changes = BoxStream<'static, watcher::Result<Option<DynamicObject>>>;

/// Watches the object of this kind of `kubevirt.io/v1`.
pub(super) fn watch(cluster: &Cluster, name: &str, kind: &str) -> Changes {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("kubevirt.io", "v1", kind));
    let api: Api<DynamicObject> =
        Api::namespaced_with(cluster.client.clone(), &cluster.namespace, &resource);
    watch_object(api, name).default_backoff().boxed()
}

/// The next state.
///
/// # Errors
/// When the server refuses the watch. That it is away for a time is waited out.
pub(super) async fn next(changes: &mut Changes) -> anyhow::Result<Option<Value>> {
    loop {
        match changes.next().await.context("the watch has ended")? {
            Ok(Some(object)) => return Ok(Some(serde_json::to_value(object)?)),
            Ok(None) => return Ok(None),
            Err(
                watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error),
            ) if refused(&error) => return Err(subresource::plain(error)),
            Err(_) => {}
        }
    }
}

/// Whether asking again is of no use.
fn refused(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 400 | 401 | 403 | 404))
}
