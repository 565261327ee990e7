//! Seal keys from elsewhere than a file: the environment, or a command that asks a key
//! management service.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use secrecy::{ExposeSecret, SecretString};

use crate::config;

/// Most bytes of a list of keys: hundreds of them.
const MOST_BYTES: u64 = 64 * 1024;

/// How long the command may take. Services answer within a second, or not at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is asked whether it is done.
const POLL: Duration = Duration::from_millis(20);

/// The list of keys and where it is from, when `config` says that it is not in a file.
///
/// # Errors
/// When two places are named, or the one does not answer; never with what it answered.
pub(super) fn read(config: &config::Keys) -> anyhow::Result<Option<(SecretString, String)>> {
    match (&config.template_seal_env, &config.template_seal_command) {
        (None, None) => Ok(None),
        (Some(name), None) => {
            let text = std::env::var(name)
                .with_context(|| format!("keys.template_seal_env: {name} is not set"))?;
            Ok(Some((SecretString::from(text), format!("the variable {name}"))))
        }
        (None, Some(command)) => {
            let text = run(command).context("keys.template_seal_command")?;
            Ok(Some((text, "the answer of keys.template_seal_command".to_owned())))
        }
        (Some(_), Some(_)) => {
            bail!("set keys.template_seal_env or keys.template_seal_command, not both")
        }
    }
}

/// Runs a command, not a shell, and answers what it prints.
fn run(command: &[String]) -> anyhow::Result<SecretString> {
    let (program, arguments) = command.split_first().context("names no program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {program}"))?;
    let output = child.stdout.take().context("has no output")?;
    // Read on a thread of its own, so that one that never ends is ended all the same.
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.take(MOST_BYTES + 1).read_to_string(&mut text).map(|_| SecretString::from(text))
    });
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().ok();
            child.wait().ok();
            bail!("{program} did not end within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(POLL);
    };
    let text = reader.join().map_err(|_| anyhow::anyhow!("the output cannot be read"))?;
    let text = text.context("the output is no text")?;
    // Read before the status: a program whose output is no longer read would fail.
    ensure!(text.expose_secret().len() as u64 <= MOST_BYTES, "prints too much");
    ensure!(status.success(), "{program} failed ({status})");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> config::Keys {
        config::Keys {
            template_seal_command: Some(words.iter().map(ToString::to_string).collect()),
            ..config::Keys::default()
        }
    }

    #[test]
    fn a_command_prints_the_keys_and_its_failures_are_told_without_them() {
        assert!(read(&config::Keys::default()).unwrap().is_none());
        let (text, _) = read(&command(&["echo", "k1:secret"])).unwrap().unwrap();
        assert_eq!(text.expose_secret(), "k1:secret\n");
        let error = |words: &[&str]| format!("{:#}", read(&command(words)).unwrap_err());
        let failed = error(&["sh", "-c", "echo k1:secret; exit 3"]);
        assert!(failed.contains("failed") && !failed.contains("secret"), "{failed}");
        assert!(error(&["no-such-program"]).contains("cannot run no-such-program"));
        assert!(error(&[]).contains("names no program"));
        assert!(error(&["head", "-c", "100000", "/dev/zero"]).contains("prints too much"));
        let both = config::Keys { template_seal_env: Some("X".to_owned()), ..command(&["echo"]) };
        assert!(read(&both).unwrap_err().to_string().contains("not both"));
        let unset = config::Keys {
            template_seal_env: Some("FACEAUTH_NOT_SET".to_owned()),
            ..config::Keys::default()
        };
        assert!(format!("{:#}", read(&unset).unwrap_err()).contains("FACEAUTH_NOT_SET is not set"));
    }
}
