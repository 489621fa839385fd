//! Rows of `approval`.

use chrono::{DateTime, Utc};
use diesel::{dsl::now, pg::Pg, prelude::*, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::{
        Approval, ApprovalId, ApprovalState, ApprovalTask, AskingCall, Decision, MAX_SHOWN, Question,
        parse_yes_no,
    },
    time_zone::PersonalTime,
    turn_and_conversation_ids::TurnId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::rows::personal_time;
use crate::postgres::{
    error::DatabaseError,
    public_conversation_id::id_for_user,
    schema::{approval, conversation, message, turn},
};

/// The time zone of a turn, the first day of its person's week, when it began, and when another answer was
/// asked for.
type TurnTime = (String, String, DateTime<Utc>, Option<DateTime<Utc>>);

/// A row of `approval`, with what there is to know of its turn, if it has one.
#[derive(Queryable, Selectable)]
#[diesel(table_name = approval, check_for_backend(Pg))]
struct Columns {
    id: Uuid,
    conversation_id: Option<Uuid>,
    turn_id: Option<Uuid>,
    call_id: Option<String>,
    tool: String,
    arguments: Value,
    tasks: Value,
    state: String,
    result: Option<Value>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    program: Option<String>,
    time_zone: Option<String>,
    week_start: Option<String>,
    asked_at: Option<DateTime<Utc>>,
    #[diesel(select_expression = conversation::client_id.nullable())]
    client_id: Option<Uuid>,
    #[diesel(select_expression = (turn::time_zone, turn::week_start, turn::created_at, turn::asked_at).nullable())]
    turn_time: Option<TurnTime>,
}

/// An approval as it is stored, as of one moment.
pub(super) struct StoredApproval {
    pub(super) approval: Approval,
    /// What the person's clock and calendar showed when it was asked.
    pub(super) asked_at: PersonalTime,
    /// The id of the row of its conversation, if it has one. Its user may know that by another one.
    pub(super) conversation_row: Option<Uuid>,
    /// What stands as the result of the call that asks, when that was read and can be.
    pub(super) recorded: Value,
    /// The database's time.
    pub(super) read_at: DateTime<Utc>,
}

/// What is read of an approval, and the database's time.
type Row = (Columns, DateTime<Utc>);

/// The same, with the result of the call that asks.
type RowWithResult = (Columns, DateTime<Utc>, Option<String>);

/// Which message holds the result of the call that asks.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_result_of_call() -> _ {
    message::conversation_id
        .nullable()
        .eq(approval::conversation_id)
        .and(message::turn_id.nullable().eq(approval::turn_id))
        .and(message::tool_call_id.eq(approval::call_id))
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

impl StoredApproval {
    /// The approval of this user's with this id.
    pub(super) async fn find(
        mut connection: &AsyncPgConnection,
        user: UserId,
        id: ApprovalId,
    ) -> Result<Option<Self>, DatabaseError> {
        let rows: Vec<RowWithResult> = approval::table
            .left_join(turn::table.inner_join(conversation::table))
            .left_join(message::table.on(is_result_of_call()))
            .filter(approval::id.eq(id.0).and(approval::user_id.eq(user.0)))
            .select((Columns::as_select(), now.into_sql::<Timestamptz>(), message::content.nullable()))
            .load(&mut connection)
            .await?;
        rows.into_iter().next().map(Self::with_result).transpose()
    }

    /// Those of these approvals that are this user's.
    pub(super) async fn find_all(
        mut connection: &AsyncPgConnection,
        user: UserId,
        ids: &[ApprovalId],
    ) -> Result<Vec<Approval>, DatabaseError> {
        let is_one = approval::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>());
        let rows: Vec<Row> = approval::table
            .left_join(turn::table.inner_join(conversation::table))
            .filter(is_one.and(approval::user_id.eq(user.0)))
            .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
            .load(&mut connection)
            .await?;
        rows.into_iter().map(|row| Ok(Self::of(row)?.approval)).collect()
    }

    /// The approvals of this user's that wait, the oldest first: as many of them as are shown.
    pub(super) async fn waiting(
        mut connection: &AsyncPgConnection,
        user: UserId,
    ) -> Result<Vec<Approval>, DatabaseError> {
        let rows: Vec<Row> = approval::table
            .left_join(turn::table.inner_join(conversation::table))
            .filter(approval::user_id.eq(user.0).and(approval::state.eq("waiting")))
            .filter(approval::expires_at.gt(now))
            .order((approval::created_at.asc(), approval::id.asc()))
            .limit(MAX_SHOWN)
            .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
            .load(&mut connection)
            .await?;
        rows.into_iter().map(|row| Ok(Self::of(row)?.approval)).collect()
    }

    /// What another answer to a turn has set aside, also when it is too late for an answer by the person.
    pub(super) async fn set_aside(
        mut connection: &AsyncPgConnection,
        turn: TurnId,
    ) -> Result<Vec<Self>, DatabaseError> {
        let rows: Vec<RowWithResult> = approval::table
            .left_join(turn::table.inner_join(conversation::table))
            .left_join(message::table.on(is_result_of_call()))
            .filter(approval::turn_id.eq(turn.0).and(approval::is_set_aside))
            .select((Columns::as_select(), now.into_sql::<Timestamptz>(), message::content.nullable()))
            .load(&mut connection)
            .await?;
        rows.into_iter().map(Self::with_result).collect()
    }

    fn with_result((columns, read_at, result): RowWithResult) -> Result<Self, DatabaseError> {
        let recorded = result.and_then(|result| serde_json::from_str(&result).ok()).unwrap_or_default();
        Ok(Self { recorded, ..Self::of((columns, read_at))? })
    }

    /// Reads a row.
    ///
    /// # Errors
    /// When it is none.
    fn of((columns, read_at): Row) -> Result<Self, DatabaseError> {
        let tasks: Result<Vec<StoredTask>, _> = serde_json::from_value(columns.tasks);
        let (Ok(tasks), Value::Object(arguments), Some(state)) =
            (tasks, columns.arguments, ApprovalState::from_name(&columns.state))
        else {
            return Err(DatabaseError::Inconsistent("a stored approval is none"));
        };
        let (tasks, revisions) = tasks.into_iter().map(|stored| (stored.task, stored.revision)).unzip();
        let turn = columns.turn_id.map(TurnId).zip(columns.call_id).zip(columns.conversation_id);
        let asked_in = turn.map(|((turn, id), conversation)| AskingCall {
            turn,
            conversation: id_for_user(conversation, columns.client_id),
            id,
        });
        // Rows of older versions: use the turn's time zone and its latest request time before the question.
        let of_turn = columns.turn_time.map(|(zone, week_start, began_at, reopened_at)| {
            let reopened_at = reopened_at.filter(|at| *at <= columns.created_at);
            (zone, week_start, reopened_at.unwrap_or(began_at))
        });
        let (zone, week_start, at) =
            of_turn.unwrap_or_else(|| (String::new(), String::new(), columns.created_at));
        let zone = columns.time_zone.unwrap_or(zone);
        let week_start = columns.week_start.unwrap_or(week_start);
        let at = columns.asked_at.unwrap_or(at);
        let Columns { id, tool, expires_at, program, .. } = columns;
        let id = ApprovalId(id);
        let question = Question { id, tool, arguments, tasks, expires_at, state, program };
        Ok(Self {
            approval: Approval { question, asked_in, revisions, result: columns.result },
            asked_at: personal_time(&zone, &week_start, at),
            conversation_row: columns.conversation_id,
            recorded: Value::Null,
            read_at,
        })
    }
}

