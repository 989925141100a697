//! Who may use which credential for this destination, and the opened secret if they may.

use std::sync::Arc;

use flero_model::{
    CredentialId,
    audit::AuditAction,
    credential::{AuthType, Policy, Status},
    destination::Destination,
    policy::{self, Action, Decision, Principal},
    secret::SecretBytes,
};
use flero_store::credentials::CredentialWithSecret;

use super::{Inner, exchange::Ready};
use crate::{
    auth::{self, Document, Scheme, exchange::Kept},
    call::Credential,
    error::{Error, Kind},
    needles,
    oauth::Access,
    outcome::{self, CredentialSignal, Intent, Purpose, UseOutcome},
    scrub::Scrubber,
    source::OpenFailure,
};

/// An opened credential: it lives as long as one use.
pub(crate) struct Opened {
    pub(crate) scheme: Scheme,
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) row: PolicyRow,
    /// Which stored credential it is, and which writing of its secret.
    pub(crate) stored: Option<(CredentialId, u64)>,
    /// The revision of the token set, for OAuth.
    pub(crate) token: Option<u64>,
    /// The token that was kept of an earlier exchange, where what was typed is traded for one.
    pub(crate) kept: Option<Arc<Kept>>,
}

impl Opened {
    /// Whether there may be a newer token where this one is refused.
    pub(crate) fn may_renew(&self) -> bool {
        self.token.is_some() || self.kept.is_some()
    }
}

/// The policy of an opened credential, wherever it is kept.
pub(crate) enum PolicyRow {
    Stored(Arc<CredentialWithSecret>),
    Unsaved(Box<Policy>),
}

impl PolicyRow {
    pub(crate) fn policy(&self) -> &Policy {
        match self {
            Self::Stored(row) => &row.credential.policy,
            Self::Unsaved(policy) => policy,
        }
    }
}

/// What a use is about; the parts that its records are made from.
pub(crate) struct Use<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) purpose: &'a Purpose,
    pub(crate) intent: Intent,
}

impl Use<'_> {
    fn action<'c>(&self, credential: &'c flero_model::credential::Credential) -> Action<'c> {
        match self.purpose {
            Purpose::Node { .. } | Purpose::Options | Purpose::Trigger { .. } | Purpose::Inbound { .. } => {
                Action::UseCredential(credential)
            }
            Purpose::Test => Action::TestCredential(credential),
            Purpose::Proxy => Action::ProxyCredential(credential),
        }
    }

    /// How the use ended.
    pub(crate) fn outcome(
        &self,
        credential: CredentialId,
        secret_revision: Option<u64>,
        destination: Option<&Destination>,
        result: Result<u16, &Error>,
        signal: Option<CredentialSignal>,
    ) -> UseOutcome {
        let (word, status, action) = match result {
            Ok(status) => ("success", Some(status), AuditAction::CredentialUsed),
            Err(error) => (error.code(), error.status(), failure_action(error.kind())),
        };
        let mut detail = self.purpose.detail();
        detail.secret_revision = secret_revision;
        detail.host = destination.map(ToString::to_string);
        detail.outcome = Some(word.to_owned());
        detail.status = status;
        UseOutcome {
            workspace: self.principal.workspace,
            actor: outcome::actor_for(self.principal, self.purpose),
            action,
            credential,
            detail,
            signal,
        }
    }
}

