//! The environment of the commands that run on this clone.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::files;
use crate::install;
use crate::postgres::{Cluster, Postgres};
use crate::process;
use crate::setup::Ready;

/// A database to work with: a given one, or our private one.
pub enum Database {
    /// `DATABASE_URL` was set.
    Given(String),
    /// The private server, held while this lives.
    Private(Postgres),
}

impl Database {
    /// Takes `DATABASE_URL`, else starts the private server.
    ///
    /// # Errors
    /// When the private server cannot start.
    pub fn open(ready: &Ready, cluster: Cluster) -> Result<Database> {
        if let Some(url) = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
            return Ok(Database::Given(url));
        }
        let postgres = Postgres::start(&ready.layout, &ready.pins, cluster)?;
        if cluster == Cluster::Dev {
            write_file(ready, Some(&postgres.url()))?;
        }
        Ok(Database::Private(postgres))
    }

    /// The URL of the database to use.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Database::Given(url) => url.clone(),
            Database::Private(postgres) => postgres.url(),
        }
    }

    /// The `psql` of this clone.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn psql(ready: &Ready) -> Result<PathBuf> {
        let programs = install::database_tree(&ready.layout, &ready.pins)?;
        Ok(programs.join(install::DATABASE_PROGRAMS).join("psql"))
    }

    /// Removes the database `name` of the same server, makes it anew and returns its URL.
    ///
    /// # Errors
    /// When the role may not create databases.
    pub fn fresh(&self, ready: &Ready, name: &str) -> Result<String> {
        let url = self.url();
        let psql = Self::psql(ready)?;
        let drop = format!("drop database if exists \"{name}\" with (force)");
        let create = format!("create database \"{name}\"");
        for query in [drop, create] {
            let mut command = Command::new(&psql);
            command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", &query, &url]);
            process::read(&mut command)?;
        }
        Ok(with_database(&url, name))
    }

    /// Lets go of it.
    ///
    /// # Errors
    /// When the private server does not stop.
    pub fn close(self, ready: &Ready) -> Result<()> {
        match self {
            Database::Given(_) => Ok(()),
            Database::Private(postgres) => {
                let shown = postgres.cluster() == Cluster::Dev;
                if postgres.stop()? && shown {
                    write_file(ready, None)?;
                }
                Ok(())
            }
        }
    }
}

/// The URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let server_start = address.find("://").map_or(0, |at| at + 3);
    let server = match address[server_start..].find('/') {
        Some(at) => &address[..server_start + at],
        None => address,
    };
    format!("{server}/{name}{options}")
}

/// Sets what the product and its tests read from the environment.
pub fn set<'a>(command: &'a mut Command, ready: &Ready, database: &Database) -> &'a mut Command {
    command.env("ORT_DYLIB_PATH", &ready.runtime_library);
    command.env("DATABASE_URL", database.url());
    if let Database::Private(postgres) = database {
        for (name, value) in postgres.psql_variables() {
            command.env(name, value);
        }
        // Last, so that an installed psql wins.
        command.env("PATH", path_with(postgres.programs()));
    }
    strip_cargo(command)
}

/// Removes the variables that `cargo run` has set. The next cargo would take them for a change and
/// rebuild.
pub fn strip_cargo(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let ours = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        if ours || text == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
    command
}

fn path_with(folder: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([folder.to_owned()]);
    env::join_paths(folders).unwrap_or(path)
}

/// Writes `.dev/env`, for editors and shells.
///
/// # Errors
/// When it cannot be written.
pub fn write_file(ready: &Ready, database_url: Option<&str>) -> Result<()> {
    let mut text = format!("ORT_DYLIB_PATH={}\n", ready.runtime_library.display());
    if let Some(url) = database_url {
        text.push_str(&format!("DATABASE_URL={url}\n"));
    }
    let path = ready.layout.dev.join("env");
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    files::write_atomically(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_keeps_server_and_options() {
        let cases = [
            ("postgres://u:p@h:5432/one", "postgres://u:p@h:5432/two"),
            ("postgres://u@%2Ftmp%2Fx/one?a=b", "postgres://u@%2Ftmp%2Fx/two?a=b"),
            ("postgres://u@h", "postgres://u@h/two"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "two"), expected);
        }
    }
}
