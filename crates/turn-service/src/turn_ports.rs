//! The stores that a turn is kept in.

use std::sync::Arc;

use domain::ports::{ConversationStore, TurnLeases, TurnReader, TurnStore};

/// The stores that a turn is kept in; all of them are views of one database.
#[derive(Clone)]
pub struct TurnPorts {
    /// Begins turns and commits their steps and their ends.
    pub store: Arc<dyn TurnStore>,
    /// Reads how turns stand, and asks for a running one to stop.
    pub reader: Arc<dyn TurnReader>,
    /// Extends the leases of running turns and gives them back.
    pub leases: Arc<dyn TurnLeases>,
    /// Reads conversations with the committed steps of their turns.
    pub conversations: Arc<dyn ConversationStore>,
}
