//! Following a turn: every event once, from the first on, then the end.

use std::sync::Arc;

use domain::id::{ConversationId, TurnId};

use crate::{
    active_turn::{ActiveTurn, Reader},
    remote_turn::RemoteTurn,
    subscription_update::SubscriptionUpdate,
};

/// Somebody who follows a turn, wherever it runs.
pub struct TurnSubscription(Source);

/// Where the events come from.
enum Source {
    /// A turn that runs here, event by event.
    Local(Reader),
    /// A turn that ran or runs elsewhere, step by step as it is committed.
    Remote(Box<RemoteTurn>),
}

impl TurnSubscription {
    pub(crate) fn local(active: &Arc<ActiveTurn>) -> Self {
        Self(Source::Local(active.read()))
    }

    pub(crate) fn remote(turn: RemoteTurn) -> Self {
        Self(Source::Remote(Box::new(turn)))
    }

    /// The turn.
    pub fn turn(&self) -> TurnId {
        match &self.0 {
            Source::Local(reader) => reader.active().lease().turn,
            Source::Remote(remote) => remote.turn(),
        }
    }

    /// Its conversation.
    pub fn conversation(&self) -> ConversationId {
        match &self.0 {
            Source::Local(reader) => reader.active().lease().conversation,
            Source::Remote(remote) => remote.conversation(),
        }
    }

    /// The title of its conversation.
    pub fn title(&self) -> &str {
        match &self.0 {
            Source::Local(reader) => reader.active().title(),
            Source::Remote(remote) => remote.title(),
        }
    }

    /// Whether the turn does not run here.
    pub fn is_remote(&self) -> bool {
        matches!(self.0, Source::Remote(_))
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> SubscriptionUpdate {
        match &mut self.0 {
            Source::Local(reader) => reader.next().await,
            Source::Remote(remote) => remote.next().await.unwrap_or_else(SubscriptionUpdate::Failed),
        }
    }
}
