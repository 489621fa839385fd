//! An account as a file: everything that its person can see, page by page from the database.
//!
//! No transaction and no connection is held between two pages, and no more than a page is held in
//! memory, however large the account is and however slowly the client reads.

mod file;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{Bytes, Data},
};
use domain::{
    account_archive::{ArchivedConversation, ConversationRow, SequencedMessage},
    caller::Caller,
    change_log::{ChangeFilter, ChangeId},
    todo::TaskNumber,
    todo_filter::TodoFilter,
    turn_and_conversation_ids::TurnId,
};
use futures::{Stream, stream};
use turn_service::Permit;

use crate::{
    error::ApiError,
    extract::caller::Authenticated,
    resource_limits::{memory_budget::ReservedBytes, run_to_completion::run_to_completion},
    response_bodies::task_body::TaskBody,
    state::AppState,
};
use file::{ChangeItem, ConversationHead, FileHead, MessageBody, TurnHead, json, open_object};

/// What an export may hold: a page, twice while it is written as JSON, and what the connection keeps.
/// [`AppState::export_memory`] has room for so many of these.
const HELD_BYTES: usize = 2 * 1024 * 1024;
/// The size of a piece that the connection is given.
const CHUNK_SIZE: usize = 32 * 1024;
/// The tasks and the changes of a page: a task has up to 10 KiB, and a change two of them.
const TASKS: i64 = 50;
const CHANGES: i64 = 25;
/// How long a file may take in all: there is room for eight of them at a time, and who reads a few bytes now
/// and then would keep the others out.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// How often a page asks for its turn among the account's requests, of which each waits a while.
const MAX_WAITS: usize = 20;

/// `GET …/export`.
pub(super) async fn export_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let name = format!("attachment; filename=\"todo-export-{}.json\"", state.clock.now().format("%Y-%m-%d"));
    let export = run_to_completion(Export::begin(state, caller)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(pieces(export)))
}

/// An export on its way.
struct Export {
    state: Data<AppState>,
    caller: Caller,
    next: Next,
    /// Text that is still to be given out.
    text: Bytes,
    begun_at: Instant,
    /// Whether something stands in the array that is being written.
    has_items: bool,
    /// One export, or import, of an account is at work at a time.
    _permit: Permit,
    _reserved: ReservedBytes,
}

/// What is read next.
enum Next {
    /// Tasks below a number.
    Tasks(Option<TaskNumber>),
    /// The first of these conversations, or those behind a row.
    Conversation(VecDeque<ArchivedConversation>, Option<ConversationRow>),
    /// What was said in the first of these conversations.
    Messages(VecDeque<ArchivedConversation>, Position),
    /// Changes before one.
    Changes(Option<ChangeId>),
    /// Nothing.
    Nothing,
}

/// A place in a conversation: behind a message, in a turn.
#[derive(Default)]
struct Position {
    seq: i32,
    turn: Option<TurnId>,
}

impl Export {
    /// Reads what stands first: what is wrong with the caller or the database is still a status then.
    async fn begin(state: Data<AppState>, caller: Caller) -> Result<Self, ApiError> {
        let reserved = state.export_memory.reserve(HELD_BYTES)?;
        let permit = state.export_import_locks.acquire(caller.user).await?;
        let ports = state.ports()?;
        let _turn = state.account_concurrency.acquire(caller.user).await?;
        let user = ports.accounts.find(caller).await?;
        let last_number = ports.archives.last_number(caller).await?;
        let head = open_object(&FileHead::new(&user, last_number, state.clock.now()), "tasks")?;
        Ok(Self {
            caller,
            next: Next::Tasks(None),
            text: Bytes::from(head),
            begun_at: state.clock.instant(),
            has_items: false,
            _permit: permit,
            _reserved: reserved,
            state: state.clone(),
        })
    }

    /// The next piece of the file; nothing at its end.
    async fn piece(&mut self) -> Result<Option<Bytes>, ApiError> {
        if self.state.clock.instant().saturating_duration_since(self.begun_at) > EXPORT_TIMEOUT {
            return Err(ApiError::RequestTimeout);
        }
        while self.text.is_empty() {
            if matches!(self.next, Next::Nothing) {
                return Ok(None);
            }
            self.text = Bytes::from(self.page().await?);
        }
        Ok(Some(self.text.split_to(self.text.len().min(CHUNK_SIZE))))
    }

