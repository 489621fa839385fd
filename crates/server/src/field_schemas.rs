//! Schemas of values whose Rust types do not tell what they may be: words of the contract, as the domain
//! knows them, and text of a form.

use domain::{
    access_token::Scope, linked_identity::Provider, priority::Priority, request_channel::ChannelKind,
};
use serde_json::{Value, json};
use utoipa::openapi::{
    Array, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
    schema::{ArrayBuilder, SchemaType},
};

/// Text that is one of these words.
pub(crate) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// `null`, or what the schema says.
pub(crate) fn nullable(schema: impl Into<RefOr<Schema>>) -> Schema {
    OneOfBuilder::new().item(schema).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

/// Text, with an example of it.
pub(crate) fn text(example: impl Into<Value>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).examples([example.into()]).build()
}

/// Text that is not blank, of at most so many characters.
pub(crate) fn words(most: usize, example: &str) -> Object {
    let text = ObjectBuilder::from(text(example));
    text.min_length(Some(1)).max_length(Some(most)).pattern(Some(NOT_BLANK)).build()
}

/// Text with something to be seen in it: white space alone is not, and U+0000 is never taken.
const NOT_BLANK: &str = r"^[^\x00]*[^\s\x00][^\x00]*$";
/// Text without U+0000, which Postgres cannot store.
pub(crate) const WITHOUT_NUL: &str = r"^[^\x00]*$";

/// A JSON object of any members.
pub(crate) fn object() -> Object {
    Object::with_type(Type::Object)
}

/// Any JSON value.
pub(crate) fn anything() -> Object {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).build()
}

/// A whole number in a range.
pub(crate) fn integer(least: i64, most: i64) -> Object {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least));
    let number = if most < i64::MAX { number.maximum(Some(most)) } else { number };
    number.format(Some(SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Int64))).build()
}

/// What a list holds.
pub(crate) fn list(items: impl Into<RefOr<Schema>>) -> Array {
    ArrayBuilder::new().items(items.into()).build()
}

/// The name of a task, a conversation or a token.
pub(crate) fn title() -> Object {
    words(255, "Buy milk")
}

/// What a task may be described with.
pub(crate) fn description() -> Schema {
    let text = ObjectBuilder::from(text("Two litres"));
    nullable(text.max_length(Some(2000)).pattern(Some(WITHOUT_NUL)).build())
}

/// Who a person says they are.
pub(crate) fn person_name() -> Schema {
    let text = ObjectBuilder::from(text("Test User"));
    nullable(text.max_length(Some(100)).pattern(Some(WITHOUT_NUL)).build())
}

/// A password that is to be set.
pub(crate) fn new_password() -> Object {
    let text = ObjectBuilder::from(text("securepassword123"));
    text.min_length(Some(8))
        .max_length(Some(256))
        .format(Some(SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Password)))
        .pattern(Some(WITHOUT_NUL))
        .build()
}

/// A password that is compared.
pub(crate) fn password() -> Object {
    ObjectBuilder::from(text("securepassword123"))
        .format(Some(SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Password)))
        .pattern(Some(WITHOUT_NUL))
        .build()
}

/// As [`password`], which an account of a provider's does not have.
pub(crate) fn maybe_password() -> Schema {
    nullable(password())
}

/// An email address. What is one is decided by the server (RFC 5321, and names in other scripts).
pub(crate) fn email() -> Object {
    ObjectBuilder::from(text("test@example.com"))
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .max_length(Some(254))
        .build()
}

/// The name of a time zone of IANA's.
pub(crate) fn time_zone() -> Object {
    text("Europe/Berlin")
}

/// A task's day, or its day and time, as the person reads it off their clock; or nothing.
pub(crate) fn wanted_due() -> Schema {
    nullable(text("2026-11-27T09:00"))
}

/// How a task repeats, in words or as a rule.
pub(crate) fn wanted_repeat() -> Schema {
    nullable(text("every month on the 27th"))
}

/// How important a task is.
pub(crate) fn priority() -> Object {
    one_of(Priority::ALL.map(Priority::as_str))
}

/// As [`priority`], or nothing.
pub(crate) fn wanted_priority() -> Schema {
    nullable(priority())
}

/// The tags of a task.
pub(crate) fn tags() -> Array {
    list(text("home"))
}

/// What a new set of tags may be.
pub(crate) fn wanted_tags() -> Schema {
    let tag = words(domain::tags::MAX_TAG_CHARACTERS, "home");
    nullable(ArrayBuilder::new().items(tag).max_items(Some(domain::tags::MAX_TAGS)).build())
}

/// The first day of a person's week.
pub(crate) fn week_start() -> Object {
    one_of(["monday", "sunday", "saturday"])
}

/// As [`week_start`], or nothing.
pub(crate) fn wanted_week_start() -> Schema {
    nullable(week_start())
}

/// What a program may do.
pub(crate) fn scopes() -> Array {
    let scope = one_of(Scope::ALL.map(Scope::as_str));
    ArrayBuilder::new().items(scope).min_items(Some(1)).build()
}

