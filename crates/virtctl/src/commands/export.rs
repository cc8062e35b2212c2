//! `vmexport`: volumes and manifests of virtual machines, downloaded from an export server in the cluster.

mod arguments;
mod download;
mod fetch;
mod forward;
mod links;
mod object;
mod output;
mod ready;

use crate::cli::Connection;
use crate::client;
use crate::signals::Signals;

use self::arguments::Work;
pub(crate) use self::arguments::{Format, Vmexport};
pub(crate) use self::download::{Download, What, carry_out};
pub(crate) use self::object::{Export, Keep, Source};

/// `virtctl vmexport create|delete|download NAME`.
pub(crate) async fn run(flags: &Connection, arguments: &Vmexport) -> anyhow::Result<()> {
    let work = arguments.work()?;
    let cluster = client::connect(flags).await?;
    let name = &arguments.name;
    match work {
        Work::Create(export) => {
            object::create(&cluster, name, &export).await?;
            println!("{}", object::created(&cluster, name));
        }
        Work::Delete => println!("{}", object::delete(&cluster, name).await?),
        Work::Download(download) => {
            let mut signals = Signals::catch()?;
            carry_out(&cluster, &download, &mut signals).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
