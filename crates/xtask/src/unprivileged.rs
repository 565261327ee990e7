//! The user that private Postgres runs as.
//!
//! Postgres refuses to run as root. Nobody should have to make an account for a development
//! database, so root runs it as an account that every Debian has: `nobody`. That account cannot
//! reach a clone under a closed folder such as `/root`. Then the server gets one capability, to
//! read and search past permissions. Where even that is not allowed, its files live in /var/tmp.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::geteuid;

use crate::files::{self, open_folder};
use crate::process;
use crate::progress::say;

/// The account root lends the server.
const ACCOUNT: &str = "nobody";

/// Allows a process to read and search folders that are closed to it, and nothing else: exec drops
/// every other capability. Without the secure bit, `access(2)` would ignore the capability, and
/// Postgres looks for its own programs by it.
const CAPABLE: &[&str] = &[
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--securebits=+no_setuid_fixup",
];

/// Who runs the server.
#[derive(Clone, Debug)]
pub struct User {
    uid: u32,
    gid: u32,
    /// The words before the server's own command line.
    prefix: Vec<String>,
}

/// Where the server's files are.
#[derive(Debug)]
pub struct Place {
    /// Who runs it.
    pub user: User,
    /// The folder its programs were unpacked to.
    pub tree: PathBuf,
    /// The folder of its data and log, owned by `user`.
    pub home: PathBuf,
}

impl User {
    /// Finds a user that can run the `programs` of `tree` and write to `home`.
    ///
    /// # Errors
    /// When there is none.
    pub fn settle(clone: &Path, tree: &Path, programs: &str, home: &Path) -> Result<Place> {
        if !geteuid().is_root() {
            let user = User::ourselves(clone)?;
            fs::create_dir_all(home).with_context(|| format!("cannot make {}", home.display()))?;
            if fs::metadata(home)?.uid() != user.uid {
                bail!("{} belongs to another user; run as that user or remove it", home.display());
            }
            return Ok(Place { user, tree: tree.to_owned(), home: home.to_owned() });
        }

        let (uid, gid) = account(&fs::read_to_string("/etc/passwd")?, ACCOUNT)
            .with_context(|| format!("there is no account `{ACCOUNT}` in /etc/passwd"))?;
        let plain = User { uid, gid, prefix: as_account(uid, gid, &[]) };
        let capable = User { uid, gid, prefix: as_account(uid, gid, CAPABLE) };

        if let Some(parent) = home.parent() {
            open_folder(parent)?;
        }
        plain.own(home)?;
        for user in [&plain, &capable] {
            if user.can_use(&tree.join(programs), home) {
                let user = user.clone();
                return Ok(Place { user, tree: tree.to_owned(), home: home.to_owned() });
            }
        }
        Self::settle_outside(plain, clone, tree, programs, home)
    }

    /// In /var/tmp, for a clone the account cannot reach.
    fn settle_outside(
        user: User,
        clone: &Path,
        tree: &Path,
        programs: &str,
        home: &Path,
    ) -> Result<Place> {
        let hash = files::sha256(clone.to_string_lossy().as_bytes());
        let base = PathBuf::from(format!("/var/tmp/faceauth-{}", &hash[..12]));
        open_folder(&base)?;
        if fs::symlink_metadata(&base)?.uid() != 0 {
            bail!("{} exists and is not root's: remove it", base.display());
        }
        let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
        let outside = Place { user, tree: base.join(name(tree)), home: base.join(name(home)) };
        if !outside.tree.join(programs).is_dir() {
            let part = outside.tree.with_file_name("unpacking");
            files::remove(&part)?;
            process::run(Command::new("cp").arg("-a").arg(tree).arg(&part))?;
            fs::rename(&part, &outside.tree)?;
        }
        outside.user.own(&outside.home)?;
        if !outside.user.can_use(&outside.tree.join(programs), &outside.home) {
            bail!("account `{ACCOUNT}` can run the private Postgres nowhere; set DATABASE_URL");
        }
        say(&format!("the private Postgres is kept in {}", base.display()));
        Ok(outside)
    }

    fn ourselves(clone: &Path) -> Result<User> {
        let gid = fs::metadata(clone)?.gid();
        Ok(User { uid: geteuid().as_raw(), gid, prefix: Vec::new() })
    }

    /// The numeric user id.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// `program` as this user.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = match self.prefix.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        // Our own folder may be closed to that user.
        command.current_dir("/");
        command.env("LC_ALL", "C").env_remove("PGDATA").env_remove("PGOPTIONS");
        command
    }

    /// Hands `path` to this user.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn give(&self, path: &Path) -> Result<()> {
        if self.prefix.is_empty() {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("cannot give {} to `{ACCOUNT}`", path.display()))
    }

    fn own(&self, home: &Path) -> Result<()> {
        open_folder(home)?;
        self.give(home)
    }

    /// Tries it: `initdb -s` finds the server's programs and files, and writes nothing.
    fn can_use(&self, programs: &Path, home: &Path) -> bool {
        let mut test = self.command(Path::new("/bin/sh"));
        test.args(["-c", "test -w \"$1\" && \"$2\" -s -U faceauth -D \"$1/data\"", "sh"]);
        process::succeeds(test.arg(home).arg(programs.join("initdb")))
    }
}

fn as_account(uid: u32, gid: u32, capabilities: &[&str]) -> Vec<String> {
    let (uid, gid) = (uid.to_string(), gid.to_string());
    ["setpriv", "--reuid", &uid, "--regid", &gid, "--clear-groups"]
        .iter()
        .chain(capabilities)
        .map(|&word| word.to_owned())
        .collect()
}

/// The user and group number of an account in the text of /etc/passwd.
fn account(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\
                      nobody2:x:7:7::/:/bin/false\n\
                      nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        assert_eq!(account(passwd, "nobody"), Some((65534, 65533)));
        assert_eq!(account(passwd, "postgres"), None);
    }
}
