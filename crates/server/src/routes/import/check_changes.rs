//! The changes of a file.

use chrono::{DateTime, Utc};
use domain::{
    access_token::TokenName,
    account_limits::Limits,
    change_log::{ChangeId, LoggedChange},
    request_channel::ChannelKind,
    text_validation::FieldError,
    todo::TaskNumber,
    undo::{self, LogEntry},
};

use super::{
    check_conversations::TurnIds,
    check_tasks::task,
    field_validation::{at_path, clamp_to_past, number},
    file::{ChangePart, TaskPart},
};
use crate::error::ApiError;

/// Checks all changes and returns as many of the newest as are kept, the oldest first.
pub(super) fn changes(
    parts: Vec<ChangePart>,
    turns: &TurnIds,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Vec<LoggedChange>, ApiError> {
    let mut changes: Vec<LoggedChange> = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        let follows = changes.last().is_none_or(|newer| part.id < newer.id.0);
        let change = change(part, follows, turns, now);
        changes.push(change.map_err(|error| at_path(&format!("changes[{index}]"), error))?);
    }
    let numbers: Vec<(ChangeId, TaskNumber)> =
        changes.iter().rev().map(|change| (change.id, change.number)).collect();
    let kept = usize::try_from(limits.changes_kept).unwrap_or(usize::MAX).min(changes.len());
    let oldest_kept = changes[..kept].last().map(|change| change.id);
    for (index, change) in changes.iter_mut().enumerate() {
        let undoes = undoes(change, &numbers, oldest_kept);
        change.undoes = undoes.map_err(|error| at_path(&format!("changes[{index}]"), error))?;
    }
    changes.truncate(kept);
    changes.reverse();
    // By which change another one is undone follows from what each took back.
    let log: Vec<LogEntry> = changes.iter().map(LogEntry::from).collect();
    let undone = undo::find_undone(log.iter());
    for change in &mut changes {
        change.undone_by = undone.get(&change.id).copied();
    }
    Ok(changes)
}

/// What a change took back, of which all that is forgotten stands as one. `numbers` are the tasks of all
/// changes of the file, the oldest first.
fn undoes(
    change: &LoggedChange,
    numbers: &[(ChangeId, TaskNumber)],
    oldest_kept: Option<ChangeId>,
) -> Result<Vec<ChangeId>, FieldError> {
    let mut undoes = change.undoes.clone();
    undoes.sort_unstable();
    undoes.dedup();
    let is_of_another = |id: &ChangeId| {
        let place = numbers.binary_search_by_key(id, |(id, _)| *id);
        place.is_ok_and(|place| numbers[place].1 != change.number)
    };
    if undoes.last().is_some_and(|last| *last >= change.id) || undoes.iter().any(is_of_another) {
        let message = "A change can take back only earlier changes of the same task.";
        return Err(FieldError::new("undoes_all", message));
    }
    let is_known =
        |id: &ChangeId| Some(*id) >= oldest_kept && numbers.binary_search_by_key(id, |(id, _)| *id).is_ok();
    let forgotten = undoes.iter().find(|id| !is_known(id)).copied();
    undoes.retain(|id| is_known(id) || Some(*id) == forgotten);
    Ok(undoes)
}

fn change(
    part: ChangePart,
    follows: bool,
    turns: &TurnIds,
    now: DateTime<Utc>,
) -> Result<LoggedChange, FieldError> {
    if !follows {
        let message = "The newest change must stand first, so that each id is smaller than the one before.";
        return Err(FieldError::new("id", message));
    }
    let number = TaskNumber(number("task_id", part.task_id, 1)?);
    let state = |part: Option<Box<TaskPart>>| part.map(|part| task(*part, now)).transpose();
    let (before, after) = (state(part.before)?, state(part.after)?);
    if before.is_none() && after.is_none() {
        return Err(FieldError::new("after", "A change must have the task before or after it, or both."));
    }
    if [&before, &after].into_iter().flatten().any(|todo| todo.number != number) {
        return Err(FieldError::new("task_id", "The task_id must be the id of the task before and after."));
    }
    let Some(channel) = ChannelKind::from_name(&part.channel) else {
        return Err(FieldError::new("channel", "The channel must be rest, chat or mcp."));
    };
    let program = part.program.map(|name| TokenName::parse(&name)).transpose();
    let program = program.map_err(|error| FieldError::new("program", error.message))?;
    Ok(LoggedChange {
        id: ChangeId(part.id),
        number,
        before,
        after,
        channel,
        turn: part.turn_id.and_then(|id| turns.get(&id).copied()),
        conversation: None,
        program: program.map(|name| name.as_str().to_owned()),
        at: clamp_to_past(part.at, now),
        undoes: part.undoes_all.0.into_iter().map(ChangeId).collect(),
        undone_by: None,
    })
}
