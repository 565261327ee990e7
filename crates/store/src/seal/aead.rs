//! AES-256-GCM with a random nonce, the one way anything is sealed.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInPlace;
use zeroize::Zeroizing;

use super::SealError;

/// Bytes of a nonce: the 96 bits GCM is specified for.
pub(super) const NONCE_BYTES: usize = 12;
/// Bytes of a tag: the full 128 bits.
pub(super) const TAG_BYTES: usize = 16;

/// Seals `plaintext` behind `version`: version, nonce, ciphertext, tag.
pub(super) fn seal(
    cipher: &Aes256Gcm,
    version: u8,
    data: &[u8],
    mut plaintext: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| SealError::Randomness)?;
    let tag = cipher
        .encrypt_in_place_detached((&nonce).into(), data, &mut plaintext)
        // Only a plaintext of 64 GiB fails.
        .map_err(|_| SealError::Malformed)?;
    let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + plaintext.len() + TAG_BYTES);
    bytes.push(version);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&plaintext);
    bytes.extend_from_slice(&tag);
    Ok(bytes)
}

/// Opens what [`seal`] made with the same `data`.
pub(super) fn open(
    cipher: &Aes256Gcm,
    version: u8,
    data: &[u8],
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (found, rest) = bytes.split_first().ok_or(SealError::Malformed)?;
    if *found != version {
        return Err(SealError::Malformed);
    }
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Malformed)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(SealError::Malformed)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    cipher
        .decrypt_in_place_detached(nonce.into(), data, &mut buffer, tag.into())
        .map_err(|_| SealError::Tampered)?;
    Ok(buffer)
}

/// Parts of associated data, each with its length before it, so that no two lists of parts
/// make the same bytes.
pub(super) fn with_lengths(parts: &[&[u8]]) -> Vec<u8> {
    let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}
