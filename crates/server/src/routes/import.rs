//! An exported file, read back into an account that is empty.

mod check;
mod check_changes;
mod check_conversations;
mod check_tasks;
mod field_validation;
mod file;

use std::time::Duration;

use actix_web::{
    HttpRequest,
    web::{self, Data, Json},
};
use domain::caller::Caller;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiError, Conflict},
    extract::{body, caller::Authenticated},
    resource_limits::run_to_completion::run_to_completion,
    state::AppState,
};
use check::Checked;
pub(super) use file::AccountFile;

/// What a file says it is.
pub(super) const FORMAT: &str = "todo-ai-chatbot account";
/// The newest version of the format: it is raised when an older server would read a file wrongly.
pub(super) const VERSION: u32 = 1;
/// The most bytes of a file. It is read into memory, because all of it is written in one transaction, and
/// no transaction may wait for somebody who sends slowly.
pub(super) const MAX_FILE: usize = 16 * 1024 * 1024;
/// How long a file may take to arrive.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
/// What a file's content takes in memory beside the file itself, in times of its size.
const TIMES_IN_MEMORY: usize = 2;

/// What was read back.
#[derive(Serialize, ToSchema)]
pub(super) struct Imported {
    tasks: usize,
    conversations: usize,
    changes: usize,
    /// Turns without an end, which nobody can go on with, or without their answer.
    left_out_turns: usize,
}

/// `POST …/import`: all of the file or nothing.
pub(super) async fn import_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Json<Imported>, ApiError> {
    run_to_completion(read_back(caller, state, request, payload)).await
}

async fn read_back(
    caller: Caller,
    state: Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Json<Imported>, ApiError> {
    let _only = state.export_import_locks.acquire(caller.user).await?;
    let payload = payload.into_inner();
    let file = body::receive_json(&request, payload, MAX_FILE, FILE_TIMEOUT).await?;
    let _read = state.body_memory.reserve(file.size() * TIMES_IN_MEMORY)?;
    let (ids, limits, now) = (state.ids.clone(), state.limits, state.clock.now());
    // Reading so much takes longer than others can wait for their turn on this thread.
    let checked = web::block(move || check::check(file.read(body::read_object)?, ids.as_ref(), &limits, now));
    let checked = checked.await.map_err(|error| ApiError::Internal {
        what: "reading a file was given up",
        source: Some(Box::new(error)),
    })?;
    let Checked { archive, left_out_turns } = checked?;
    let _turn = state.account_concurrency.acquire(caller.user).await?;
    if !state.ports()?.archives.restore(caller, &archive).await? {
        return Err(ApiError::Conflict(Conflict::AccountNotEmpty));
    }
    Ok(Json(Imported {
        tasks: archive.todos.len(),
        conversations: archive.conversations.len(),
        changes: archive.changes.len(),
        left_out_turns,
    }))
}
