// @generated from the migrated database (see migrations/README.md).

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
    }
}

diesel::table! {
    consents (user_id, granted_at) {
        user_id -> Uuid,
        policy_version -> Text,
        granted_at -> Timestamptz,
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
    users (id) {
        id -> Uuid,
        username -> Text,
        username_key -> Text,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(attempts -> users (user_id));
diesel::joinable!(consents -> users (user_id));
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(refresh_tokens -> users (user_id));
diesel::joinable!(templates -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    attempts,
    consents,
    idempotency_keys,
    refresh_tokens,
    templates,
    users,
);
