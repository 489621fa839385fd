//! The statements that look at a todo list.

use diesel::sql_types::{Array, BigInt, Date, SmallInt, Text, Timestamptz, Uuid};
use domain::{
    account::UserId,
    caller::Caller,
    due::DueCondition,
    tags, text_search,
    todo::TaskNumber,
    todo_filter::{ParentFilter, StatusFilter, TodoFilter, TodoOrder},
};

use super::rows::{Columns, columns, position};
use crate::postgres::{
    caller_token_validity::{self, token_is_good},
    prepared_statement::{Statement, sql},
};

/// The beginning of a statement that looks at the tasks of a user, whose token is checked by it.
macro_rules! tasks_of_caller {
    () => {
        concat!("SELECT ", columns!("todo"), " FROM todo WHERE user_id = $1 AND ", token_is_good!())
    };
}

/// The SQL for the folded title. Rows of earlier versions have none until the server fills it in.
macro_rules! title_key {
    () => {
        "coalesce(title_key, lower(title))"
    };
}

/// The task of a number; nothing when there is none or the caller's token is not good.
pub(super) fn find(caller: Caller, number: TaskNumber) -> Statement<'static, Columns> {
    let statement = sql(concat!(tasks_of_caller!(), " AND number = $4")).bind::<Uuid, _>(caller.user.0);
    caller_token_validity::bind(statement, Some(caller)).bind::<BigInt, _>(number.0)
}

/// The task of a number, in a transaction whose caller is known.
pub(super) fn by_number(user: UserId, number: TaskNumber) -> Statement<'static, Columns> {
    sql(concat!("SELECT ", columns!("todo"), " FROM todo WHERE user_id = $1 AND number = $2"))
        .bind::<Uuid, _>(user.0)
        .bind::<BigInt, _>(number.0)
}

/// As [`by_number`], with the row locked, and the time of the transaction.
pub(super) fn by_number_for_update(
    user: UserId,
    number: TaskNumber,
) -> Statement<'static, (Columns, Timestamptz)> {
    sql(concat!(
        "SELECT ",
        columns!("todo"),
        ", now() FROM todo WHERE user_id = $1 AND number = $2 FOR UPDATE"
    ))
    .bind::<Uuid, _>(user.0)
    .bind::<BigInt, _>(number.0)
}

/// Those of these tasks that are there, in the order of their numbers, with their rows locked.
pub(super) fn by_numbers_for_update(user: UserId, numbers: &[TaskNumber]) -> Statement<'static, Columns> {
    sql(concat!(
        "SELECT ",
        columns!("todo"),
        " FROM todo WHERE user_id = $1 AND number = ANY($2) ORDER BY number FOR UPDATE"
    ))
    .bind::<Uuid, _>(user.0)
    .bind::<Array<BigInt>, _>(numbers.iter().map(|number| number.0).collect::<Vec<i64>>())
}

/// A page of a list, and one task more than its limit; nothing when the caller's token is not good.
pub(super) fn list(user: UserId, caller: Option<Caller>, filter: &TodoFilter) -> Statement<'_, Columns> {
    let statement = sql(tasks_of_caller!()).bind::<Uuid, _>(user.0);
    let mut statement = matching(caller_token_validity::bind(statement, caller), filter);
    if let Some(before) = filter.before {
        statement = statement.append_optional(" AND number < ?").bind::<BigInt, _>(before.0);
    }
    statement = match filter.order {
        TodoOrder::Newest => statement.append(" ORDER BY number DESC"),
        TodoOrder::Due => statement.append_optional(" ORDER BY due_date, due_time IS NULL, due_time, number"),
        TodoOrder::Priority => statement.append_optional(" ORDER BY priority DESC, number DESC"),
        TodoOrder::Position => statement.append_optional(concat!(" ORDER BY ", position!(), ", number DESC")),
        TodoOrder::BestMatch => best_match_first(statement, filter),
    };
    statement = statement.append(" LIMIT ?").bind::<BigInt, _>(filter.limit.saturating_add(1));
    if filter.offset > 0 {
        statement = statement.append_optional(" OFFSET ?").bind::<BigInt, _>(filter.offset);
    }
    statement
}

/// How many tasks match, on all pages.
pub(super) fn count(user: UserId, filter: &TodoFilter) -> Statement<'_, BigInt> {
    matching(sql("SELECT count(*) FROM todo WHERE user_id = $1").bind::<Uuid, _>(user.0), filter)
}

/// Adds the conditions of a filter. Only what is asked for stands in the text: with `$4 IS NULL OR …`
/// Postgres would plan the statement anew at every call.
fn matching<'a, Row>(mut statement: Statement<'a, Row>, filter: &'a TodoFilter) -> Statement<'a, Row> {
    match filter.status {
        StatusFilter::All => {}
        StatusFilter::Pending => statement = statement.append_optional(" AND NOT completed"),
        StatusFilter::Completed => statement = statement.append_optional(" AND completed"),
    }
    if let Some(since) = filter.completed_since {
        statement = statement.append_optional(" AND completed_at >= ?").bind::<Timestamptz, _>(since);
    }
    if let Some((range, local)) = filter.due {
        statement = due_in(statement, range.condition(local));
    }
    if let Some(priority) = filter.priority {
        statement = statement.append_optional(" AND priority = ?").bind::<SmallInt, _>(priority.as_number());
    }
    if let Some(tag) = filter.tag.as_deref() {
        statement = statement.append_optional(" AND tag_keys @> ARRAY[?]").bind::<Text, _>(tags::key(tag));
    }
    match filter.parent {
        None => {}
        Some(ParentFilter::TopLevel) => statement = statement.append_optional(" AND parent IS NULL"),
        Some(ParentFilter::Of(parent)) => {
            statement = statement.append_optional(" AND parent = ?").bind::<BigInt, _>(parent.0);
        }
    }
    for word in filter.search.as_deref().map(text_search::words).unwrap_or_default() {
        let pattern = text_search::like_pattern(&word);
        statement = statement
            .append_optional(concat!(
                " AND (",
                title_key!(),
                " LIKE ? OR coalesce(description_key, lower(description)) LIKE ?
                     OR array_to_string(tag_keys, ' ') LIKE ?)"
            ))
            .bind::<Text, _>(pattern.clone())
            .bind::<Text, _>(pattern.clone())
            .bind::<Text, _>(pattern);
    }
    statement
}

