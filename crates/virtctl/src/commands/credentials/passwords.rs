//! Setting passwords.

use super::arguments::SetPassword;
use super::machine::{Machine, choose};
use super::secret;
use crate::cli::Connection;

/// `virtctl credentials set-password`.
pub(super) async fn set(flags: &Connection, arguments: &SetPassword) -> anyhow::Result<()> {
    let machine = Machine::get(flags, &arguments.machine).await?;
    let none = "no secrets assigned to UserPassword AccessCredentials";
    let name = choose(
        machine.password_secrets(),
        arguments.secret.as_deref(),
        none,
    )?;
    let current = secret::get(&machine, &name, arguments.force).await?;
    let entry = (arguments.user.clone(), Some(arguments.password.clone()));
    secret::change(&machine, &current, vec![entry]).await?;
    println!("Successfully set password in secret {name:?}");
    Ok(())
}
