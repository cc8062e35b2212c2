//! `version`, and the warning about a client and a server of different versions.

use std::fmt;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::Connection;
use crate::output::{self, Format};
use crate::{client, requests, subresource};

/// `virtctl version`.
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Print the client's version only.
    #[arg(short, long)]
    pub(crate) client: bool,
    /// Print JSON or YAML instead of lines.
    #[arg(short, long, value_enum)]
    output: Option<Format>,
}

/// What a binary says of itself. Keys and the printed shape are upstream's, which scripts parse.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Info {
    git_version: String,
    git_commit: String,
    git_tree_state: String,
    build_date: String,
    go_version: String,
    compiler: String,
    platform: String,
}

impl Default for Info {
    fn default() -> Self {
        let unknown = || "unknown".to_owned();
        Self {
            git_version: unknown(),
            git_commit: unknown(),
            git_tree_state: unknown(),
            build_date: unknown(),
            go_version: unknown(),
            compiler: unknown(),
            platform: unknown(),
        }
    }
}

impl Info {
    fn of_client() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self {
            git_version: concat!("v", env!("CARGO_PKG_VERSION")).to_owned(),
            compiler: "rustc".to_owned(),
            platform: format!("{}/{architecture}", std::env::consts::OS),
            ..Self::default()
        }
    }

    /// `v1.9` of `v1.9.3-rc.1`.
    fn line(&self) -> String {
        self.git_version
            .split('.')
            .take(2)
            .collect::<Vec<_>>()
            .join(".")
    }
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "version.Info{{GitVersion:{:?}, GitCommit:{:?}, GitTreeState:{:?}, BuildDate:{:?}, GoVersion:{:?}, Compiler:{:?}, Platform:{:?}}}",
            self.git_version,
            self.git_commit,
            self.git_tree_state,
            self.build_date,
            self.go_version,
            self.compiler,
            self.platform
        )
    }
}

/// `virtctl version --client`.
pub(crate) fn of_client(arguments: &Version) -> anyhow::Result<()> {
    print(&Info::of_client(), None, arguments.output)
}

/// `virtctl version`.
pub(crate) async fn run(flags: &Connection, arguments: &Version) -> anyhow::Result<()> {
    let client = Info::of_client();
    match of_server(flags, requests::DEFAULT_LIMIT).await {
        Ok(server) => print(&client, Some(&server), arguments.output),
        Err(error) => {
            print(&client, None, arguments.output)?;
            Err(error.context("cannot get the server's version"))
        }
    }
}

fn print(client: &Info, server: Option<&Info>, format: Option<Format>) -> anyhow::Result<()> {
    if let Some(format) = format {
        let mut both: Value = json!({ "clientVersion": client });
        if let Some(server) = server {
            both["serverVersion"] = serde_json::to_value(server)?;
        }
        return output::print(&both, format);
    }
    println!("Client Version: {client}");
    if let Some(server) = server {
        println!("Server Version: {server}");
    }
    Ok(())
}

/// After a failed command: tells when client and server are of different minor versions, the likely cause then. Asks only if a
/// server answered before, as a second failure to reach it would only cost time.
pub(crate) async fn warn_when_different(flags: &Connection) {
    if !requests::answered() {
        return;
    }
    let client = Info::of_client();
    if let Ok(server) = of_server(flags, Duration::from_secs(2)).await
        && server.line() != client.line()
    {
        eprintln!(
            "virtctl and the cluster are of different versions, which may be the cause:\n\
             Client Version: {}\nServer Version: {}\n",
            client.git_version, server.git_version
        );
    }
}

async fn of_server(flags: &Connection, limit: Duration) -> anyhow::Result<Info> {
    let cluster = client::connect(flags).await?;
    let text = subresource::get_text(&cluster.client, "version", limit).await?;
    Ok(serde_json::from_str(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_version_is_major_and_minor() {
        let info = Info {
            git_version: "v1.9.3-rc.1".to_owned(),
            ..Info::default()
        };
        assert_eq!(info.line(), "v1.9");
    }

    #[test]
    fn an_answer_without_some_key_still_decodes() {
        let info: Info = serde_json::from_str(r#"{"gitVersion":"v1.9.0","extra":1}"#).unwrap();
        assert_eq!(info.git_version, "v1.9.0");
        assert_eq!(info.platform, "unknown");
    }
}
