//! The attestation of a capture.

use faceauth_usecases::{Attestation, KeyProof};
use serde::Deserialize;
use utoipa::ToSchema;

use super::data_url::decode;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// Most certificates of a chain. Published ones have five.
const MAX_CERTIFICATES: usize = 8;

/// What the device of an app says of a capture, in the form of its platform. All values are base64
/// of either alphabet. What is signed is documented with liveness.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "format", rename_all = "snake_case")]
pub(crate) enum AttestationInput {
    /// Android key attestation: of a key that was made with the nonce of the session as its
    /// challenge.
    #[schema(title = "AndroidKeyAttestation", example = json!({
        "format": "android_key",
        "certificates": ["MIICozCC...", "MIICKTCC...", "MIIByjCC..."],
        "signature": "MEUCIQDx..."
    }))]
    AndroidKey {
        /// The chain in DER, the certificate of the key first.
        #[schema(min_items = 1, max_items = 8)]
        certificates: Vec<String>,
        /// ECDSA on P-256 with SHA-256 over the statement about the capture, in DER.
        signature: String,
    },
    /// Apple App Attest: an attestation object with the first capture of a key, and an assertion
    /// with each later one.
    #[schema(title = "AppleAppAttestation", example = json!({
        "format": "apple_app_attest",
        "key_id": "bSrEhF8TIzIvWSPwvZ0i2+UOBre4ASH84rK15m6emNY=",
        "assertion": "omlzaWduYXR1cmVY..."
    }))]
    AppleAppAttest {
        /// The identifier of the key.
        key_id: String,
        /// The object that attests the key for this capture.
        attestation_object: Option<String>,
        /// The assertion of the key about this capture.
        assertion: Option<String>,
    },
}

impl AttestationInput {
    /// The attestation, decoded. Whether it proves anything is asked later.
    pub(super) fn resolve(self, pointer: &str) -> ApiResult<Attestation> {
        let bytes = |text: &str, field: &str| {
            let at = || ApiError::at(ErrorCode::InvalidField, format!("{pointer}/{field}"));
            decode(text).map(|(bytes, _)| bytes).ok_or_else(|| at().detail("Send base64."))
        };
        match self {
            Self::AndroidKey { certificates, signature } => {
                if certificates.is_empty() || certificates.len() > MAX_CERTIFICATES {
                    let at = format!("{pointer}/certificates");
                    return Err(ApiError::at(ErrorCode::InvalidField, at)
                        .detail("Send one to eight certificates."));
                }
                let certificates = certificates
                    .iter()
                    .enumerate()
                    .map(|(index, text)| bytes(text, &format!("certificates/{index}")))
                    .collect::<ApiResult<_>>()?;
                Ok(Attestation::Android {
                    certificates,
                    signature: bytes(&signature, "signature")?,
                })
            }
            Self::AppleAppAttest { key_id, attestation_object, assertion } => {
                let key_id = bytes(&key_id, "key_id")?.try_into().map_err(|_| {
                    ApiError::at(ErrorCode::InvalidField, format!("{pointer}/key_id"))
                        .detail("A key identifier has 32 bytes.")
                })?;
                let proof = match (attestation_object, assertion) {
                    (Some(object), None) => {
                        KeyProof::Attestation(bytes(&object, "attestation_object")?)
                    }
                    (None, Some(assertion)) => KeyProof::Assertion(bytes(&assertion, "assertion")?),
                    (None, None) => {
                        let at = format!("{pointer}/assertion");
                        return Err(ApiError::at(ErrorCode::MissingField, at));
                    }
                    (Some(_), Some(_)) => {
                        let at = format!("{pointer}/assertion");
                        return Err(ApiError::at(ErrorCode::InvalidField, at)
                            .detail("Send an attestation object or an assertion, not both."));
                    }
                };
                Ok(Attestation::Apple { key_id, proof })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn resolved(body: Value) -> ApiResult<Attestation> {
        serde_json::from_value::<AttestationInput>(body).unwrap().resolve("/attestation")
    }

    fn refused(body: Value) -> (ErrorCode, String) {
        let problem = resolved(body).expect_err("a refusal").problem(String::new());
        (problem.code, problem.errors[0].pointer.clone())
    }

    #[test]
    fn both_platforms_are_read() {
        let android = json!({
            "format": "android_key", "certificates": ["AQI=", "Aw"], "signature": "_-8" });
        match resolved(android) {
            Ok(Attestation::Android { certificates, signature }) => {
                assert_eq!(certificates, [vec![1, 2], vec![3]]);
                assert_eq!(signature, [0xff, 0xef]);
            }
            _ => panic!("no Android"),
        }
        let key_id = "bSrEhF8TIzIvWSPwvZ0i2+UOBre4ASH84rK15m6emNY=";
        let apple = json!({ "format": "apple_app_attest", "key_id": key_id, "assertion": "AQ==" });
        let apple = resolved(apple);
        assert!(matches!(
            apple,
            Ok(Attestation::Apple { proof: KeyProof::Assertion(bytes), .. }) if bytes == [1]
        ));
    }

    #[test]
    fn what_nobody_could_mean_is_refused_by_its_place() {
        let android = |certificates: Value, signature: &str| json!({ "format": "android_key", "certificates": certificates, "signature": signature });
        let invalid = |at: &str| (ErrorCode::InvalidField, format!("/attestation/{at}"));
        assert_eq!(refused(android(json!([]), "AQ==")), invalid("certificates"));
        assert_eq!(refused(android(json!(vec!["AQ=="; 9]), "AQ==")), invalid("certificates"));
        assert_eq!(refused(android(json!(["AQ==", "?"]), "AQ==")), invalid("certificates/1"));
        assert_eq!(refused(android(json!(["AQ=="]), "?")), invalid("signature"));
        let apple = |more: Value| {
            let mut body = json!({ "format": "apple_app_attest",
                "key_id": "bSrEhF8TIzIvWSPwvZ0i2+UOBre4ASH84rK15m6emNY=" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let missing = (ErrorCode::MissingField, "/attestation/assertion".to_owned());
        assert_eq!(refused(apple(json!({}))), missing);
        let both = json!({ "assertion": "AQ==", "attestation_object": "AQ==" });
        assert_eq!(refused(apple(both)), invalid("assertion"));
        assert_eq!(refused(apple(json!({ "assertion": "?" }))), invalid("assertion"));
        assert_eq!(refused(apple(json!({ "key_id": "AQ==" }))), invalid("key_id"));
    }
}