/// Orders as [`domain::text_search::Rank`] does. A word is one here when spaces are around it.
fn best_match_first<'a, Row>(statement: Statement<'a, Row>, filter: &TodoFilter) -> Statement<'a, Row> {
    let words = filter.search.as_deref().map(text_search::words).unwrap_or_default();
    let query = words.join(" ");
    let beginning = text_search::like_pattern(&query).trim_start_matches('%').to_owned();
    let mut statement = statement
        .append(concat!(
            " ORDER BY CASE WHEN ",
            title_key!(),
            " = ? THEN 0 WHEN ",
            title_key!(),
            " LIKE ? THEN 1"
        ))
        .bind::<Text, _>(query)
        .bind::<Text, _>(beginning);
    for (around, rank) in [(" ", 2), ("", 3)] {
        statement = statement.append(" WHEN true");
        for word in &words {
            let pattern = text_search::like_pattern(&format!("{around}{word}{around}"));
            let condition = concat!(" AND ' ' || ", title_key!(), " || ' ' LIKE ?");
            statement = statement.append(condition).bind::<Text, _>(pattern);
        }
        statement = statement.append(&format!(" THEN {rank}"));
    }
    statement.append(" ELSE 4 END, number DESC")
}

fn due_in<Row>(mut statement: Statement<'_, Row>, condition: DueCondition) -> Statement<'_, Row> {
    match condition {
        DueCondition::Missing => statement.append_optional(" AND due_date IS NULL"),
        DueCondition::Before { today, now } => statement
            .append_optional(" AND (due_at < ? OR due_time IS NULL AND due_date < ?)")
            .bind::<Timestamptz, _>(now)
            .bind::<Date, _>(today),
        DueCondition::Days { from, to } => {
            statement = statement.append_optional(" AND due_date IS NOT NULL");
            if let Some(from) = from {
                statement = statement.append(" AND due_date >= ?").bind::<Date, _>(from);
            }
            if let Some(to) = to {
                statement = statement.append(" AND due_date <= ?").bind::<Date, _>(to);
            }
            statement
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::DateTime;
    use domain::{
        due::DueRange,
        priority::Priority,
        time_zone::{LocalNow, TimeZone},
    };

    use super::*;

    /// Filters in which each condition has a form for each number below this.
    const FORMS: [usize; 10] = [3, 2, 7, 2, 2, 3, 4, 2, 2, 5];

    fn filter(mut index: usize) -> TodoFilter {
        let [status, since, due, priority, tag, parent, words, before, offset, order] = FORMS.map(|forms| {
            let form = index % forms;
            index /= forms;
            form
        });
        let day = DateTime::UNIX_EPOCH.date_naive();
        let between =
            |from: bool, to: bool| DueRange::Between { from: from.then_some(day), to: to.then_some(day) };
        let due = [
            DueRange::Undated,
            DueRange::Overdue,
            between(false, false),
            between(true, false),
            between(false, true),
            between(true, true),
        ]
        .into_iter()
        .nth(due.wrapping_sub(1));
        TodoFilter {
            status: [StatusFilter::All, StatusFilter::Pending, StatusFilter::Completed][status],
            completed_since: (since > 0).then_some(DateTime::UNIX_EPOCH),
            due: due.map(|due| (due, LocalNow { zone: TimeZone::UTC, now: DateTime::UNIX_EPOCH })),
            priority: (priority > 0).then_some(Priority::High),
            tag: (tag > 0).then(|| "home".to_owned()),
            parent: [None, Some(ParentFilter::TopLevel), Some(ParentFilter::Of(TaskNumber(1)))][parent],
            search: (words > 0).then(|| ["milk"; 3][..words].join(" ")),
            before: (before > 0).then_some(TaskNumber(1)),
            offset: i64::from(offset > 0),
            order: [
                TodoOrder::Newest,
                TodoOrder::Due,
                TodoOrder::Priority,
                TodoOrder::BestMatch,
                TodoOrder::Position,
            ][order],
            ..TodoFilter::default()
        }
    }

    #[test]
    fn a_connection_keeps_few_of_the_forms_of_a_list() {
        let mut kept = HashSet::new();
        for index in 0..FORMS.iter().product() {
            let filter = filter(index);
            let (list, count) = (list(UserId(uuid::Uuid::nil()), None, &filter), count_of(&filter));
            kept.extend(list.is_cached().then(|| list.text().to_owned()));
            kept.extend(count.is_cached().then(|| count.text().to_owned()));
        }
        assert!((50..500).contains(&kept.len()), "{}", kept.len());
    }

    fn count_of(filter: &TodoFilter) -> Statement<'_, BigInt> {
        count(UserId(uuid::Uuid::nil()), filter)
    }
}
