//! Statements as SQL text with typed binds and typed rows, for what diesel's query builder cannot say
//! (common table expressions) or would prepare anew at every call (every `UPDATE`): see ADR 4.
//! `diesel::sql_query` is never reused either; a [`Statement`] is prepared once per connection.

use std::{borrow::Cow, marker::PhantomData, time::Duration};

use diesel::{
    QueryResult,
    pg::{Pg, data_types::PgInterval},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{HasSqlType, Text},
};

/// A statement that returns rows of the SQL type `Row`.
pub(super) struct Statement<'a, Row> {
    text: Cow<'static, str>,
    /// How many of its parts stand in some of its forms only.
    optional_parts: usize,
    binds: Vec<Box<dyn Bind + Send + Sync + 'a>>,
    row: PhantomData<fn() -> Row>,
}

/// Makes a statement. Its placeholders are `$1`, `$2`, … and first appear in this order.
pub(super) fn sql<'a, Row>(text: impl Into<Cow<'static, str>>) -> Statement<'a, Row> {
    Statement { text: text.into(), optional_parts: 0, binds: Vec::new(), row: PhantomData }
}

/// The most optional parts of a statement that is kept prepared. A connection keeps each form that it has met
/// for as long as it lives, here and in the database, some 50 KB each; with three parts and more there are
/// many thousands of forms, and one account could ask for all of them. Those are prepared for the one call,
/// which is a round trip more.
const MAX_CACHED_OPTIONAL_PARTS: usize = 2;

impl<'a, Row> Statement<'a, Row> {
    /// Adds SQL to the end. Each `?` in it is the next placeholder, to be bound right after.
    pub(super) fn append(mut self, sql: &str) -> Self {
        let mut pieces = sql.split('?');
        let text = self.text.to_mut();
        text.push_str(pieces.next().unwrap_or_default());
        for (count, piece) in pieces.enumerate() {
            let number = self.binds.len() + 1 + count;
            text.push_str(&format!("${number}{piece}"));
        }
        self
    }

    /// Adds SQL that stands in some forms of the statement only, as [`append`](Self::append) does.
    pub(super) fn append_optional(mut self, sql: &str) -> Self {
        self.optional_parts += 1;
        self.append(sql)
    }

    /// The SQL.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a connection keeps it prepared.
    pub(super) fn is_cached(&self) -> bool {
        self.optional_parts <= MAX_CACHED_OPTIONAL_PARTS
    }

    /// Binds the next placeholder to `value`, as the SQL type `Type`.
    pub(super) fn bind<Type, Value>(mut self, value: Value) -> Self
    where
        Pg: HasSqlType<Type>,
        Type: 'a,
        Value: ToSql<Type, Pg> + Send + Sync + 'a,
    {
        self.binds.push(Box::new(Typed { value, kind: PhantomData::<fn() -> Type> }));
        self
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// A text in lower case.
    fn lower(text: Text) -> Text;
    /// Where a text is found in another one, from 1; 0 when it is not there.
    fn strpos(text: Text, part: Text) -> Integer;
}

/// A duration as Postgres' `interval`.
pub(super) fn interval(duration: Duration) -> PgInterval {
    PgInterval::from_microseconds(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

trait Bind {
    fn push<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Typed<Value, Kind> {
    value: Value,
    kind: PhantomData<Kind>,
}

impl<Value, Type> Bind for Typed<Value, fn() -> Type>
where
    Pg: HasSqlType<Type>,
    Value: ToSql<Type, Pg>,
{
    fn push<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_bind_param::<Type, Value>(&self.value)
    }
}

impl<Row> QueryFragment<Pg> for Statement<'_, Row> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_cached() {
            pass.unsafe_to_cache_prepared();
        }
        let mut binds = self.binds.iter().enumerate().peekable();
        // What was not pushed yet, and where in it a placeholder is looked for.
        let (mut rest, mut from) = (&*self.text, 0);
        while let Some((index, bind)) = binds.peek() {
            let Some(dollar) = rest[from..].find('$').map(|found| from + found) else {
                let missing = format!("no ${} in {}", index + 1, self.text);
                return Err(diesel::result::Error::QueryBuilderError(missing.into()));
            };
            let digits = rest[dollar + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let end = dollar + 1 + digits;
            if rest[dollar + 1..end].parse() == Ok(index + 1) {
                pass.push_sql(&rest[..dollar]);
                bind.push(pass.reborrow())?;
                (rest, from) = (&rest[end..], 0);
                binds.next();
            } else {
                // One that is repeated stays as it is.
                from = end;
            }
        }
        pass.push_sql(rest);
        Ok(())
    }
}

impl<Row> QueryId for Statement<'_, Row> {
    type QueryId = ();
    // The text is the identity: diesel caches by it when there is no static one.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row> Query for Statement<'_, Row> {
    type SqlType = Row;
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{BigInt, Text};

    use super::*;

    #[test]
    fn a_statement_grows() {
        let statement = sql::<BigInt>("SELECT $1").bind::<BigInt, _>(1_i64);
        let statement = statement.append(" + ? + length(?)").bind::<BigInt, _>(2_i64).bind::<Text, _>("a");
        let shown = diesel::debug_query::<Pg, _>(&statement).to_string();
        assert!(shown.starts_with("SELECT $1 + $2 + length($3)"), "{shown}");
    }

    #[test]
    fn placeholders_are_bound_in_order_and_may_be_repeated() {
        let statement =
            sql::<BigInt>("SELECT $1 + length($2) + $1").bind::<BigInt, _>(1_i64).bind::<Text, _>("a");
        let shown = diesel::debug_query::<Pg, _>(&statement).to_string();
        assert!(shown.starts_with("SELECT $1 + length($2) + $1"), "{shown}");
    }
}