/// The questions of the turn before the one that begins with this message, when they wait and it is a
/// plain answer to them.
pub(in crate::postgres::turns) async fn pending_answer(
    mut connection: &AsyncPgConnection,
    conversation: Uuid,
    first_seq: i32,
    message: &str,
) -> Result<Option<(Vec<Question>, Decision)>, DatabaseError> {
    let Some(decision) = parse_yes_no(message) else { return Ok(None) };
    let before = turn::table
        .filter(turn::conversation_id.eq(conversation).and(turn::first_seq.lt(first_seq)))
        .order(turn::first_seq.desc())
        .select(turn::id);
    let Some(before) = before.first::<Uuid>(&mut connection).await.optional()? else { return Ok(None) };
    let rows: Vec<(Columns, DateTime<Utc>)> = approval::table
        .left_join(turn::table.inner_join(conversation::table))
        .filter(approval::turn_id.eq(before).and(approval::state.eq("waiting")))
        .filter(approval::expires_at.gt(now))
        .order((approval::created_at.asc(), approval::id.asc()))
        .select((Columns::as_select(), now.into_sql::<Timestamptz>()))
        .load(&mut connection)
        .await?;
    let questions = rows.into_iter().map(|row| Ok(StoredApproval::of(row)?.approval.question));
    let questions: Vec<Question> = questions.collect::<Result<_, DatabaseError>>()?;
    Ok((!questions.is_empty()).then_some((questions, decision)))
}
