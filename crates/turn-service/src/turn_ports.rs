//! What turns are kept in.

use std::sync::Arc;

use domain::ports::{ConversationStore, TurnLeases, TurnReader, TurnStore};

/// What turns are kept in.
#[derive(Clone)]
pub struct TurnPorts {
    /// Turns as their worker sees them.
    pub store: Arc<dyn TurnStore>,
    /// Turns as everybody else sees them.
    pub reader: Arc<dyn TurnReader>,
    /// The leases of running turns.
    pub leases: Arc<dyn TurnLeases>,
    /// The conversations that they belong to.
    pub conversations: Arc<dyn ConversationStore>,
}
