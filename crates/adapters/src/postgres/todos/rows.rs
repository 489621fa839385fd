//! A row of `todo`, and the way from it to a [`Todo`].

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
};
use domain::todo::{TaskNumber, Todo, TodoDescription, TodoTitle};

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
}

impl TodoRow {
    pub(super) fn todo(self) -> Result<Todo, DatabaseError> {
        let broken = |_error| DatabaseError::Inconsistent("a stored task breaks the rules of tasks");
        Ok(Todo {
            number: TaskNumber(self.number),
            title: TodoTitle::parse(&self.title).map_err(broken)?,
            description: TodoDescription::parse(self.description.as_deref().unwrap_or_default())
                .map_err(broken)?,
            completed: self.completed,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
