//! A row of `todo`, and the way from it to a [`Todo`].

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Date, Nullable, SmallInt, Text, Time, Timestamptz},
};
use domain::{
    due::Due,
    manual_order,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    time_zone::TimeZone,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
};

use crate::postgres::error::DatabaseError;

/// The columns every statement on tasks returns, in the order of [`TodoRow`] and of [`columns`].
pub(super) type Columns = (
    BigInt,
    Text,
    Nullable<Text>,
    Bool,
    Timestamptz,
    Timestamptz,
    Nullable<Date>,
    Nullable<Time>,
    Nullable<Text>,
    SmallInt,
    Array<Text>,
    Nullable<Text>,
    Nullable<Timestamptz>,
    BigInt,
    Nullable<BigInt>,
    Nullable<BigInt>,
    BigInt,
);

#[derive(Queryable)]
pub(super) struct TodoRow {
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) completed: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) due_date: Option<NaiveDate>,
    pub(super) due_time: Option<NaiveTime>,
    pub(super) due_zone: Option<String>,
    pub(super) priority: i16,
    pub(super) tags: Vec<String>,
    pub(super) repeat: Option<String>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) revision: i64,
    pub(super) position: Option<i64>,
    pub(super) parent: Option<i64>,
    pub(super) open_subtasks: i64,
}

/// The SQL for the columns of [`TodoRow`], in its order, of a row of this name; its user is `$1` or told.
/// Subtasks are counted only if the account has an open one. The ORDER BY makes Postgres look that up in the
/// index: it assumes otherwise that a scan soon finds one, which is slow where there is none.
macro_rules! columns {
    ($row:literal) => {
        columns!($row, "$1")
    };
    ($row:literal, $user:literal) => {
        concat!(
            columns!($row; number title description completed created_at updated_at due_date due_time
                due_zone priority tags repeat completed_at revision position parent),
            "CASE WHEN (SELECT true FROM todo AS below WHERE below.user_id = ",
            $user,
            " AND below.parent IS NOT NULL AND NOT below.completed
                    ORDER BY below.parent LIMIT 1)
                THEN (SELECT count(*) FROM todo AS below WHERE below.user_id = ",
            $user,
            " AND below.parent = ",
            $row,
            ".number AND NOT below.completed) ELSE 0 END"
        )
    };
    ($row:literal; $($column:ident)+) => {
        concat!($($row, ".", stringify!($column), ", "),+)
    };
}
pub(super) use columns;

/// The SQL for the place of a task in the order by hand, as [`manual_order::default_position`] has it where
/// there is no position.
macro_rules! position {
    () => {
        "coalesce(position, number * -1048576)"
    };
}
pub(super) use position;

impl TodoRow {
    pub(super) fn todo(self) -> Result<Todo, DatabaseError> {
        let broken = |_error| DatabaseError::Inconsistent("a stored task breaks the rules of tasks");
        let due = |(date, zone): (NaiveDate, String)| {
            let zone = TimeZone::parse(&zone).map_err(broken)?;
            Ok::<_, DatabaseError>(Due { date, time: self.due_time, zone })
        };
        let due = self.due_date.zip(self.due_zone).map(due).transpose()?;
        let repeat = self.repeat.zip(due).map(|(text, due)| Repeat::parse(&text, due.date));
        Ok(Todo {
            number: TaskNumber(self.number),
            title: TodoTitle::parse(&self.title).map_err(broken)?,
            description: TodoDescription::parse(self.description.as_deref().unwrap_or_default())
                .map_err(broken)?,
            completed: self.completed,
            due,
            priority: Priority::from_number(self.priority).unwrap_or_default(),
            tags: Tags::parse(self.tags).map_err(broken)?,
            repeat: repeat.transpose().map_err(broken)?,
            parent: self.parent.map(TaskNumber),
            open_subtasks: self.open_subtasks,
            position: self.position.unwrap_or(manual_order::default_position(TaskNumber(self.number))),
            completed_at: self.completed_at,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_and_domain_place_a_task_alike() {
        assert!(position!().contains(&format!("number * {}", manual_order::default_position(TaskNumber(1)))));
    }
}