/// What a program may do that is connected by OAuth.
pub(crate) fn oauth_scopes() -> Array {
    ArrayBuilder::new().items(oauth_scope()).min_items(Some(1)).build()
}

/// As [`oauth_scopes`], or none.
pub(crate) fn oauth_scopes_or_none() -> Array {
    list(oauth_scope())
}

fn oauth_scope() -> Object {
    one_of(domain::oauth::SCOPES.map(Scope::as_str))
}

/// Where a program may have people sent back to.
pub(crate) fn redirect_uris() -> Array {
    let addresses = ArrayBuilder::new().items(text("https://app.example/callback"));
    addresses.min_items(Some(1)).max_items(Some(domain::oauth::MAX_REDIRECTS)).build()
}

/// The ways to a token.
pub(crate) fn grant_type() -> Object {
    one_of(["authorization_code", "refresh_token"])
}

/// As [`token_type`], as OAuth's own standards write it.
pub(crate) fn oauth_token_type() -> Object {
    one_of(["Bearer"])
}

/// For how many days a token is good; `null` is no end.
pub(crate) fn token_days() -> Schema {
    nullable(integer(1, i64::from(domain::access_token::MAX_TOKEN_DAYS)))
}

/// By which channel a change came.
pub(crate) fn channel() -> Object {
    one_of(ChannelKind::ALL.map(ChannelKind::as_str))
}

/// The way on which the person is asked for their yes.
pub(crate) fn asking_channel() -> Object {
    one_of([ChannelKind::Chat, ChannelKind::Mcp].map(ChannelKind::as_str))
}

/// What became of a task.
pub(crate) fn change_kind() -> Object {
    one_of(["added", "updated", "completed", "reopened", "repeated", "deleted", "restored"])
}

/// What stands against taking a change back.
pub(crate) fn conflict_reason() -> Object {
    one_of(["changed", "deleted", "restored"])
}

/// Why a turn ended.
pub(crate) fn finish_reason() -> Object {
    one_of(["stop", "length", "content_filter", "step_limit", "cancelled"])
}

/// As [`finish_reason`], or nothing while there is no end.
pub(crate) fn maybe_finish_reason() -> Schema {
    nullable(finish_reason())
}

/// How a question stands.
pub(crate) fn approval_state() -> Object {
    one_of(["waiting", "approved", "rejected", "expired", "void"])
}

/// The answer to a question.
pub(crate) fn decision() -> Object {
    one_of(["approve", "reject"])
}

/// How a turn stands.
pub(crate) fn turn_state() -> Object {
    one_of(["running", "answered", "failed"])
}

/// The tasks that a question is about.
pub(crate) fn approval_tasks() -> Array {
    let task = ObjectBuilder::new().property("id", integer(1, i64::MAX)).property("title", text("Milk"));
    list(task.required("id").required("title"))
}

/// What the assistant's tools were asked, and what they answered.
pub(crate) fn tool_calls() -> Array {
    let call = ObjectBuilder::new()
        .property("tool", text("add_task"))
        .property("input", object())
        .property("result", anything())
        .examples([json!({
            "tool": "add_task",
            "input": {"title": "Buy milk"},
            "result": {"success": true, "task": {"id": 1, "title": "Buy milk"}},
        })]);
    list(call.required("tool").required("input").required("result"))
}

/// What a person calls a token.
pub(crate) fn token_name() -> Object {
    words(100, "backup script")
}

/// The one type of token (RFC 6750).
pub(crate) fn token_type() -> Object {
    one_of(["bearer"])
}

/// The types and states of the AI SDK's parts.
pub(crate) fn step_start() -> Object {
    one_of(["step-start"])
}

/// See [`step_start`].
pub(crate) fn text_part() -> Object {
    one_of(["text"])
}

/// See [`step_start`].
pub(crate) fn done() -> Object {
    one_of(["done"])
}

/// See [`step_start`].
pub(crate) fn tool_part() -> Object {
    ObjectBuilder::from(text("tool-add_task")).pattern(Some("^tool-")).build()
}

/// See [`step_start`].
pub(crate) fn output_available() -> Object {
    one_of(["output-available"])
}

/// With whom people may sign in.
pub(crate) fn provider() -> Object {
    one_of(Provider::ALL.map(Provider::as_str))
}

/// With whom people may sign in at this server.
pub(crate) fn providers() -> Array {
    list(provider())
}

/// A client's name for a request.
pub(crate) fn idempotency_key() -> Object {
    let text = ObjectBuilder::from(text("5c1d7c1c-26cf-4ba9-8c0c-7ab2a1b5e0b1"));
    text.min_length(Some(1)).max_length(Some(255)).pattern(Some(r"^[!-~]+$")).build()
}

/// A whole number as text, in quotes: the ETag of a task.
pub(crate) fn etag() -> Object {
    text("\"3\"")
}

/// A UUID.
pub(crate) fn uuid() -> Object {
    let format = SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build()
}

/// A part of a path that may be any text but an empty one.
pub(crate) fn path_text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).build()
}
