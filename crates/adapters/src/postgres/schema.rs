//! The tables as the migrations leave them: a test compares this file with the migrated database.

diesel::table! {
    user (id) {
        id -> Uuid,
        email -> Text,
        password_hash -> Text,
        name -> Nullable<Text>,
        token_version -> Int4,
        last_task_number -> Int8,
        created_at -> Timestamptz,
        time_zone -> Text,
        week_start -> Text,
        email_confirmed_at -> Nullable<Timestamptz>,
        avatar_url -> Nullable<Text>,
        oauth_provider -> Nullable<Text>,
        has_password -> Bool,
    }
}

diesel::table! {
    todo (user_id, number) {
        user_id -> Uuid,
        number -> Int8,
        title -> Text,
        description -> Nullable<Text>,
        completed -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        due_date -> Nullable<Date>,
        due_time -> Nullable<Time>,
        due_zone -> Nullable<Text>,
        due_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        priority -> Int2,
        tags -> Array<Text>,
        repeat -> Nullable<Text>,
        title_key -> Nullable<Text>,
        description_key -> Nullable<Text>,
        tag_keys -> Array<Text>,
        revision -> Int8,
        position -> Nullable<Int8>,
        parent -> Nullable<Int8>,
    }
}

diesel::table! {
    conversation (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        last_seq -> Int4,
        message_count -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        client_id -> Nullable<Uuid>,
        summary -> Nullable<Text>,
        summary_seq -> Int4,
        has_own_title -> Bool,
        model -> Nullable<Text>,
    }
}

diesel::table! {
    turn (id) {
        id -> Uuid,
        user_id -> Uuid,
        conversation_id -> Uuid,
        client_message_id -> Nullable<Text>,
        idempotency_key -> Nullable<Text>,
        body_hash -> Nullable<Bytea>,
        state -> Text,
        first_seq -> Int4,
        step -> Int4,
        fence -> Int4,
        attempt -> Int2,
        #[sql_name = "closing_seq"]
        final_message_seq -> Nullable<Int4>,
        base_step -> Int4,
        regenerates -> Bool,
        lease_until -> Timestamptz,
        stop_requested -> Bool,
        finish_reason -> Nullable<Text>,
        failure -> Nullable<Text>,
        model -> Nullable<Text>,
        prompt_tokens -> Nullable<Int4>,
        completion_tokens -> Nullable<Int4>,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        time_zone -> Text,
        week_start -> Text,
        message_before_edit -> Nullable<Text>,
        program -> Nullable<Text>,
        regeneration_key -> Nullable<Text>,
        asked_at -> Nullable<Timestamptz>,
        edited_after -> Nullable<Int4>,
        replaced_before -> Int4,
        edited_after_before_edit -> Nullable<Int4>,
    }
}

diesel::table! {
    regeneration (user_id, idempotency_key) {
        user_id -> Uuid,
        idempotency_key -> Text,
        body_hash -> Bytea,
        turn_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    deleted_conversation_key (user_id, idempotency_key) {
        user_id -> Uuid,
        idempotency_key -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    message (conversation_id, seq) {
        conversation_id -> Uuid,
        seq -> Int4,
        turn_id -> Uuid,
        role -> Text,
        content -> Text,
        tool_calls -> Nullable<Jsonb>,
        tool_call_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    todo_change (id) {
        id -> Int8,
        user_id -> Uuid,
        number -> Int8,
        #[sql_name = "door"]
        channel -> Text,
        turn_id -> Nullable<Uuid>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        idempotency_key -> Nullable<Text>,
        body_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        undoes -> Array<Int8>,
        undone_by -> Nullable<Int8>,
        left_out -> Nullable<Jsonb>,
        program -> Nullable<Text>,
    }
}

diesel::table! {
    todo_batch (user_id, idempotency_key) {
        user_id -> Uuid,
        idempotency_key -> Text,
        body_hash -> Bytea,
        outcomes -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    session (id) {
        id -> Uuid,
        user_id -> Uuid,
        secret_hash -> Bytea,
        previous_hash -> Nullable<Bytea>,
        rotated_at -> Timestamptz,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    access_token (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        scopes -> Array<Text>,
        audience -> Text,
        secret_hash -> Bytea,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        grant_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    oauth_client (id) {
        id -> Uuid,
        name -> Text,
        uri -> Nullable<Text>,
        redirect_uris -> Array<Text>,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    oauth_grant (id) {
        id -> Uuid,
        user_id -> Uuid,
        token_version -> Int4,
        client_id -> Text,
        client_name -> Text,
        client_uri -> Nullable<Text>,
        scopes -> Array<Text>,
        code_hash -> Bytea,
        redirect_uri -> Text,
        code_challenge -> Text,
        secret_hash -> Nullable<Bytea>,
        previous_hash -> Nullable<Bytea>,
        rotated_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    account_usage (user_id) {
        user_id -> Uuid,
        window_start -> Timestamptz,
        turns -> Int4,
        day -> Date,
        tokens -> Int8,
        conversations_opened -> Int8,
        stored_bytes -> Int8,
        list_bytes -> Nullable<Int8>,
    }
}

diesel::table! {
    calendar (user_id) {
        user_id -> Uuid,
        secret_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    one_time_token (secret_hash) {
        secret_hash -> Bytea,
        user_id -> Uuid,
        purpose -> Text,
        by_mail -> Bool,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    provider_sign_in (state_hash) {
        state_hash -> Bytea,
        provider -> Text,
        pkce_verifier -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    identity (provider, subject) {
        provider -> Text,
        subject -> Text,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    approval (id) {
        id -> Uuid,
        user_id -> Uuid,
        conversation_id -> Nullable<Uuid>,
        turn_id -> Nullable<Uuid>,
        call_id -> Nullable<Text>,
        tool -> Text,
        arguments -> Jsonb,
        tasks -> Jsonb,
        state -> Text,
        result -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        program -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        week_start -> Nullable<Text>,
        asked_at -> Nullable<Timestamptz>,
        is_set_aside -> Bool,
    }
}

diesel::joinable!(todo -> user (user_id));
diesel::joinable!(conversation -> user (user_id));
diesel::joinable!(turn -> conversation (conversation_id));
diesel::joinable!(regeneration -> turn (turn_id));
diesel::joinable!(message -> turn (turn_id));
diesel::joinable!(message -> conversation (conversation_id));
diesel::joinable!(session -> user (user_id));
diesel::joinable!(access_token -> user (user_id));
diesel::joinable!(oauth_grant -> user (user_id));
diesel::joinable!(one_time_token -> user (user_id));
diesel::joinable!(identity -> user (user_id));
diesel::joinable!(approval -> turn (turn_id));
diesel::allow_tables_to_appear_in_same_query!(
    user,
    todo,
    conversation,
    turn,
    regeneration,
    deleted_conversation_key,
    message,
    todo_batch,
    todo_change,
    session,
    access_token,
    account_usage,
    calendar,
    oauth_client,
    oauth_grant,
    one_time_token,
    identity,
    approval
);
