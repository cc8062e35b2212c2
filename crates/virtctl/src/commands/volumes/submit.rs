//! A request to add or to remove a volume: to the VirtualMachine, or to an instance that has none.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::client::Cluster;
use crate::target::Kind;
use crate::{subresource, suggest};

/// How often to ask when others change the machine at the same time.
const ATTEMPTS: u32 = 15;
/// The pause after the first attempt; each is longer by as much.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks the VirtualMachine of that name, or the instance if there is no VirtualMachine.
pub(super) async fn submit(
    cluster: &Cluster,
    name: &str,
    subresource: &str,
    options: &Map<String, Value>,
) -> anyhow::Result<()> {
    let machine = match ask(cluster, Kind::VirtualMachine, name, subresource, options).await {
        Err(error) if subresource::code(&error) == Some(404) => error,
        outcome => return outcome,
    };
    match ask(
        cluster,
        Kind::VirtualMachineInstance,
        name,
        subresource,
        options,
    )
    .await
    {
        // Who names neither meant a VirtualMachine.
        Err(error) if subresource::code(&error) == Some(404) => {
            Err(suggest::explain(cluster, Kind::VirtualMachine, name, machine).await)
        }
        outcome => outcome,
    }
}

async fn ask(
    cluster: &Cluster,
    kind: Kind,
    name: &str,
    subresource: &str,
    options: &Map<String, Value>,
) -> anyhow::Result<()> {
    let path = subresource::path(&cluster.namespace, kind.resource(), name, subresource)?;
    let mut attempt = 1;
    loop {
        match subresource::put(&cluster.client, &path, options).await {
            Err(error) if attempt < ATTEMPTS && changed_meanwhile(&error) => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Whether the server's patch met an object that was not any more as the server had read it. Other conflicts stay: the volume is
/// there already, for example.
fn changed_meanwhile(error: &anyhow::Error) -> bool {
    let message = error.to_string();
    subresource::code(error) == Some(409)
        && [
            "jsonpatch test operation",
            "the server rejected our request due to an error in our request",
            "the object has been modified",
            "changed meanwhile",
            "changed at the same time",
        ]
        .iter()
        .any(|sign| message.contains(sign))
}
