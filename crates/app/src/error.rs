//! What a use case can answer besides success. Messages hold no secret and no submitted value.

use flero_model::{CredentialId, WorkflowId, policy::Decision, problem::FieldProblem, role::KeyScope};

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object for this caller; foreign, missing and malformed look the same.
    #[error("there is nothing with this ID that you can see")]
    NotFound,
    /// A submitted document refers to objects that do not exist for this caller.
    #[error("the document refers to something that does not exist for you")]
    ReferenceNotFound(Vec<FieldProblem>),
    /// The caller is known, but may not do this.
    #[error("{0}")]
    Forbidden(Refusal),
    /// The caller is not known.
    #[error("{0}")]
    Unauthenticated(AuthFault),
    /// Fields of the request are wrong; each has its place.
    #[error("fields of the request are wrong")]
    Invalid(Vec<FieldProblem>),
    /// The object is not the one that the caller read: somebody else was faster.
    #[error("changed by somebody else in the meantime; read it again")]
    Changed,
    /// The cursor of a list was not made by that list.
    #[error("the cursor is not one that this list gave")]
    InvalidCursor,
    /// Another active workflow of the installation has the webhook path.
    #[error("another active workflow has this webhook path; choose another one")]
    WebhookPathTaken,
    /// Active workflows use the credential, and the deletion was not confirmed with its name.
    #[error("active workflows use this credential; confirm with its name")]
    CredentialInUse(Vec<WorkflowUse>),
    /// Something uses the OAuth app.
    #[error("credentials use this OAuth app; give them another client first")]
    OauthAppInUse(AppNeeded),
    /// The service has an OAuth app at this level.
    #[error("this service has an OAuth app at this level already; change that one")]
    OauthAppTaken,
    /// The service refused the new secret, so that nothing was changed.
    #[error("the service refused the new secret; nothing was changed")]
    SecretRefused {
        /// What the test says, in words that hold no secret.
        message: String,
    },
    /// The credential is revoked: its secret is destroyed.
    #[error("the credential is revoked; make a new one")]
    CredentialRevoked,
    /// The credential has an open request for this scope.
    #[error("somebody has asked for this already; the request waits for a decision")]
    ScopeRequestOpen,
    /// The request was decided, taken back, or is too old.
    #[error("this request is not open any more")]
    ScopeRequestClosed,
    /// What was asked for is not what is there now.
    #[error("the credential or its asker's rights changed since; it has to be asked for again")]
    ScopeRequestStale,
    /// There is no former secret to put back.
    #[error("there is no former secret: none was kept, or its grace period has passed")]
    NoFormerSecret,
    /// The attempt to connect an account has not come to a grant, or is over.
    #[error("this attempt is not connected, or its ten minutes are over; begin again")]
    AttemptNotConnected,
    /// A reconnected credential would belong to another account than before.
    #[error("this is another account than before; confirm that it is meant, or sign in with the former one")]
    AccountChanged,
    /// The workflow is archived.
    #[error("the workflow is archived; set it to inactive first")]
    WorkflowArchived,
    /// The run has come to its end.
    #[error("the run has ended already")]
    ExecutionEnded,
    /// There is an owner already.
    #[error("this installation has an owner already")]
    AlreadySetUp,
    /// Accounts are made with an invitation here.
    #[error("accounts are made with an invitation here; ask an administrator for one")]
    RegistrationClosed,
    /// The invitation is unknown, used, taken back or too old.
    #[error("the invitation is not valid any more; ask for a new one")]
    InviteInvalid,
    /// The address of the invitation has an account.
    #[error("there is an account with this address; sign in and open the invitation again")]
    AccountExists,
    /// The organization requires a factor, and this is the last one.
    #[error("your organization requires a second factor; add another one before you remove the last")]
    LastFactor,
    /// Nothing would be left to sign in with.
    #[error("this is your only way to sign in; add a passkey or another identity first")]
    LastSignIn,
    /// A directory gives a name or an address that is somebody's already.
    #[error("this name or address is taken; an account that somebody else made is never taken over")]
    NameTaken,
    /// The OpenID provider does not answer as one.
    #[error("this provider cannot be used now; try again later, or sign in another way")]
    ProviderUnavailable,
    /// The passkey, or another one on the same device, belongs to an account already.
    #[error("this passkey is in use already")]
    PasskeyTaken,
    /// Passkeys need a host name.
    #[error("passkeys need a host name: set FLERO_PUBLIC_URL to one, or open this server as localhost")]
    PasskeysUnavailable,
    /// Somebody must own it.
    #[error("somebody must stay owner; make somebody else owner first")]
    LastOwner,
    /// The workspace holds workflows or credentials.
    #[error("the workspace holds workflows or credentials; delete them first")]
    WorkspaceNotEmpty,
    /// The workspace is archived.
    #[error("the workspace is archived; its owner can restore it")]
    WorkspaceArchived,
    /// Too many failures in a row.
    #[error("{}", if seconds.is_some() { "too many failed attempts; wait and try again" } else {
        "too many failed attempts; an administrator must open this account again"
    })]
    TooManyAttempts {
        /// How long to wait, in seconds; `None` when waiting does not help.
        seconds: Option<u64>,
    },
    /// The service takes no more requests of the credential for now: it said so to an earlier one.
    #[error("the service takes no more requests of this credential for now; wait and try again")]
    ServiceLimit {
        /// How long, in seconds.
        seconds: u64,
    },
    /// The request does not say which workspace it is about.
    #[error("name the workspace in the header Flero-Workspace, or on a GET as ?workspace=")]
    WorkspaceRequired,
    /// No active workflow has this webhook path.
    #[error("no active workflow listens here")]
    NoWebhook,
    /// The webhook takes another method.
    #[error("this webhook takes another method")]
    WebhookMethod {
        /// The method that it takes.
        allowed: String,
    },
    /// A request to a webhook lacks what its credential asks for.
    #[error("the webhook's credential was not presented")]
    WebhookUnauthorized,
    /// A webhook request's body is not of the kind that its trigger or its content type names.
    #[error("the body cannot be read: {0}")]
    InvalidBody(String),
    /// A call to a service failed at the door.
    #[error(transparent)]
    Call(flero_connect::Error),
    /// A workflow that cannot begin in the wanted way.
    #[error("{0}")]
    CannotStart(String),
    /// The trigger's limits refuse another run now.
    #[error("the workflow takes no further run now; try again later")]
    Busy,
    /// A request cannot be served now: full disk, sealed vault, paused installation.
    #[error("{0}")]
    Unavailable(&'static str),
    /// Something that must not happen.
    #[error("{0}")]
    Internal(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(flero_store::Error),
}

/// Why a known caller may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role does not include it.
    #[error("your role in this workspace does not include this")]
    Role,
    /// The API key lacks a scope.
    #[error("the API key lacks the scope {}", .0.as_str())]
    Scope(KeyScope),
    /// A signed-in person is needed.
    #[error("this needs a signed-in person; an API key cannot do it")]
    ApiKey,
    /// The person must prove again who they are.
    #[error("prove again who you are: this needs a password or a factor that is at most five minutes old")]
    StepUp,
    /// The person has a second factor, and a password alone does not prove them.
    #[error("prove with your second factor who you are; a password alone is not enough for you")]
    Factor,
    /// The organization requires a second factor, and the person has none yet.
    #[error("your organization requires a second factor; set one up first")]
    Enrol,
    /// The request may have been sent by another site.
    #[error("send the X-CSRF-Token of your session, from a page of this server")]
    Forged,
    /// The API key would make one that can do more than itself.
    #[error("a key cannot make a key that can do more than itself")]
    Widening,
}

