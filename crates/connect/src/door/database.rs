//! A statement through the door: who may, where to, opened, run, scrubbed, recorded.

use std::sync::Arc;

use flero_model::{
    CredentialId,
    credential::{AuthType, Policy},
    destination::{Destination, Scheme},
    secret::SecretBytes,
};
use serde_json::Value;
use tokio::time::{Instant, timeout};
use url::Host;

use super::{Connect, Inner, admit::Use};
use crate::{
    auth::Document,
    call::Credential,
    database::{self, Account, DatabaseCall, DatabaseReply, Fault, Rows, SqlError, Statement},
    error::{Error, Kind},
    needles,
    outcome::CredentialSignal,
    scrub::Scrubber,
};

/// An account that may be used, and what must not come back.
struct Admitted {
    account: Account,
    scrubber: Scrubber,
    revision: Option<u64>,
}

impl Connect {
    /// Runs one statement. What the server says of the statement is an answer; that it could not be asked is an error.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn query(&self, call: DatabaseCall) -> Result<DatabaseReply, Error> {
        let started = Instant::now();
        let inner = &self.inner;
        let use_ = Use { principal: &call.principal, purpose: &call.purpose, intent: call.intent };
        let stored = match &call.credential {
            Credential::Stored(id) => Some(*id),
            _ => None,
        };
        let destination = inner.database_of(&call.credential).await?;
        let admitted = inner.admit_database(&use_, call.credential, &destination).await?;
        let running = inner.run(&admitted.account, &destination, &call.statement);
        let scrubber = &admitted.scrubber;
        let result = match timeout(call.statement.timeout, running).await {
            Ok(Ok(rows)) => clean(scrubber, rows).map(Ok),
            Ok(Err(Fault::Server(error))) => {
                Ok(Err(SqlError { message: clean_text(scrubber, &error.message), ..error }))
            }
            Ok(Err(Fault::Kind(kind))) => Err(kind),
            Err(_) => Err(Kind::Timeout),
        };
        let result = result.map_err(|kind| Error::new(kind).at(&destination));
        let signal = match &result {
            Ok(Err(error)) if error.is_refusal() => Some(CredentialSignal::Refused),
            Ok(_) => Some(CredentialSignal::Accepted),
            Err(_) => None,
        };
        let outcome = stored.map(|id| {
            let said = result.as_ref().map(|_| 0);
            let mut outcome = use_.outcome(id, admitted.revision, Some(&destination), said, signal);
            outcome.detail.status = None;
            outcome
        });
        let used = inner.settle(call.intent, outcome).await;
        match result {
            Ok(answer) => Ok(DatabaseReply { answer, elapsed: started.elapsed(), used }),
            Err(mut error) => {
                error.used = used.map(Box::new);
                Err(error)
            }
        }
    }
}

impl Inner {
    /// Where the database is. A credential that is missing, or no database's, is judged by [`Inner::admit_database`];
    /// until then a name stands for it that leads nowhere (RFC 6761).
    async fn database_of(&self, credential: &Credential) -> Result<Destination, Error> {
        let found = match credential {
            Credential::None => None,
            Credential::Unsaved { policy, .. } => database::destination(policy),
            Credential::Stored(id) => {
                let row =
                    self.source.credential(*id).await.map_err(|_| Error::new(Kind::StoreUnavailable))?;
                row.and_then(|row| database::destination(&row.credential.policy))
            }
        };
        Ok(found.unwrap_or_else(|| Destination {
            scheme: Scheme::Https,
            host: Host::Domain("unknown.invalid".to_owned()),
            port: 443,
        }))
    }

    /// Decides and opens, as [`Inner::admit`] does for requests.
    async fn admit_database(
        &self,
        use_: &Use<'_>,
        credential: Credential,
        destination: &Destination,
    ) -> Result<Admitted, Error> {
        let id = match credential {
            Credential::None => return Err(Error::new(Kind::DatabaseCredentialNeeded)),
            Credential::Unsaved { policy, data } => {
                self.check_reach(use_.principal.organization, destination).await?;
                self.check_database(&policy, destination)?;
                return read(&policy, &data, None).map_err(|kind| Error::new(kind).at(destination));
            }
            Credential::Stored(id) => id,
        };
        let found = self.find(use_, id).await;
        let revision = found.as_ref().ok().map(|row| row.credential.secret_revision);
        let opened = async {
            let row = found.map_err(|kind| Error::new(kind).at(destination))?;
            self.check_reach(use_.principal.organization, destination).await?;
            self.check_database(&row.credential.policy, destination)?;
            self.record_intent(use_, id, destination).await?;
            let plain = self.open(&row).await.map_err(|kind| Error::new(kind).at(destination))?;
            read(&row.credential.policy, &plain, revision).map_err(|kind| Error::new(kind).at(destination))
        };
        match opened.await {
            Ok(admitted) => Ok(admitted),
            Err(error) => Err(self.refused(use_, id, revision, destination, error).await),
        }
    }

    /// Notes that a use was refused before anything was sent.
    async fn refused(
        &self,
        use_: &Use<'_>,
        id: CredentialId,
        revision: Option<u64>,
        destination: &Destination,
        mut error: Error,
    ) -> Error {
        let outcome = use_.outcome(id, revision, Some(destination), Err(&error), None);
        error.used = self.settle(use_.intent, Some(outcome)).await.map(Box::new);
        error
    }

    /// Whether this policy is one of a database there, and the guard lets connections go there.
    fn check_database(&self, policy: &Policy, destination: &Destination) -> Result<(), Error> {
        if policy.auth_type != AuthType::Database {
            return Err(Error::new(Kind::DatabaseCredentialNeeded));
        }
        if !self.allows(policy, destination) {
            return Err(Error::new(Kind::DestinationRefused).at(destination));
        }
        self.check_guard(destination)
    }

    async fn run(
        &self,
        account: &Account,
        destination: &Destination,
        statement: &Statement,
    ) -> Result<Rows, Fault> {
        let slots = Arc::clone(&self.dialer.slots);
        let _slot = slots.try_acquire_owned().map_err(|_| Kind::TooManyConnections)?;
        database::run(&self.dialer, account, destination, statement).await
    }
}

fn read(policy: &Policy, plain: &SecretBytes, revision: Option<u64>) -> Result<Admitted, Kind> {
    let account = Account::read(policy, &Document::read(plain.expose())?)?;
    Ok(Admitted { account, scrubber: needles::of_plain(plain.expose()), revision })
}

/// Replaces the password wherever the server repeats it.
fn clean(scrubber: &Scrubber, rows: Rows) -> Result<Rows, Kind> {
    let bytes = serde_json::to_vec(&rows.rows).map_err(|_| Kind::Decoding)?;
    if !scrubber.finds(&bytes) {
        return Ok(rows);
    }
    let cleaned: Vec<Value> =
        serde_json::from_slice(&scrubber.scrub(bytes.into())).map_err(|_| Kind::Decoding)?;
    Ok(Rows { rows: cleaned, ..rows })
}

fn clean_text(scrubber: &Scrubber, text: &str) -> String {
    String::from_utf8_lossy(&scrubber.scrub(text.to_owned().into())).into_owned()
}
