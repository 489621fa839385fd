//! The channel by which a change of a list came: REST, a conversation, or MCP.

use crate::turn_and_conversation_ids::TurnId;

/// The way on which a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A REST request.
    Rest,
    /// A tool call of this turn.
    Chat(TurnId),
    /// A tool call of a program, by the Model Context Protocol.
    Mcp,
}

/// A [`Channel`] without its turn, which a record of a change may have outlived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// A REST request.
    Rest,
    /// A tool call of a chat.
    Chat,
    /// A tool call of a program.
    Mcp,
}

impl ChannelKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Rest, Self::Chat, Self::Mcp];

    /// Its name, in the database and the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Chat => "chat",
            Self::Mcp => "mcp",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Channel {
    /// Its kind.
    pub fn kind(self) -> ChannelKind {
        match self {
            Self::Rest => ChannelKind::Rest,
            Self::Chat(_) => ChannelKind::Chat,
            Self::Mcp => ChannelKind::Mcp,
        }
    }

    /// The turn.
    pub fn turn(self) -> Option<TurnId> {
        match self {
            Self::Rest | Self::Mcp => None,
            Self::Chat(turn) => Some(turn),
        }
    }
}
