//! Rows of `approval`.

use chrono::{DateTime, Utc};
use diesel::{dsl::now, pg::Pg, prelude::*, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::{
        Approval, ApprovalId, ApprovalState, ApprovalTask, Decision, Question, are_same, plain_answer,
    },
    id::TurnId,
    time_zone::PersonalTime,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::rows::personal_time;
use crate::postgres::{
    error::DatabaseError,
    public_conversation_id::id_for_user,
    schema::{approval, conversation, turn},
};

/// A row of `approval`, with what there is to know of its turn.
#[derive(Queryable, Selectable)]
#[diesel(table_name = approval, check_for_backend(Pg))]
struct Columns {
    id: Uuid,
    conversation_id: Uuid,
    turn_id: Uuid,
    call_id: String,
    tool: String,
    arguments: Value,
    tasks: Value,
    state: String,
    result: Option<Value>,
    expires_at: DateTime<Utc>,
    #[diesel(select_expression = conversation::client_id)]
    client_id: Option<Uuid>,
    #[diesel(select_expression = turn::time_zone)]
    time_zone: String,
    #[diesel(select_expression = turn::week_start)]
    week_start: String,
    #[diesel(select_expression = turn::created_at)]
    asked_at: DateTime<Utc>,
}

/// A row of `approval`, as of one moment.
pub(super) struct ApprovalRow {
    columns: Columns,
    /// The id of the conversation's row. Its user may know it by another one.
    pub(super) conversation_id: Uuid,
    /// The database's time.
    pub(super) now: DateTime<Utc>,
}

/// A task of a question, as the table keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredTask {
    #[serde(flatten)]
    task: ApprovalTask,
    revision: i64,
}

impl StoredTask {
    /// The JSON of the tasks of a question.
    pub(super) fn all(tasks: &[ApprovalTask], revisions: &[i64]) -> Value {
        let stored = tasks.iter().zip(revisions);
        let stored = stored.map(|(task, revision)| Self { task: task.clone(), revision: *revision });
        json!(stored.collect::<Vec<_>>())
    }
}

impl ApprovalRow {
    fn of((columns, at): (Columns, DateTime<Utc>)) -> Self {
        Self { conversation_id: columns.conversation_id, columns, now: at }
    }

    /// The approval of this user's with this id.
    pub(super) async fn find(
        mut connection: &AsyncPgConnection,
        user: UserId,
        id: ApprovalId,
    ) -> QueryResult<Option<Self>> {
        let rows = approval::table
            .inner_join(turn::table.inner_join(conversation::table))
            .filter(approval::id.eq(id.0).and(approval::user_id.eq(user.0)))
            .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
            .load(&mut connection)
            .await?;
        Ok(rows.into_iter().next().map(Self::of))
    }

    /// The approvals of this user's that wait, the oldest first.
    pub(super) async fn waiting(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<Vec<Self>> {
        let rows = approval::table
            .inner_join(turn::table.inner_join(conversation::table))
            .filter(approval::user_id.eq(user.0).and(approval::state.eq("waiting")))
            .filter(approval::expires_at.gt(now))
            .order((approval::created_at.asc(), approval::id.asc()))
            .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
            .load(&mut connection)
            .await?;
        Ok(rows.into_iter().map(Self::of).collect())
    }

    /// What the person's clock and calendar showed in the turn that asked.
    pub(super) fn asked_at(&self) -> PersonalTime {
        let Columns { time_zone, week_start, asked_at, .. } = &self.columns;
        personal_time(time_zone, week_start, *asked_at)
    }

    /// Whether these are the arguments that were asked about.
    pub(super) fn has_arguments(&self, shown: &Map<String, Value>) -> bool {
        self.columns.arguments.as_object().is_some_and(|arguments| are_same(arguments, shown))
    }

    /// The approval.
    ///
    /// # Errors
    /// When the row is none.
    pub(super) fn approval(self) -> Result<Approval, DatabaseError> {
        let Columns { id, turn_id, call_id, tool, arguments, tasks, state, result, expires_at, .. } =
            self.columns;
        let tasks: Result<Vec<StoredTask>, _> = serde_json::from_value(tasks);
        let (Ok(tasks), Value::Object(arguments), Some(state)) =
            (tasks, arguments, ApprovalState::from_name(&state))
        else {
            return Err(DatabaseError::Inconsistent("a stored approval is none"));
        };
        let (tasks, revisions) = tasks.into_iter().map(|stored| (stored.task, stored.revision)).unzip();
        Ok(Approval {
            question: Question { id: ApprovalId(id), tool, arguments, tasks, expires_at, state },
            turn: TurnId(turn_id),
            conversation: id_for_user(self.conversation_id, self.columns.client_id),
            call_id,
            revisions,
            result,
        })
    }
}

/// The questions of the turn before the one that begins with this message, when they wait and it is a
/// plain answer to them.
pub(in crate::postgres::turns) async fn answered(
    mut connection: &AsyncPgConnection,
    conversation: Uuid,
    first_seq: i32,
    message: &str,
) -> Result<Option<(Vec<Question>, Decision)>, DatabaseError> {
    let Some(decision) = plain_answer(message) else { return Ok(None) };
    let before = turn::table
        .filter(turn::conversation_id.eq(conversation).and(turn::first_seq.lt(first_seq)))
        .order(turn::first_seq.desc())
        .select(turn::id);
    let Some(before) = before.first::<Uuid>(&mut connection).await.optional()? else { return Ok(None) };
    let rows: Vec<(Columns, DateTime<Utc>)> = approval::table
        .inner_join(turn::table.inner_join(conversation::table))
        .filter(approval::turn_id.eq(before).and(approval::state.eq("waiting")))
        .filter(approval::expires_at.gt(now))
        .order((approval::created_at.asc(), approval::id.asc()))
        .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
        .load(&mut connection)
        .await?;
    let questions = rows.into_iter().map(|row| Ok(ApprovalRow::of(row).approval()?.question));
    let questions: Vec<Question> = questions.collect::<Result<_, DatabaseError>>()?;
    Ok((!questions.is_empty()).then_some((questions, decision)))
}
