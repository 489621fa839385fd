//! Errors as OAuth has them: a code of a standard, and a sentence for the program's developer.

/// The error codes of RFC 6749, 7591 and 8707 that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// The person refused.
    AccessDenied,
    /// The program's metadata cannot be used.
    InvalidClientMetadata,
    /// The code or the refresh token is not good.
    InvalidGrant,
    /// A redirect address cannot be used.
    InvalidRedirectUri,
    /// A parameter is missing, wrong, or there twice.
    InvalidRequest,
    /// No scope that is asked for can be had.
    InvalidScope,
    /// A token is wanted for something else than what is here.
    InvalidTarget,
    /// There is no such way to a token.
    UnsupportedGrantType,
    /// There is no such answer to a request for a person's yes.
    UnsupportedResponseType,
}

impl ErrorCode {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::AccessDenied,
        Self::InvalidClientMetadata,
        Self::InvalidGrant,
        Self::InvalidRedirectUri,
        Self::InvalidRequest,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::UnsupportedGrantType,
        Self::UnsupportedResponseType,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }
}

/// An error of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{description}")]
pub struct ProtocolError {
    /// The code of the specification.
    pub code: ErrorCode,
    /// What is to be done about it: printable ASCII without quotes (RFC 6749 5.2).
    pub description: &'static str,
}

/// Returns an error of the protocol.
pub fn refused(code: ErrorCode, description: &'static str) -> ProtocolError {
    ProtocolError { code, description }
}
