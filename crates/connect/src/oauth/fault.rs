//! Why no token came. Nothing here holds a word of the service besides the codes that the RFCs define.

use crate::error::Kind;

/// The error codes of the token and authorization endpoints.
///
/// Sources: RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5, RFC 8693 section 2.2.2, RFC 8707 section 2,
/// RFC 9126 section 2.3, RFC 9449 sections 5 and 8, OpenID Connect Core section 3.1.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OauthError {
    /// The request lacks something or has something twice.
    InvalidRequest,
    /// The client is unknown or its authentication failed.
    InvalidClient,
    /// The grant or the refresh token is invalid, expired or revoked.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The server does not know this grant.
    UnsupportedGrantType,
    /// The server does not know this response type.
    UnsupportedResponseType,
    /// A scope is unknown or too much.
    InvalidScope,
    /// The person or the server refused.
    AccessDenied,
    /// The server failed; it may succeed later.
    ServerError,
    /// The server is overloaded; it may succeed later.
    TemporarilyUnavailable,
    /// The person has not answered yet.
    AuthorizationPending,
    /// As before, and the client asks too often.
    SlowDown,
    /// The device code has ended.
    ExpiredToken,
    /// The resource or audience is unknown.
    InvalidTarget,
    /// The proof of possession is wrong.
    InvalidDpopProof,
    /// The server wants its nonce in the proof.
    UseDpopNonce,
    /// The person has to allow it once more.
    InteractionRequired,
    /// The organization's administrator has to allow the app first.
    AdminConsentRequired,
    /// A code that no RFC defines.
    Other,
}

/// Code and meaning, in the order of the RFCs.
const CODES: &[(&str, OauthError)] = &[
    ("invalid_request", OauthError::InvalidRequest),
    ("invalid_client", OauthError::InvalidClient),
    ("invalid_grant", OauthError::InvalidGrant),
    ("unauthorized_client", OauthError::UnauthorizedClient),
    ("unsupported_grant_type", OauthError::UnsupportedGrantType),
    ("unsupported_response_type", OauthError::UnsupportedResponseType),
    ("invalid_scope", OauthError::InvalidScope),
    ("access_denied", OauthError::AccessDenied),
    ("server_error", OauthError::ServerError),
    ("temporarily_unavailable", OauthError::TemporarilyUnavailable),
    ("authorization_pending", OauthError::AuthorizationPending),
    ("slow_down", OauthError::SlowDown),
    ("expired_token", OauthError::ExpiredToken),
    ("invalid_target", OauthError::InvalidTarget),
    ("invalid_dpop_proof", OauthError::InvalidDpopProof),
    ("use_dpop_nonce", OauthError::UseDpopNonce),
    ("interaction_required", OauthError::InteractionRequired),
    ("login_required", OauthError::InteractionRequired),
    ("consent_required", OauthError::InteractionRequired),
    ("account_selection_required", OauthError::InteractionRequired),
    ("admin_consent_required", OauthError::AdminConsentRequired),
    // Google's word (developers.google.com/identity/protocols/oauth2/web-server, "Authorization errors").
    ("admin_policy_enforced", OauthError::AdminConsentRequired),
];

