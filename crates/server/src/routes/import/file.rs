//! The members of an exported file, as far as they are read back. Nothing here is checked but its type
//! and how many there are: what could be many is bounded while it is read.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// An array of at most so many items.
#[derive(Debug)]
pub(super) struct BoundedVec<T, const MAX: usize>(pub(super) Vec<T>);

impl<T, const MAX: usize> Default for BoundedVec<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for BoundedVec<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

struct Items<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
    type Value = BoundedVec<T, MAX>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a list of at most {MAX}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            if all.len() == MAX {
                return Err(A::Error::invalid_length(MAX + 1, &self));
            }
            all.push(item);
        }
        Ok(BoundedVec(all))
    }
}

/// The most tasks, conversations and changes of a file. The account's own limits are checked when it is
/// written; these keep a file that is nothing but brackets from filling the memory.
pub(super) const MAX_ITEMS: usize = 100_000;
/// The most tags that are read of a task, which is more than it may have.
const MAX_TAGS: usize = 32;
/// The most changes that one change took back.
const MAX_UNDOES: usize = 1_000;
/// The most calls of one message. One turn makes sixteen.
const MAX_CALLS: usize = 64;

#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::routes) struct AccountFile {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) account: AccountPart,
    pub(super) settings: SettingsPart,
    #[schema(value_type = Vec<TaskPart>)]
    pub(super) tasks: BoundedVec<TaskPart, MAX_ITEMS>,
    #[schema(value_type = Vec<ConversationPart>)]
    pub(super) conversations: BoundedVec<ConversationPart, MAX_ITEMS>,
    #[schema(value_type = Vec<ChangePart>)]
    pub(super) changes: BoundedVec<ChangePart, MAX_ITEMS>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileAccount)]
pub(super) struct AccountPart {
    pub(super) name: Option<String>,
    pub(super) last_task_id: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileSettings)]
pub(super) struct SettingsPart {
    pub(super) time_zone: String,
    pub(super) week_start: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileTask)]
pub(super) struct TaskPart {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) completed: bool,
    pub(super) due: Option<String>,
    pub(super) due_time_zone: Option<String>,
    pub(super) priority: String,
    #[schema(value_type = Vec<String>)]
    pub(super) tags: BoundedVec<String, MAX_TAGS>,
    pub(super) repeat: Option<String>,
    pub(super) parent_id: Option<i64>,
    pub(super) position: i64,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) version: i64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileConversation)]
pub(super) struct ConversationPart {
    pub(super) id: Uuid,
    pub(super) title: String,
    pub(super) has_own_title: bool,
    pub(super) model: Option<String>,
    pub(super) summary: Option<SummaryPart>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    #[schema(value_type = Vec<TurnPart>)]
    pub(super) turns: BoundedVec<TurnPart, MAX_ITEMS>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileSummary)]
pub(super) struct SummaryPart {
    pub(super) text: String,
    pub(super) messages: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileTurn)]
pub(super) struct TurnPart {
    pub(super) id: Uuid,
    pub(super) message_id: Option<String>,
    pub(super) state: String,
    pub(super) finish_reason: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) model: Option<String>,
    pub(super) usage: Option<UsagePart>,
    pub(super) time_zone: String,
    pub(super) week_start: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    #[schema(value_type = Vec<MessagePart>)]
    pub(super) messages: BoundedVec<MessagePart, MAX_ITEMS>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileUsage)]
pub(super) struct UsagePart {
    pub(super) prompt_tokens: i32,
    pub(super) completion_tokens: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileMessage)]
pub(super) struct MessagePart {
    pub(super) role: String,
    pub(super) content: String,
    #[serde(default)]
    #[schema(value_type = Vec<CallPart>, required = false)]
    pub(super) tool_calls: BoundedVec<CallPart, MAX_CALLS>,
    pub(super) tool_call_id: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileCall)]
pub(super) struct CallPart {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FileChange)]
pub(super) struct ChangePart {
    pub(super) id: i64,
    pub(super) task_id: i64,
    pub(super) before: Option<Box<TaskPart>>,
    pub(super) after: Option<Box<TaskPart>>,
    pub(super) channel: String,
    pub(super) program: Option<String>,
    pub(super) turn_id: Option<Uuid>,
    pub(super) at: DateTime<Utc>,
    #[schema(value_type = Vec<i64>)]
    pub(super) undoes_all: BoundedVec<i64, MAX_UNDOES>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_bounded_while_it_is_read() {
        let read = |text| serde_json::from_str::<BoundedVec<u8, 2>>(text).map(|list| list.0);
        assert_eq!(read("[1, 2]").unwrap(), [1, 2]);
        // What comes behind the most is not even looked at.
        let error = read("[1, 2, 3, \"nonsense\"").unwrap_err().to_string();
        assert!(error.contains("a list of at most 2"), "{error}");
    }
}