    /// Reads the next page and returns its text.
    async fn page(&mut self) -> Result<String, ApiError> {
        let state = self.state.clone();
        let ports = state.ports()?;
        let _turn = self.turn().await?;
        let mut text = String::new();
        self.next = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Nothing => Next::Nothing,
            Next::Tasks(before) => {
                let filter = TodoFilter { limit: TASKS, before, ..TodoFilter::default() };
                let page = ports.todos.list(self.caller, &filter).await?;
                let last = page.todos.last().map(|todo| todo.number).filter(|_| page.more);
                for todo in page.todos {
                    self.item(&mut text, &json(&TaskBody::from(todo))?);
                }
                match last {
                    Some(last) => Next::Tasks(Some(last)),
                    None => self.array(&mut text, "conversations", Next::Conversation(VecDeque::new(), None)),
                }
            }
            Next::Conversation(mut waiting, after) => {
                if waiting.is_empty() {
                    waiting = ports.archives.conversations(self.caller, after).await?.into();
                }
                match waiting.front() {
                    Some(first) => {
                        self.item(&mut text, &open_object(&ConversationHead::from(first), "turns")?);
                        Next::Messages(waiting, Position::default())
                    }
                    None => self.array(&mut text, "changes", Next::Changes(None)),
                }
            }
            Next::Messages(waiting, position) => self.messages(&mut text, waiting, position).await?,
            Next::Changes(before) => {
                let filter = ChangeFilter { before, limit: CHANGES, ..ChangeFilter::default() };
                let page = ports.change_log.changes(self.caller, &filter).await?;
                let last = page.changes.last().map(|change| change.id).filter(|_| page.more);
                for change in page.changes {
                    self.item(&mut text, &json(&ChangeItem::from(change))?);
                }
                match last {
                    Some(last) => Next::Changes(Some(last)),
                    None => {
                        text.push_str("\n]}\n");
                        Next::Nothing
                    }
                }
            }
        };
        Ok(text)
    }

    async fn messages(
        &mut self,
        text: &mut String,
        mut waiting: VecDeque<ArchivedConversation>,
        mut position: Position,
    ) -> Result<Next, ApiError> {
        let Some(row) = waiting.front().map(|conversation| conversation.row) else {
            return Err(ApiError::internal("an export is in no conversation"));
        };
        let state = self.state.clone();
        let messages = state.ports()?.archives.messages(self.caller, row, position.seq).await?;
        if messages.is_empty() {
            text.push_str(if position.turn.is_some() { "]}]}" } else { "]}" });
            waiting.pop_front();
            return Ok(Next::Conversation(waiting, Some(row)));
        }
        for SequencedMessage { seq, turn, message } in messages {
            if position.turn == Some(turn.id) {
                text.push(',');
            } else {
                text.push_str(if position.turn.is_some() { "]},\n" } else { "\n" });
                text.push_str(&open_object(&TurnHead::from(&turn), "messages")?);
            }
            text.push_str(&json(&MessageBody::from(&message))?);
            position = Position { seq, turn: Some(turn.id) };
        }
        Ok(Next::Messages(waiting, position))
    }

    /// Waits for the account's turn at the database.
    async fn turn(&self) -> Result<Permit, ApiError> {
        for _ in 1..MAX_WAITS {
            if let Ok(permit) = self.state.account_concurrency.acquire(self.caller.user).await {
                return Ok(permit);
            }
        }
        Ok(self.state.account_concurrency.acquire(self.caller.user).await?)
    }

    /// Writes one item of an array, on a line of its own.
    fn item(&mut self, text: &mut String, item: &str) {
        text.push_str(if self.has_items { ",\n" } else { "\n" });
        text.push_str(item);
        self.has_items = true;
    }

    /// Ends an array and begins the next one.
    fn array(&mut self, text: &mut String, name: &str, next: Next) -> Next {
        text.push_str(&format!("\n],\n\"{name}\":["));
        self.has_items = false;
        next
    }
}

/// The file piece by piece. When something goes wrong the answer breaks off, so that nobody takes what
/// came for the whole.
fn pieces(export: Export) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(Some(export), |export| async move {
        let mut export = export?;
        let read = async move { (export.piece().await, export) };
        let (piece, export) = run_to_completion(read).await;
        match piece {
            Ok(piece) => Some((Ok(piece?), Some(export))),
            Err(error) => {
                tracing::warn!(user.id = %export.caller.user, code = error.code(), "an export broke off");
                Some((Err(std::io::Error::other(error)), None))
            }
        }
    })
}
