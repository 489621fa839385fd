//! A row of `todo`, and the way from it to a [`Todo`].

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
};
use domain::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    time_zone::TimeZone,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
};

use crate::postgres::{error::DatabaseError, schema::todo};

/// The columns every statement on tasks returns, in the order of [`TodoRow`].
pub(super) type Columns = SqlTypeOf<AsSelect<TodoRow, Pg>>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = todo, check_for_backend(Pg))]
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
}

/// The SQL for the columns of [`TodoRow`], in its order; of a named row, when there are several.
macro_rules! columns {
    () => {
        "number, title, description, completed, created_at, updated_at, due_date, due_time, due_zone,
         priority, tags, repeat, completed_at, revision"
    };
    ($row:literal) => {
        concat!($row, ".number, ", columns!($row; title description completed created_at updated_at due_date
            due_time due_zone priority tags repeat completed_at), $row, ".revision")
    };
    ($row:literal; $($column:ident)+) => {
        concat!($($row, ".", stringify!($column), ", "),+)
    };
}
pub(super) use columns;

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
            completed_at: self.completed_at,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