impl OauthError {
    /// Reads a code; one that no RFC defines is [`OauthError::Other`].
    #[must_use]
    pub fn read(code: &str) -> Self {
        CODES.iter().find(|(known, _)| *known == code).map_or(Self::Other, |(_, error)| *error)
    }

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        CODES.iter().find(|(_, error)| *error == self).map_or("other", |(code, _)| code)
    }

    /// What happened and what to do, as the end of a sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "the service found the request faulty; check the addresses and the scopes"
            }
            Self::InvalidClient => {
                "the service does not take the client; check client ID, client secret and clientAuthMethod"
            }
            Self::InvalidGrant => "the service ended this connection; reconnect the credential",
            Self::UnauthorizedClient => {
                "the client is not registered for this grant; change that at the service"
            }
            Self::UnsupportedGrantType => "the service does not know this grantType",
            Self::UnsupportedResponseType => "the service does not give authorization codes to this client",
            Self::InvalidScope => "the service does not give one of the scopes; check their spelling",
            Self::AccessDenied => "the service was told to refuse; authorize again and allow it",
            Self::ServerError => "the service failed; try again",
            Self::TemporarilyUnavailable => "the service is overloaded; try again later",
            Self::AuthorizationPending | Self::SlowDown => "nobody has allowed it at the service yet",
            Self::ExpiredToken => "the code ended before somebody allowed it; begin again",
            Self::InvalidTarget => "the service does not know the resource or audience",
            Self::InvalidDpopProof | Self::UseDpopNonce => {
                "the service does not take the proof of possession; check this machine's clock"
            }
            Self::InteractionRequired => {
                "the service wants a person to sign in again; reconnect the credential"
            }
            Self::AdminConsentRequired => "an administrator of the service has to approve the app first",
            Self::Other => "the service refused for a reason of its own; its log tells more",
        }
    }

    /// What it means for a token that was asked for.
    const fn meaning(self) -> Meaning {
        match self {
            Self::InvalidGrant | Self::InteractionRequired | Self::ExpiredToken | Self::AccessDenied => {
                Meaning::GrantEnded
            }
            Self::ServerError
            | Self::TemporarilyUnavailable
            | Self::AuthorizationPending
            | Self::SlowDown
            | Self::UseDpopNonce => Meaning::Passing,
            _ => Meaning::Misconfigured,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    GrantEnded,
    Passing,
    Misconfigured,
}

/// Why no token came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The settings lack this part, or it is not of its kind.
    Settings(&'static str),
    /// Nobody has authorized yet, or the grant is gone.
    NotConnected,
    /// The access token has ended, and there is nothing to renew it with.
    Ended,
    /// The service answered with an error.
    Refused(OauthError),
    /// The service answered with a status that says to come back later, with the seconds that it asked for.
    Busy(Option<u32>),
    /// The service redirected; a token request is sent nowhere else.
    Redirected,
    /// What came is no token answer.
    Answer,
    /// The metadata or the answer names another issuer than the one that is set up: somebody mixes servers up
    /// (RFC 9207).
    Issuer,
    /// The server does not offer the S256 method of PKCE.
    Downgrade,
    /// The tokens are of a kind that cannot be used.
    TokenType,
    /// The answer may have been lost after the service had given a new refresh token and ended the old one.
    Uncertain,
    /// The service refused what was signed, and its clock shows another time: by so many minutes.
    Clock(i64),
    /// The OAuth app that the credential names is not there, or is another service's.
    AppGone,
    /// An endpoint is not at one of the hosts that the OAuth app is bound to.
    AppHost,
    /// The installation is paused: another one may be using the same grants.
    Paused,
    /// The call did not succeed; see the door's kinds.
    Call(Kind),
    /// The vault or the store cannot be used now.
    Inside(Kind),
    /// The lease was lost: somebody else asks, or the credential is gone.
    Lost,
}

impl Fault {
    /// Whether a later attempt may succeed without anybody changing anything.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Busy(_) | Self::Answer | Self::Lost | Self::Inside(_) => true,
            Self::Refused(error) => matches!(error.meaning(), Meaning::Passing),
            // A name that does not resolve or a certificate that is not trusted is mended at the other side.
            Self::Call(_) => true,
            Self::Settings(_)
            | Self::NotConnected
            | Self::Ended
            | Self::Redirected
            | Self::Issuer
            | Self::Downgrade
            | Self::TokenType
            | Self::Clock(_)
            | Self::AppGone
            | Self::AppHost
            | Self::Paused
            | Self::Uncertain => false,
        }
    }

    /// Whether the service may have done what was asked, although no token came: its answer was lost, damaged or
    /// replaced by something between. A connection that never stood carried nothing.
    #[must_use]
    pub const fn may_have_been_served(self) -> bool {
        match self {
            Self::Call(kind) => !matches!(
                kind,
                Kind::Dns | Kind::Connect | Kind::ConnectTimeout | Kind::Tls | Kind::TooManyConnections
            ),
            Self::Busy(_) | Self::Answer => true,
            _ => false,
        }
    }

    /// Whether the grant is gone: only a person at the service can give another one.
    #[must_use]
    pub const fn ends_grant(self) -> bool {
        match self {
            Self::Refused(error) => matches!(error.meaning(), Meaning::GrantEnded),
            Self::Uncertain | Self::NotConnected | Self::Ended => true,
            _ => false,
        }
    }

    /// The error of the door that it becomes for a use.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Inside(kind) => kind,
            Self::NotConnected => Kind::NotConnected,
            Self::Paused => Kind::InstallationPaused,
            fault if fault.ends_grant() => Kind::ReconnectRequired,
            fault if fault.is_transient() => Kind::TokenUnavailable,
            _ => Kind::TokenRefused,
        }
    }

    /// A word for the audit trail.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::NotConnected => "not_connected",
            Self::Ended => "ended",
            Self::Refused(error) => error.as_str(),
            Self::Busy(_) => "busy",
            Self::Redirected => "redirected",
            Self::Answer => "invalid_answer",
            Self::Issuer => "issuer_mismatch",
            Self::Downgrade => "pkce_downgrade",
            Self::TokenType => "token_type",
            Self::Uncertain => "uncertain",
            Self::Clock(_) => "clock",
            Self::AppGone => "app_gone",
            Self::AppHost => "app_host",
            Self::Paused => "paused",
            Self::Call(kind) | Self::Inside(kind) => kind.code(),
            Self::Lost => "lost",
        }
    }

    /// One sentence for people: what happened and what to do.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Settings(part) => format!("The credential's {part} is missing or is not usable."),
            Self::NotConnected => "Nobody has authorized this credential yet.".to_owned(),
            Self::Ended => {
                "The access token has ended and the service gave nothing to renew it with; reconnect the credential."
                    .to_owned()
            }
            Self::Refused(error) => format!("The service answered {}: {}.", error.as_str(), error.advice()),
            Self::Busy(_) => "The service could not answer now; try again later.".to_owned(),
            Self::Redirected => {
                "The token endpoint redirects, which is never followed; use its final address.".to_owned()
            }
            Self::Answer => "What the token endpoint answered is no token answer; check its address.".to_owned(),
            Self::Issuer => {
                "The answer comes from another issuer than the one that is set up, so it was not used. Check the issuer, letter for letter."
                    .to_owned()
            }
            Self::Downgrade => {
                "The service does not offer PKCE with S256, and nothing weaker is used.".to_owned()
            }
            Self::TokenType => "The service gives tokens of a type that cannot be sent.".to_owned(),
            Self::Clock(minutes) => format!(
                "The service refused what was signed, and this machine's clock is {} minutes {} the service's; set the clock (NTP) and try again.",
                minutes.abs(),
                if minutes > 0 { "ahead of" } else { "behind" }
            ),
            Self::AppGone => {
                "The OAuth app of this credential is gone; give the credential a client of its own, or make it anew."
                    .to_owned()
            }
            Self::AppHost => {
                "The OAuth app is for other hosts than this service's endpoints, so its secret was not sent; add the host to the app's allowedHosts if it is right."
                    .to_owned()
            }
            Self::Uncertain => {
                "The service's answer was lost after it may have ended the old refresh token; reconnect the credential."
                    .to_owned()
            }
            Self::Paused => {
                "This installation was restored from a backup and is paused, so its tokens are not renewed; `flero resume` ends that."
                    .to_owned()
            }
            Self::Call(kind) | Self::Inside(kind) => format!("No token came: {}.", crate::Error::new(kind)),
            Self::Lost => "Somebody else changed the credential in the meantime; try again.".to_owned(),
        }
    }
}
