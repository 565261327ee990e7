//! The keys of a deployment: files in one folder, readable by their owner alone.
//!
//! They never enter the database, the logs or the repository. Mounted secrets work as
//! well as files that `faceauth keys init` made.

pub mod rotation;
mod seal_source;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use faceauth_api::{TokenKeys, TokenSigner};
use faceauth_store::seal::{self, SealKeys};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::config;

/// Ed25519 or P-256 private key that signs tokens: PKCS #8 in PEM.
pub const SIGNING_KEY: &str = "token-signing.pem";
/// The key that will sign after the rotation that is under way. Published, not used.
pub const NEXT_SIGNING_KEY: &str = "token-signing.next.pem";
/// The key that signed before the last rotation. Published, not used.
pub const PREVIOUS_SIGNING_KEY: &str = "token-signing.previous.pem";
/// Keys that seal templates: lines `key-id:base64`, the first one active.
pub const SEAL_KEYS: &str = "template-seal.keys";
/// Key of the hashes that replace client addresses: 32 bytes in base64.
pub const CLIENT_HASH_KEY: &str = "client-hash.key";

/// Id of the first seal key of a deployment.
const FIRST_SEAL_KEY_ID: &str = "seal-1";

/// Every key the service needs.
pub struct Keys {
    /// Sign and verify tokens.
    pub tokens: TokenKeys,
    /// Seals templates.
    pub seal: SealKeys,
    /// Hashes client addresses.
    pub client_hash: SecretBox<[u8; 32]>,
}

impl Keys {
    /// Reads the keys where `config` says they are. `strict` refuses files that others may
    /// read.
    ///
    /// # Errors
    /// When a file is missing, readable by others or malformed; never with its content.
    pub fn load(config: &config::Keys, strict: bool) -> anyhow::Result<Self> {
        let dir = config.dir.as_path();
        let read = |name: &str| read(&dir.join(name), strict);
        let client_hash = read(CLIENT_HASH_KEY)?;
        let bytes = Zeroizing::new(
            BASE64_STANDARD
                .decode(client_hash.expose_secret().trim())
                .map_err(|_| anyhow::anyhow!("{CLIENT_HASH_KEY} is not base64"))?,
        );
        let bytes: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| anyhow::anyhow!("{CLIENT_HASH_KEY} does not hold 32 bytes"))?;
        let seal = seal_keys(config, strict)?;
        let signer = |name: &str| {
            TokenSigner::from_pem(&read(name)?).with_context(|| format!("{name} is malformed"))
        };
        let others = [NEXT_SIGNING_KEY, PREVIOUS_SIGNING_KEY]
            .into_iter()
            .filter(|name| dir.join(name).exists())
            .map(signer)
            .collect::<anyhow::Result<_>>()?;
        let tokens = TokenKeys::new(signer(SIGNING_KEY)?, others);
        Ok(Self { tokens, seal, client_hash: SecretBox::new(Box::new(bytes)) })
    }
}

/// Reads only the seal keys, from the place that `config` names.
///
/// # Errors
/// As [`Keys::load`].
pub fn seal_keys(config: &config::Keys, strict: bool) -> anyhow::Result<SealKeys> {
    let (text, source) = match seal_source::read(config)? {
        Some(found) => found,
        None => (read(&config.dir.join(SEAL_KEYS), strict)?, SEAL_KEYS.to_owned()),
    };
    SealKeys::parse(text.expose_secret()).with_context(|| format!("{source} is malformed"))
}

pub(crate) fn read(path: &Path, strict: bool) -> anyhow::Result<SecretString> {
    if strict {
        refuse_if_shared(path)?;
    }
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("cannot read {}: make keys with `faceauth keys init --dir DIR`", path.display())
    })?;
    Ok(SecretString::from(text))
}

/// Refuses a file that everybody on the machine may read. Group access is left to
/// operators: mounted secrets often come that way.
fn refuse_if_shared(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .permissions()
        .mode();
    anyhow::ensure!(
        mode & 0o007 == 0,
        "{} is accessible to everybody (mode {:o}): run `chmod 600` on it",
        path.display(),
        mode & 0o777
    );
    Ok(())
}

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SigningAlgorithm {
    /// `EdDSA` with Ed25519 (RFC 8037).
    Eddsa,
    /// `ES256`, ECDSA with P-256 (RFC 7518), for verifiers that know no other.
    Es256,
}