/// Why a caller is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthFault {
    /// Nothing was presented.
    #[error("sign in, or present an API key: Authorization: Bearer flero_...")]
    Missing,
    /// It does not have the form or the checksum of a key: a typo.
    #[error("this is not an API key of Flero: its form or checksum is wrong; copy it again")]
    Malformed,
    /// Unknown or revoked.
    #[error("this API key is unknown or revoked")]
    Unknown,
    /// Past its end.
    #[error("this API key has expired")]
    Expired,
    /// No such session, or it is over.
    #[error("your session is over; sign in again")]
    Session,
    /// Wrong address or password; which one is not told.
    #[error("the address or the password is wrong")]
    Login,
    /// A wrong, used or outdated second factor; which one is not told.
    #[error("the code or the passkey is not right, was used before, or is too old")]
    Factor,
    /// Not taken from this address.
    #[error("this API key is not taken from this network")]
    Network,
}

/// What uses an OAuth app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppNeeded {
    /// The credentials of the caller's workspace with their names; without an identifier, one that is being connected.
    pub credentials: Vec<(Option<CredentialId>, String)>,
    /// How many there are in other workspaces, or wait to be revoked.
    pub elsewhere: u64,
}

/// A workflow that uses something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowUse {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Its name.
    pub name: String,
}

