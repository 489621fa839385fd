//! The providers with which people can sign in.

/// Who vouches for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Google.
    Google,
    /// GitHub, or a GitHub Enterprise Server.
    GitHub,
}

impl Provider {
    /// Every provider there is.
    pub const ALL: [Self; 2] = [Self::Google, Self::GitHub];

    /// The name in paths, answers and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::GitHub => "github",
        }
    }

    /// The provider with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }
}