/// A new private key, PKCS #8 in PEM.
pub(crate) fn signing_key(algorithm: SigningAlgorithm) -> anyhow::Result<Zeroizing<String>> {
    match algorithm {
        SigningAlgorithm::Eddsa => {
            let seed = random_key()?;
            // Without the public half: the form `openssl genpkey` writes and verifiers expect.
            let key = KeypairBytes { secret_key: *seed, public_key: None };
            Ok(key.to_pkcs8_pem(LineEnding::LF)?)
        }
        SigningAlgorithm::Es256 => loop {
            let scalar = random_key()?;
            // All but one in 2^32 scalars are below the order of the curve.
            if let Ok(key) = p256::SecretKey::from_slice(&*scalar) {
                return Ok(key.to_pkcs8_pem(LineEnding::LF)?);
            }
        },
    }
}

/// Makes the keys that are missing in `dir` and answers their paths. Each file appears
/// whole or not at all, so an interruption leaves nothing half-written.
///
/// # Errors
/// When the folder or a file cannot be written, or the system has no randomness.
pub fn init(dir: &Path, algorithm: SigningAlgorithm) -> anyhow::Result<Vec<PathBuf>> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("cannot make {}", dir.display()))?;
    let mut made = Vec::new();
    let mut make = |name: &str, content: &dyn Fn() -> anyhow::Result<Zeroizing<String>>| {
        let path = dir.join(name);
        if !path.exists() {
            write_new(&path, &content()?)?;
            made.push(path);
        }
        anyhow::Ok(())
    };
    make(SIGNING_KEY, &|| signing_key(algorithm))?;
    make(SEAL_KEYS, &|| Ok(seal::generate_seal_key_line(FIRST_SEAL_KEY_ID)?))?;
    make(CLIENT_HASH_KEY, &|| Ok(Zeroizing::new(BASE64_STANDARD.encode(*random_key()?) + "\n")))?;
    Ok(made)
}

fn random_key() -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    Ok(bytes)
}

pub(crate) fn write_new(path: &Path, content: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .with_context(|| format!("cannot write {}", temporary.display()))?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    // A hard link fails when somebody else made the key meanwhile; theirs stays.
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn in_dir(dir: &Path) -> config::Keys {
        config::Keys { dir: dir.to_owned(), ..config::Keys::default() }
    }

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn init_makes_private_keys_once() {
        let dir = folder("keys");
        let init = |dir: &Path| init(dir, SigningAlgorithm::Eddsa);
        assert_eq!(init(&dir).unwrap().len(), 3);
        let first = std::fs::read_to_string(dir.join(SIGNING_KEY)).unwrap();
        assert!(first.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(init(&dir).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(std::fs::read_to_string(dir.join(SIGNING_KEY)).unwrap(), first);
        for entry in std::fs::read_dir(&dir).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(Keys::load(&in_dir(&dir), true).is_ok());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn keys_that_everybody_reads_are_refused_when_strict() {
        let dir = folder("shared-keys");
        init(&dir, SigningAlgorithm::Es256).unwrap();
        let shared = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(dir.join(SEAL_KEYS), shared).unwrap();
        let error = Keys::load(&in_dir(&dir), true).err().unwrap().to_string();
        assert!(error.contains(SEAL_KEYS) && error.contains("chmod 600"), "{error}");
        assert!(Keys::load(&in_dir(&dir), false).is_ok());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_malformed_key_is_named_but_not_shown() {
        let dir = folder("malformed-keys");
        init(&dir, SigningAlgorithm::Eddsa).unwrap();
        std::fs::write(dir.join(CLIENT_HASH_KEY), "not-a-key!").unwrap();
        let error = format!("{:#}", Keys::load(&in_dir(&dir), false).err().unwrap());
        assert!(error.contains(CLIENT_HASH_KEY) && !error.contains("not-a-key!"), "{error}");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
