// @generated from the migrated database (see migrations/README.md).

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        prefix -> Text,
        secret_hash -> Bytea,
        label -> Text,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    attempts (id) {
        id -> Int8,
        user_id -> Nullable<Uuid>,
        kind -> Text,
        outcome -> Text,
        pad_bona_fide -> Bool,
        model_id -> Text,
        client_hash -> Bytea,
        at -> Timestamptz,
        assurance -> Nullable<Text>,
        reasons -> Array<Text>,
        attestation -> Nullable<Text>,
    }
}

diesel::table! {
    attested_keys (id) {
        id -> Bytea,
        public_key -> Bytea,
        app -> Bytea,
        counter -> Int8,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    authorization_codes (code_hash) {
        code_hash -> Bytea,
        user_id -> Uuid,
        client_id -> Text,
        redirect_uri -> Text,
        challenge -> Text,
        nonce -> Nullable<Text>,
        scope -> Text,
        auth_time -> Timestamptz,
        acr -> Text,
        attestation -> Nullable<Text>,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        session -> Nullable<Uuid>,
        kept_until -> Timestamptz,
        nonce_key_id -> Nullable<Text>,
        sealed_nonce -> Nullable<Bytea>,
    }
}

diesel::table! {
    authorization_requests (id) {
        id -> Bytea,
        browser_hash -> Nullable<Bytea>,
        client_id -> Text,
        parameters -> Text,
        username_key -> Nullable<Text>,
        requested_at -> Timestamptz,
        expires_at -> Timestamptz,
        key_id -> Nullable<Text>,
        sealed -> Nullable<Bytea>,
    }
}

diesel::table! {
    client_assertions (client_id, jti_hash) {
        client_id -> Text,
        jti_hash -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    client_consents (user_id, client_id) {
        user_id -> Uuid,
        client_id -> Text,
        scopes -> Array<Text>,
        asked -> Bool,
        granted_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    client_limits (client, kind) {
        client -> Bytea,
        kind -> Int2,
        whole_at -> Timestamptz,
    }
}

diesel::table! {
    clients (client_id) {
        client_id -> Text,
        name -> Text,
        redirect_uris -> Array<Text>,
        post_logout_redirect_uris -> Array<Text>,
        authentication -> Text,
        secret_hash -> Nullable<Bytea>,
        jwks -> Nullable<Text>,
        first_party -> Bool,
        pairwise -> Bool,
        sector -> Nullable<Text>,
        audience -> Nullable<Text>,
        require_par -> Bool,
        offline_access -> Bool,
        created_at -> Timestamptz,
        credential_at -> Timestamptz,
    }
}

diesel::table! {
    consents (user_id, granted_at) {
        user_id -> Uuid,
        policy_version -> Text,
        granted_at -> Timestamptz,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    enrolment_images (id) {
        id -> Uuid,
        user_id -> Uuid,
        template_id -> Uuid,
        key_id -> Text,
        sealed -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    enrolment_tokens (id) {
        id -> Uuid,
        user_id -> Uuid,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    factor_transactions (id) {
        id -> Bytea,
        user_id -> Nullable<Uuid>,
        purpose -> Text,
        ceremony -> Text,
        assurance -> Nullable<Text>,
        template_id -> Nullable<Uuid>,
        attestation -> Nullable<Text>,
        device -> Nullable<Uuid>,
        tries_left -> Int2,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    failures (username_key, device) {
        username_key -> Text,
        device -> Uuid,
        in_a_row -> Int4,
        blocked_until -> Nullable<Timestamptz>,
        last_at -> Timestamptz,
        pending -> Int4,
        budget_full_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    idempotency_keys (key_hash) {
        key_hash -> Bytea,
        request_digest -> Bytea,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (secret_hash) {
        secret_hash -> Bytea,
        username -> Text,
        username_key -> Nullable<Text>,
        made_by -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    liveness_frames (digest) {
        digest -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    liveness_grants (token_hash) {
        token_hash -> Bytea,
        session -> Uuid,
        model_id -> Text,
        key_id -> Text,
        sealed -> Bytea,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        purpose -> Nullable<Text>,
        assurance -> Text,
        expires_at -> Timestamptz,
        previous_model_id -> Nullable<Text>,
        previous_sealed -> Nullable<Bytea>,
        attestation -> Nullable<Text>,
    }
}

diesel::table! {
    liveness_sessions (id) {
        id -> Uuid,
        nonce_hash -> Nullable<Bytea>,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        purpose -> Nullable<Text>,
        kinds -> Array<Text>,
        steps -> Array<Text>,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        attempts_left -> Int2,
    }
}

diesel::table! {
    login_sessions (secret_hash) {
        secret_hash -> Bytea,
        user_id -> Uuid,
        id -> Uuid,
        auth_time -> Timestamptz,
        acr -> Text,
        attestation -> Nullable<Text>,
        used_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (id) {
        id -> Uuid,
        sequence -> Int8,
        account_id -> Uuid,
        username -> Text,
        kind -> Text,
        at -> Timestamptz,
        tries -> Int4,
        due_at -> Timestamptz,
        leased_until -> Nullable<Timestamptz>,
        give_up_at -> Timestamptz,
        last_result -> Nullable<Text>,
        dead_at -> Nullable<Timestamptz>,
        traceparent -> Nullable<Text>,
    }
}

diesel::table! {
    passkeys (user_id, id) {
        user_id -> Uuid,
        id -> Uuid,
        credential_id -> Bytea,
        credential -> Text,
        counter -> Int8,
        kind -> Text,
        name -> Text,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> Uuid,
        code_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (id) {
        id -> Int8,
        token_hash -> Bytea,
        user_id -> Uuid,
        session -> Uuid,
        auth_time -> Timestamptz,
        acr -> Text,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        attestation -> Nullable<Text>,
        client_id -> Nullable<Text>,
        scope -> Nullable<Text>,
    }
}

diesel::table! {
    templates (id) {
        id -> Uuid,
        user_id -> Uuid,
        model_id -> Text,
        key_id -> Text,
        sealed -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    user_keys (user_id) {
        user_id -> Uuid,
        id -> Uuid,
        key_id -> Text,
        wrapped -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        username -> Text,
        username_key -> Text,
        created_at -> Timestamptz,
        last_active_at -> Timestamptz,
    }
}

diesel::table! {
    write_probe (id) {
        id -> Int2,
    }
}

diesel::joinable!(attempts -> users (user_id));
diesel::joinable!(authorization_codes -> users (user_id));
diesel::joinable!(client_consents -> users (user_id));
diesel::joinable!(consents -> users (user_id));
diesel::joinable!(enrolment_images -> templates (template_id));
diesel::joinable!(enrolment_images -> users (user_id));
diesel::joinable!(enrolment_tokens -> users (user_id));
diesel::joinable!(factor_transactions -> users (user_id));
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(liveness_grants -> liveness_sessions (session));
diesel::joinable!(login_sessions -> users (user_id));
diesel::joinable!(passkeys -> users (user_id));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(refresh_tokens -> users (user_id));
diesel::joinable!(templates -> users (user_id));
diesel::joinable!(user_keys -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_keys,
    attempts,
    attested_keys,
    authorization_codes,
    authorization_requests,
    client_assertions,
    client_consents,
    client_limits,
    clients,
    consents,
    enrolment_images,
    enrolment_tokens,
    factor_transactions,
    failures,
    idempotency_keys,
    invitations,
    liveness_frames,
    liveness_grants,
    liveness_sessions,
    login_sessions,
    outbox,
    passkeys,
    recovery_codes,
    refresh_tokens,
    templates,
    user_keys,
    users,
    write_probe,
);

/// Every table above.
pub(crate) const TABLES: [&str; 28] = [
    "api_keys",
    "attempts",
    "attested_keys",
    "authorization_codes",
    "authorization_requests",
    "client_assertions",
    "client_consents",
    "client_limits",
    "clients",
    "consents",
    "enrolment_images",
    "enrolment_tokens",
    "factor_transactions",
    "failures",
    "idempotency_keys",
    "invitations",
    "liveness_frames",
    "liveness_grants",
    "liveness_sessions",
    "login_sessions",
    "outbox",
    "passkeys",
    "recovery_codes",
    "refresh_tokens",
    "templates",
    "user_keys",
    "users",
    "write_probe",
];

/// The functions of the migrations that statements of this crate call.
pub(crate) const FUNCTIONS: [&str; 3] = [
    "partition_first_ends",
    "partitions_drop",
    "partitions_make",
];
