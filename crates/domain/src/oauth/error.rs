//! The errors of OAuth: one closed list of words.

/// Writes the enum and its words from one list.
macro_rules! words {
    ($($(#[$meaning:meta])* $variant:ident $word:literal;)*) => {
        /// Why a request of a client was refused, in the words of RFC 6749 and its family.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum OauthErrorCode {
            $($(#[$meaning])* $variant,)*
        }

        impl OauthErrorCode {
            /// Every error.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// `error` of an answer.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// A parameter is missing, malformed or twice there (RFC 6749, 4.1.2.1 and 5.2).
    InvalidRequest "invalid_request";
    /// The client may not ask for this (RFC 6749, 4.1.2.1).
    UnauthorizedClient "unauthorized_client";
    /// The person refused (RFC 6749, 4.1.2.1).
    AccessDenied "access_denied";
    /// Another response type than `code` (RFC 6749, 4.1.2.1).
    UnsupportedResponseType "unsupported_response_type";
    /// An unknown scope, or one that the client may not ask for (RFC 6749, 4.1.2.1).
    InvalidScope "invalid_scope";
    /// A failure of ours (RFC 6749, 4.1.2.1).
    ServerError "server_error";
    /// The service is busy or its database is away (RFC 6749, 4.1.2.1).
    TemporarilyUnavailable "temporarily_unavailable";
    /// The client is unknown, or has not proved that it is the one (RFC 6749, 5.2).
    InvalidClient "invalid_client";
    /// A code or a refresh token is not good, or of another client (RFC 6749, 5.2).
    InvalidGrant "invalid_grant";
    /// Another grant than a code or a refresh token (RFC 6749, 5.2).
    UnsupportedGrantType "unsupported_grant_type";
    /// A token of a kind that cannot be revoked (RFC 7009, 2.2.1).
    UnsupportedTokenType "unsupported_token_type";
    /// An access token is not good (RFC 6750, 3.1).
    InvalidToken "invalid_token";
    /// An access token without the scope that is needed (RFC 6750, 3.1).
    InsufficientScope "insufficient_scope";
    /// The person has to do something, and nothing may be shown (OpenID Connect Core, 3.1.2.6).
    InteractionRequired "interaction_required";
    /// The person has to sign in, and nothing may be shown (OpenID Connect Core, 3.1.2.6).
    LoginRequired "login_required";
    /// The person has to agree, and nothing may be shown (OpenID Connect Core, 3.1.2.6).
    ConsentRequired "consent_required";
    /// The request object is not read (OpenID Connect Core, 3.1.2.6).
    RequestNotSupported "request_not_supported";
    /// A `request_uri` that this service did not give out (OpenID Connect Core, 3.1.2.6).
    RequestUriNotSupported "request_uri_not_supported";
    /// A pushed request that is unknown, used or too old (OpenID Connect Core, 3.1.2.6).
    InvalidRequestUri "invalid_request_uri";
    /// Clients do not register themselves in a request (OpenID Connect Core, 3.1.2.6).
    RegistrationNotSupported "registration_not_supported";
    /// Nobody can be signed in as strongly as `acr_values` asks (OpenID Connect Unmet
    /// Authentication Requirements 1.0).
    UnmetAuthenticationRequirements "unmet_authentication_requirements";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_unique_and_of_the_letters_that_an_error_may_have() {
        let words: HashSet<_> = OauthErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), OauthErrorCode::ALL.len());
        for word in words {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{word}");
        }
    }
}
