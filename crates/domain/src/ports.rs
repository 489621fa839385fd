//! The ports: contracts of what the domain needs of the outside.
//!
//! A store's method is one transaction. Not found is `None`; a failure is a [`StoreError`]. Every
//! method that takes a [`Caller`](crate::caller::Caller) returns [`StoreError::UnknownCaller`] when the
//! account is gone or its tokens were revoked, and does nothing then.

mod access_tokens;
mod account_archive;
mod accounts;
mod approval;
mod calendar;
mod change_log;
mod clock_and_ids;
mod conversations;
mod idempotency;
mod identities;
mod identity_provider;
mod interrupt;
mod mail;
mod mcp_call_executor;
mod model;
mod oauth;
mod one_time_tokens;
mod password_hasher;
mod sessions;
mod store_error;
mod title_and_summary;
mod todo_command_executor;
mod todos;
mod token_usage_recorder;
mod turn_listener;
mod turns;
mod undo;

pub use access_tokens::AccessTokenStore;
pub use account_archive::AccountArchives;
pub use accounts::{AccountChange, AccountStore, NewAccount};
pub use approval::ApprovalStore;
pub use calendar::{CalendarStore, CalendarTasks, MAX_CALENDAR_TASKS, MAX_CALENDAR_TEXT};
pub use change_log::ChangeLog;
pub use clock_and_ids::{Clock, IdGenerator};
pub use conversations::{ConversationPage, ConversationStore, TurnPage};
pub use idempotency::{IdempotentOutcome, KeyUse};
pub use identities::{IdentityStore, SignInOutcome, UnlinkOutcome};
pub use identity_provider::{IdentityProvider, PendingSignIn, ProviderError};
pub use interrupt::{Interrupt, Interruption};
pub use mail::{MailError, Mailer};
pub use mcp_call_executor::McpCallExecutor;
pub use model::{
    LanguageModel, ModelError, ModelFinish, ModelReply, ModelRequest, RequestedCall, TextSink, ToolChoice,
};
pub use oauth::{ClientDocuments, DocumentError, OAuthStore};
pub use one_time_tokens::OneTimeTokenStore;
pub use password_hasher::{HasherError, PasswordCheck, PasswordHasher};
pub use sessions::SessionStore;
pub use store_error::{Source, StoreError};
pub use title_and_summary::{Summary, TitleAndSummaryStore, Unsummarized};
pub use todo_command_executor::TodoCommandExecutor;
pub use todos::{Outcomes, TodoStore};
pub use token_usage_recorder::TokenUsageRecorder;
pub use turn_listener::{TurnEvent, TurnListener};
pub use turns::{LeaseError, ModelUsage, Regeneration, Release, Renewed, TurnLeases, TurnReader, TurnStore};
pub use undo::UndoStore;