pub(super) const fn failure_action(kind: Kind) -> AuditAction {
    match kind {
        Kind::CredentialNotFound | Kind::CredentialForbidden => AuditAction::CredentialDenied,
        Kind::VaultTampered => AuditAction::VaultTampering,
        Kind::CredentialExpired
        | Kind::DestinationRefused
        | Kind::EgressPolicy
        | Kind::InsecureTlsRefused
        | Kind::CredentialTypeUnsupported
        | Kind::CredentialMalformed
        | Kind::NotConnected
        | Kind::ReconnectRequired
        | Kind::TokenRefused
        | Kind::TokenUnavailable
        | Kind::InstallationPaused
        | Kind::CredentialPlacement
        | Kind::CertificateUnreadable
        | Kind::CertificateNeedsTls
        | Kind::DatabaseCredentialNeeded
        | Kind::MailCredentialNeeded
        | Kind::VaultUnavailable
        | Kind::AuditUnavailable
        | Kind::StoreUnavailable => AuditAction::CredentialUseRefused,
        _ => AuditAction::CredentialUsed,
    }
}

impl Inner {
    /// Decides and opens. `None` when no credential is asked for.
    ///
    /// # Errors
    /// A missing, foreign and revoked credential are one error. On refusal the error's `used` is set, or the
    /// refusal has been stored, as the intent says.
    pub(crate) async fn admit(
        &self,
        use_: &Use<'_>,
        credential: Credential,
        destination: &Destination,
        validate_ssl: bool,
    ) -> Result<Option<Opened>, Error> {
        let organization = use_.principal.organization;
        match credential {
            Credential::None => self.check_reach(organization, destination).await.map(|()| None),
            Credential::Unsaved { policy, data } => {
                self.check_reach(organization, destination).await?;
                self.check_token_reach(organization, &policy).await?;
                self.check_policy(&policy, destination, validate_ssl)?;
                let (scheme, scrubber) = if policy.auth_type == AuthType::Oauth2 {
                    self.unsaved(&policy, &data).await.map_err(|error| error.at(destination))?
                } else {
                    let ready = self.ready(organization, &policy, &data, None).await;
                    let ready = ready.map_err(|error| error.at(destination))?;
                    (ready.scheme, ready.scrubber)
                };
                let row = PolicyRow::Unsaved(policy);
                Ok(Some(Opened { scheme, scrubber, row, stored: None, token: None, kept: None }))
            }
            Credential::Stored(id) => {
                let row = self.find(use_, id).await.map_err(|kind| Error::new(kind).at(destination));
                let revision = row.as_ref().ok().map(|row| row.credential.secret_revision);
                let opened = match row {
                    Ok(row) => self.open_for(use_, row, destination, validate_ssl).await,
                    Err(error) => Err(error),
                };
                match opened {
                    Ok(opened) => Ok(Some(opened)),
                    Err(mut error) => {
                        let signal =
                            (error.kind() == Kind::ExchangeRefused).then_some(CredentialSignal::Refused);
                        let outcome = use_.outcome(id, revision, Some(destination), Err(&error), signal);
                        error.used = self.settle(use_.intent, Some(outcome)).await.map(Box::new);
                        Err(error)
                    }
                }
            }
        }
    }

    /// The row, if it is there for this caller.
    pub(super) async fn find(
        &self,
        use_: &Use<'_>,
        id: CredentialId,
    ) -> Result<Arc<CredentialWithSecret>, Kind> {
        let row = self.source.credential(id).await.map_err(|_| Kind::StoreUnavailable)?;
        let row = row.ok_or(Kind::CredentialNotFound)?;
        match policy::decide(use_.principal, use_.action(&row.credential)) {
            Decision::Allow => {}
            Decision::Hide => return Err(Kind::CredentialNotFound),
            Decision::DenyRole | Decision::DenyScope(_) | Decision::DenyApiKey | Decision::StepUp => {
                return Err(Kind::CredentialForbidden);
            }
        }
        let now = self.clock.now();
        match row.credential.status_at(now) {
            Status::Active | Status::Failing => Ok(row),
            Status::Revoked => Err(Kind::CredentialNotFound),
            // Not its owner's word, but the service's.
            Status::Expired
                if row.credential.policy.auth_type == AuthType::Oauth2 && !row.credential.is_past(now) =>
            {
                Err(Kind::ReconnectRequired)
            }
            Status::Expired => Err(Kind::CredentialExpired),
        }
    }