impl From<flero_store::Error> for Error {
    fn from(error: flero_store::Error) -> Self {
        match error {
            flero_store::Error::NotFound => Self::NotFound,
            flero_store::Error::Conflict => Self::Changed,
            flero_store::Error::InvalidCursor => Self::InvalidCursor,
            flero_store::Error::Full => {
                Self::Unavailable("the disk is full; free space, nothing was changed")
            }
            other => Self::Store(other),
        }
    }
}

impl From<flero_connect::Error> for Error {
    fn from(error: flero_connect::Error) -> Self {
        match error.kind() {
            flero_connect::Kind::CredentialNotFound => Self::NotFound,
            flero_connect::Kind::CredentialForbidden => Self::Forbidden(Refusal::Role),
            _ => Self::Call(error),
        }
    }
}

impl From<flero_keyring::Error> for Error {
    fn from(error: flero_keyring::Error) -> Self {
        use flero_keyring::Error as Keyring;
        match error {
            Keyring::Store(error) => error.into(),
            Keyring::PolicyWidened => Self::Internal("a stored secret was to be sealed under a wider policy"),
            error if error.is_tampering() => {
                tracing::error!(%error, "a stored secret does not open");
                Self::Internal("a stored secret does not open; it was changed outside Flero")
            }
            error if error.is_unavailable() => {
                tracing::error!(%error, "the vault cannot be used");
                Self::Unavailable("the vault is sealed; run `flero vault status` on the server")
            }
            error => {
                tracing::error!(%error, "the vault failed");
                Self::Internal("the vault failed")
            }
        }
    }
}

impl From<flero_engine::Error> for Error {
    fn from(error: flero_engine::Error) -> Self {
        use flero_engine::Error as Engine;
        match error {
            Engine::Store(error) => error.into(),
            Engine::RateLimited { .. } | Engine::TooManyRuns { .. } => Self::Busy,
            Engine::ShuttingDown => Self::Unavailable("Flero is shutting down; try again in a moment"),
            error @ (Engine::NoEntry { .. }
            | Engine::TriggerOption { .. }
            | Engine::ConditionNotMet
            | Engine::Given(_)
            | Engine::Event(_)) => Self::CannotStart(error.to_string()),
            error => {
                tracing::error!(%error, "the engine failed");
                Self::Internal("the engine failed")
            }
        }
    }
}

impl Error {
    /// One wrong field.
    pub fn field(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem::new(pointer, code, message)])
    }
}

/// Turns a decision into a result. See [`Decision`].
pub(crate) fn allowed(decision: Decision) -> Result<()> {
    match decision {
        Decision::Allow => Ok(()),
        Decision::Hide => Err(Error::NotFound),
        Decision::DenyRole => Err(Error::Forbidden(Refusal::Role)),
        Decision::DenyScope(scope) => Err(Error::Forbidden(Refusal::Scope(scope))),
        Decision::StepUp => Err(Error::Forbidden(Refusal::StepUp)),
        Decision::DenyApiKey => Err(Error::Forbidden(Refusal::ApiKey)),
    }
}
