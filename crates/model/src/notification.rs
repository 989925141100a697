//! What people are told without asking: which events, whom, and how often. Pure; who is reached is decided from the
//! facts of the credential and the members.

use serde::{Deserialize, Serialize};

use crate::{
    NotificationId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, AuditAction, NewAudit},
    credential::{Credential, Scope},
    role::{OrganizationRole, Role},
};

macro_rules! categories {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a notification is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Category { $($(#[$doc])* #[serde(rename = $text)] $name),* }

        impl Category {
            /// Every category there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as the API writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

categories! {
    /// A credential cannot be used any more: its end has passed, or the service ended the grant.
    CredentialExpired = "credential.expired";
    /// The service refused a credential.
    CredentialFailing = "credential.failing";
    /// The service takes a credential again.
    CredentialActive = "credential.active";
    /// Somebody revoked a credential.
    CredentialRevoked = "credential.revoked";
    /// The end of a credential is near.
    CredentialExpiring = "credential.expiring";
    /// A rotation is due.
    RotationDue = "credential.rotation_due";
    /// Somebody else rotated a credential, or put its former secret back.
    CredentialRotated = "credential.rotated";
    /// Somebody asks for a wider scope of a credential.
    ScopeRequested = "scope.requested";
    /// One's own request for a wider scope was approved, refused, or expired.
    ScopeDecided = "scope.decided";
    /// A run failed that nobody watched.
    ExecutionFailed = "execution.failed";
    /// A sign-in from a place or with a browser that was not seen before.
    UnusualSignIn = "session.unusual";
    /// A second factor, the recovery codes, the password or a linked identity were changed.
    SignInChanged = "account.sign_in_changed";
}

impl Category {
    /// The category of what a record tells; `None` for what nobody has to be told.
    #[must_use]
    pub fn of(record: &NewAudit) -> Option<Self> {
        match record.action {
            AuditAction::CredentialStatusChanged => match record.detail.to.as_deref() {
                Some("expired") => Some(Self::CredentialExpired),
                Some("failing") => Some(Self::CredentialFailing),
                Some("active") => Some(Self::CredentialActive),
                _ => None,
            },
            AuditAction::CredentialRevoked => Some(Self::CredentialRevoked),
            AuditAction::CredentialExpiring => Some(Self::CredentialExpiring),
            AuditAction::RotationDue => Some(Self::RotationDue),
            AuditAction::CredentialRotated | AuditAction::CredentialRolledBack => {
                Some(Self::CredentialRotated)
            }
            AuditAction::ScopeRequested => Some(Self::ScopeRequested),
            AuditAction::ScopeRequestApproved
            | AuditAction::ScopeRequestRejected
            | AuditAction::ScopeRequestExpired => Some(Self::ScopeDecided),
            AuditAction::SignedIn => Some(Self::UnusualSignIn),
            AuditAction::FactorAdded
            | AuditAction::FactorRemoved
            | AuditAction::RecoveryCodesMade
            | AuditAction::RecoveryCodeUsed
            | AuditAction::IdentityLinked
            | AuditAction::IdentityUnlinked
            | AuditAction::PasswordChanged => Some(Self::SignInChanged),
            _ => None,
        }
    }

    /// Whether it is about a person's own account. Such a mail cannot be turned off: it is how somebody learns that
    /// another one is in their place.
    #[must_use]
    pub const fn is_about_account(self) -> bool {
        matches!(self, Self::UnusualSignIn | Self::SignInChanged)
    }

    /// Whether it is about a request for a wider scope.
    #[must_use]
    pub const fn is_about_request(self) -> bool {
        matches!(self, Self::ScopeRequested | Self::ScopeDecided)
    }

    /// How often mails are sent unless the person chose otherwise.
    #[must_use]
    pub const fn usual_frequency(self) -> Frequency {
        match self {
            Self::CredentialActive => Frequency::Never,
            Self::ExecutionFailed | Self::CredentialRotated | Self::RotationDue => Frequency::Daily,
            _ => Frequency::Immediately,
        }
    }

    /// Whether whoever did it themselves need not be told.
    #[must_use]
    pub const fn spares_actor(self) -> bool {
        matches!(
            self,
            Self::CredentialRevoked | Self::CredentialRotated | Self::ScopeRequested | Self::ScopeDecided
        )
    }
}

/// How often mails of a category are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// As soon as it happens.
    Immediately,
    /// Once a day, all in one mail.
    Daily,
    /// Not at all. It still stands in the application.
    Never,
}

impl Frequency {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immediately => "immediately",
            Self::Daily => "daily",
            Self::Never => "never",
        }
    }
}

/// A notification of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its identifier.
    pub id: NotificationId,
    /// Whose.
    pub user: UserId,
    /// Where it happened.
    pub workspace: WorkspaceId,
    /// What it is about.
    pub category: Category,
    /// The identifier of the object that it is about.
    pub subject: String,
    /// The object's name at that time.
    pub name: String,
    /// Why, as a word or a code of a closed set.
    pub reason: Option<String>,
    /// How often it happened since it was last read.
    pub count: u64,
    /// When it happened first.
    pub created_at: Timestamp,
    /// When it happened last.
    pub last_at: Timestamp,
    /// When the person read it.
    pub read_at: Option<Timestamp>,
}

/// Somebody who may have to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Their role in the credential's workspace; `None` for no member.
    pub role: Option<Role>,
    /// Their role in the organization.
    pub organization_role: Option<OrganizationRole>,
}

impl Candidate {
    /// Whether they may edit, rotate or reconnect the credential.
    fn can_act(&self, credential: &Credential) -> bool {
        match credential.scope {
            Scope::Personal => self.user == credential.owner_id && self.role >= Some(Role::Editor),
            Scope::Workspace => self.role >= Some(Role::Admin),
            Scope::Organization => self.organization_role >= Some(OrganizationRole::Admin),
        }
    }

    /// Whether they may know that the credential exists.
    fn can_see(&self, credential: &Credential) -> bool {
        match credential.scope {
            Scope::Personal => self.user == credential.owner_id && self.role.is_some(),
            Scope::Workspace => self.role.is_some(),
            Scope::Organization => self.organization_role.is_some(),
        }
    }
}

/// Who is told about a credential: its owner, and everybody who can act where the owner cannot (any more). Nobody is
/// told of a credential that they may not see.
#[must_use]
pub fn recipients(credential: &Credential, candidates: &[Candidate]) -> Vec<UserId> {
    let owner = candidates.iter().find(|one| one.user == credential.owner_id && one.can_see(credential));
    let mut told: Vec<UserId> = owner.map(|owner| owner.user).into_iter().collect();
    if owner.is_none_or(|owner| !owner.can_act(credential)) {
        let able = candidates.iter().filter(|one| one.can_act(credential)).map(|one| one.user);
        told.extend(able.filter(|user| *user != credential.owner_id));
    }
    told
}

/// The person who did it themselves, not through a run.
#[must_use]
pub const fn doer(actor: &Actor) -> Option<UserId> {
    match actor {
        Actor::User { user } | Actor::ApiKey { user, .. } => Some(*user),
        Actor::Run { .. } | Actor::System => None,
    }
}

#[cfg(test)]
mod tests;