    /// The scheme and the scrubber of an OAuth credential that is not stored.
    async fn unsaved(&self, policy: &Policy, data: &SecretBytes) -> Result<(Scheme, Arc<Scrubber>), Error> {
        let broker = self.oauth.as_ref().ok_or(Kind::CredentialTypeUnsupported)?;
        let access = broker.for_unsaved(policy, data).await.map_err(Error::from)?;
        let scheme = broker.scheme(policy, data, &access)?;
        let given = access.tokens.secrets();
        let scrubber = needles::compile_with(policy, data.expose(), &scheme, &given);
        Ok((scheme, Arc::new(scrubber)))
    }

    /// The opened token set of an OAuth credential, as a scheme.
    fn with_tokens(
        &self,
        row: &CredentialWithSecret,
        plain: &SecretBytes,
        access: Access,
    ) -> Result<(Scheme, Arc<Scrubber>, Option<u64>), Kind> {
        let broker = self.oauth.as_ref().ok_or(Kind::CredentialTypeUnsupported)?;
        let scheme = broker.scheme(&row.credential.policy, plain, &access)?;
        let credential = &row.credential;
        let key = needles::key_with_tokens(credential.id, credential.secret_revision, access.revision);
        let scrubber = self.scrubbers.get(key, || {
            needles::compile_with(&credential.policy, plain.expose(), &scheme, &access.tokens.secrets())
        });
        Ok((scheme, scrubber, Some(access.revision)))
    }

    /// After a service refused an access token: the same credential with a newer one, where there is one to be had.
    pub(crate) async fn after_refusal(&self, opened: &Opened) -> Option<Opened> {
        let PolicyRow::Stored(row) = &opened.row else { return None };
        if let (Some(kept), Some(key)) = (&opened.kept, opened.stored) {
            let Ready { scheme, scrubber, .. } = self.ready_again(row, key, kept).await?;
            let row = PolicyRow::Stored(Arc::clone(row));
            return Some(Opened { scheme, scrubber, row, stored: opened.stored, token: None, kept: None });
        }
        let revision = opened.token?;
        let access = self.oauth.as_ref()?.after_refusal(row, revision).await?;
        let plain = self.open(row).await.ok()?;
        let (scheme, scrubber, token) = self.with_tokens(row, &plain, access).ok()?;
        Some(Opened {
            scheme,
            scrubber,
            stored: opened.stored,
            token,
            kept: None,
            row: PolicyRow::Stored(Arc::clone(row)),
        })
    }

    async fn open_for(
        &self,
        use_: &Use<'_>,
        row: Arc<CredentialWithSecret>,
        destination: &Destination,
        validate_ssl: bool,
    ) -> Result<Opened, Error> {
        let organization = use_.principal.organization;
        self.check_reach(organization, destination).await?;
        self.check_token_reach(organization, &row.credential.policy).await?;
        self.check_policy(&row.credential.policy, destination, validate_ssl)?;
        let (id, revision) = (row.credential.id, row.credential.secret_revision);
        self.record_intent(use_, id, destination).await?;
        let plain = self.open(&row).await.map_err(|kind| Error::new(kind).at(destination))?;
        let stored = Some((id, revision));
        if row.credential.policy.auth_type == AuthType::Oauth2 {
            let broker = self.oauth.as_ref().ok_or(Kind::CredentialTypeUnsupported)?;
            let access =
                broker.access(&row, None).await.map_err(|fault| Error::from(fault).at(destination))?;
            let (scheme, scrubber, token) =
                self.with_tokens(&row, &plain, access).map_err(|kind| Error::new(kind).at(destination))?;
            return Ok(Opened { scheme, scrubber, stored, token, kept: None, row: PolicyRow::Stored(row) });
        }
        let ready = self.ready(organization, &row.credential.policy, &plain, stored).await;
        let Ready { scheme, scrubber, kept } = ready.map_err(|error| error.at(destination))?;
        Ok(Opened { scheme, scrubber, stored, token: None, kept, row: PolicyRow::Stored(row) })
    }

