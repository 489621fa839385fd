//! Whether a turn is leased: it runs, and the lease of its worker has not run out. A turn that runs without a
//! lease has lost its worker.

use diesel::{dsl::now, prelude::*};

use super::schema::turn;

/// Whether a turn is leased.
#[diesel::dsl::auto_type]
pub(super) fn is_leased() -> _ {
    turn::state.eq("running").and(turn::lease_until.gt(now))
}

/// [`is_leased`] for statements that are written as text. It binds no state: the index of running turns is a
/// partial one, which no plan with a bound state uses.
macro_rules! is_leased_sql {
    () => {
        "(state = 'running' AND lease_until > now())"
    };
}
pub(super) use is_leased_sql;
