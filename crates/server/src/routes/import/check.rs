//! A file is checked whole before anything of it is written: every rule that holds for what people send
//! holds for what they send back. Ids that are the server's own are new ones.

use chrono::{DateTime, Utc};
use domain::{
    account::UserName,
    account_archive::AccountArchive,
    account_limits::Limits,
    ports::IdGenerator,
    time_zone::{TimeZone, WeekStart},
    todo::TaskNumber,
};

use super::{
    FORMAT, VERSION, check_changes, check_conversations, check_tasks,
    field_validation::{at_path, number},
    file::AccountFile,
};
use crate::error::ApiError;

/// A file that keeps every rule.
pub(super) struct Checked {
    pub(super) archive: AccountArchive,
    pub(super) left_out_turns: usize,
}

/// Checks a file that came at this time.
pub(super) fn check(
    file: AccountFile,
    ids: &dyn IdGenerator,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Checked, ApiError> {
    if file.format != FORMAT {
        return Err(ApiError::invalid("format", format!("The format must be \"{FORMAT}\".")));
    }
    if file.version != VERSION {
        let message = format!("The version must be {VERSION}: this server cannot read another one.");
        return Err(ApiError::invalid("version", message));
    }
    let todos = check_tasks::tasks(file.tasks.0, now)?;
    let talk = check_conversations::conversations(file.conversations.0, ids, now)?;
    let changes = check_changes::changes(file.changes.0, &talk.turn_ids, limits, now)?;
    let last =
        number("last_task_id", file.account.last_task_id, 0).map_err(|error| at_path("account", error))?;
    let used = todos.iter().map(|todo| todo.number).chain(changes.iter().map(|change| change.number));
    let last_number = used.max().map_or(TaskNumber(last), |used| used.max(TaskNumber(last)));
    let name = file.account.name.as_deref().unwrap_or_default();
    Ok(Checked {
        archive: AccountArchive {
            name: UserName::parse(name).map_err(|error| at_path("account", error))?,
            time_zone: TimeZone::parse(&file.settings.time_zone)
                .map_err(|error| at_path("settings", error))?,
            week_start: WeekStart::parse(&file.settings.week_start)
                .map_err(|error| at_path("settings", error))?,
            last_number,
            todos,
            conversations: talk.conversations,
            changes,
        },
        left_out_turns: talk.left_out_turns,
    })
}