    /// A renewed token that a service takes may be renewed again when it is refused later.
    pub(crate) fn note_accepted(&self, opened: &Opened, status: Option<u16>) {
        if let (Some((id, _)), Some(token), Some(200..=399), Some(oauth)) =
            (opened.stored, opened.token, status, &self.oauth)
        {
            oauth.accepted(id, token);
        }
    }

    /// Makes sure that the intent stands in the trail: no row, no use.
    pub(super) async fn record_intent(
        &self,
        use_: &Use<'_>,
        id: CredentialId,
        destination: &Destination,
    ) -> Result<(), Error> {
        let unrecorded = || Error::new(Kind::AuditUnavailable).at(destination);
        match use_.intent {
            Intent::Recorded(proof) if proof.credential() == id => Ok(()),
            Intent::Recorded(_) => Err(unrecorded()),
            Intent::Record => {
                let host = Some(destination.to_string());
                let record = outcome::intent_record(use_.principal, id, use_.purpose, host, self.clock.now());
                self.source.record(record).await.map_err(|_| unrecorded())
            }
        }
    }

    /// Opens the secret and reads the scheme; the scrubber is kept.
    pub(super) async fn unseal(&self, row: &CredentialWithSecret) -> Result<(Scheme, Arc<Scrubber>), Kind> {
        let plain = self.open(row).await?;
        let key = (row.credential.id, row.credential.secret_revision);
        self.read_scheme(&row.credential.policy, &plain, Some(key))
    }

    pub(super) async fn open(&self, row: &CredentialWithSecret) -> Result<SecretBytes, Kind> {
        self.opener.open(row).await.map_err(|failure| match failure {
            OpenFailure::Unavailable => Kind::VaultUnavailable,
            OpenFailure::Tampered => Kind::VaultTampered,
        })
    }

    /// The scheme of an opened secret and its scrubber. What a stored one learns is kept under its key.
    pub(super) fn read_scheme(
        &self,
        policy: &Policy,
        plain: &SecretBytes,
        key: Option<(CredentialId, u64)>,
    ) -> Result<(Scheme, Arc<Scrubber>), Kind> {
        let mut scheme = Scheme::read(policy, &Document::read(plain.expose())?)?;
        let compile = || needles::compile(policy, plain.expose(), &scheme);
        let scrubber = match key {
            Some(key) => self.scrubbers.get(key, compile),
            None => Arc::new(compile()),
        };
        if let (Scheme::Digest(digest), Some(key)) = (&mut scheme, key) {
            digest.sessions = self.digests.get(key);
        }
        Ok((scheme, scrubber))
    }

    /// Whether a credential with this policy may authenticate a request to this destination.
    pub(super) fn check_policy(
        &self,
        policy: &Policy,
        destination: &Destination,
        validate_ssl: bool,
    ) -> Result<(), Error> {
        let refuse = |kind| Err(Error::new(kind).at(destination));
        if !auth::is_supported(policy.auth_type) {
            return refuse(Kind::CredentialTypeUnsupported);
        }
        if !self.allows(policy, destination) {
            return refuse(Kind::DestinationRefused);
        }
        let may_skip_checks = policy.parameters.get("validateSsl") == Some(&serde_json::Value::Bool(false));
        if !validate_ssl && !may_skip_checks {
            return refuse(Kind::InsecureTlsRefused);
        }
        Ok(())
    }

    /// Whether the credential's allowed hosts hold this destination.
    pub(super) fn allows(&self, policy: &Policy, destination: &Destination) -> bool {
        let listed = self.dialer.guard.lists(destination);
        policy.allowed_hosts.iter().any(|pattern| pattern.allows(destination, listed))
    }
}
