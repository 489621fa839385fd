//! An account as it is written to a file and read back: everything that its person can see, and no
//! secret.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    account::UserName,
    change_log::LoggedChange,
    conversation::ConversationTitle,
    time_zone::{TimeZone, WeekStart},
    todo::{TaskNumber, Todo},
    turn::{FailureKind, FinishReason, Usage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// Row key of a conversation, for paging; differs from the public id where the client chose that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationRow(pub Uuid);

/// A conversation, without what was said in it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivedConversation {
    /// Its row, which is another one when it is read back.
    pub row: ConversationRow,
    /// Its id, as its person knows it.
    pub id: ConversationId,
    /// Title as shown in the list.
    pub title: ConversationTitle,
    /// Whether the title is one of a person's or a model's.
    pub has_own_title: bool,
    /// The model that the person chose.
    pub model: Option<String>,
    /// What its first messages were summed up as.
    pub summary: Option<ArchivedSummary>,
    /// When its first turn began.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it.
    pub updated_at: DateTime<Utc>,
}

/// A summary of the beginning of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedSummary {
    /// What the model summarised.
    pub text: String,
    /// How many messages it holds.
    pub messages: usize,
}

/// A turn, without its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivedTurn {
    /// Its id, which is another one when it is read back.
    pub id: TurnId,
    /// The client's own id of the person's message.
    pub client_message_id: Option<String>,
    /// Whether it has ended, and how.
    pub ending: ArchivedEnding,
    /// Name of the model that answered, when known.
    pub model: Option<String>,
    /// Tokens used, when the provider reported them.
    pub usage: Option<Usage>,
    /// The person's time zone during the turn.
    pub time_zone: TimeZone,
    /// First day of the week during the turn.
    pub week_start: WeekStart,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was answered or failed; `None` while it runs.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchivedEnding {
    /// It has no end yet.
    Running,
    /// The model finished, for this reason.
    Answered(FinishReason),
    /// It failed after it had taken effect.
    Failed(FailureKind),
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Written by the person.
    User,
    /// Written by the model.
    Assistant,
    /// A tool's result.
    Tool,
}

impl Role {
    /// Its name, as the database has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }

    /// Parses the database's name; `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Assistant, Self::Tool].into_iter().find(|role| role.as_str() == name)
    }
}

/// One message row, with its tool calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMessage {
    /// Who wrote it.
    pub role: Role,
    /// What is said; of a tool, its result as JSON text.
    pub content: String,
    /// Tool calls requested; only an assistant's message has any.
    pub calls: Vec<ArchivedCall>,
    /// Of a tool: the call that it answers.
    pub call_id: Option<String>,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// One tool call, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedCall {
    /// The call's id, referred to by its result.
    pub id: String,
    /// Name of the tool, of this or an earlier version.
    pub name: String,
    /// Its arguments, a JSON object as text.
    pub arguments: String,
}

/// A message in its place, with its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct SequencedMessage {
    /// Its place in the conversation: messages are paged by it.
    pub seq: i32,
    /// Its turn.
    pub turn: ArchivedTurn,
    /// The message.
    pub message: ArchivedMessage,
}

/// A conversation with all that was said in it. Its turns are over.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeConversation {
    /// The conversation.
    pub conversation: ArchivedConversation,
    /// Its turns, in order, with their messages.
    pub turns: Vec<(ArchivedTurn, Vec<ArchivedMessage>)>,
}

/// An account that is read back. Everything in it keeps the rules of its type, and its ids are new ones.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountArchive {
    /// What the person likes to be called.
    pub name: Option<UserName>,
    /// Where they are.
    pub time_zone: TimeZone,
    /// Their first day of the week.
    pub week_start: WeekStart,
    /// The highest number that a task has had: it is not given again.
    pub last_number: TaskNumber,
    /// Tasks, each with a number of its own, none above `last_number`. A parent is one of them, and stands
    /// under none.
    pub todos: Vec<Todo>,
    /// Conversations, each with an id of its own.
    pub conversations: Vec<WholeConversation>,
    /// Changes, the oldest first, each with an id above the one before. They get new ids in the same order,
    /// also where one names another; their turns are among those of the conversations.
    pub changes: Vec<LoggedChange>,
}
