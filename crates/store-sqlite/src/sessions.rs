//! Sessions, the history of sign-ins, and counted attempts.

use async_trait::async_trait;
use flero_model::{SessionId, Timestamp, UserId, audit::NewAudit};
use flero_store::{
    Error, Result, SessionStore,
    sessions::{Admission, AttemptLimit, Session, SignIn, Which},
};
use rusqlite::{OptionalExtension as _, Row};

use crate::{
    convert::{id, named, time},
    error::{OrTaken, Outcome},
    store::SqliteStore,
    writer::Tx,
};

/// How many entries of the history each person keeps.
const KEPT_SIGN_INS: i64 = 200;

/// A session ends when it was to end, or earlier by the strictest policy of its person's organizations: read here, so
/// that a policy holds from the next request on, for every session.
const SELECT: &str =
    "SELECT id, token_hash, user_id, state, created_at, last_seen_at, idle_ms, min(ends_at, created_at + coalesce((
         SELECT min(json_extract(p.document, '$.sessionHours')) * 3600000 FROM organization_member AS m
         JOIN organization_policies AS p ON p.organization_id = m.organization_id WHERE m.user_id = session.user_id
     ), ends_at)), proved_at, address, user_agent, provider_factor FROM session";

fn session(row: &Row<'_>) -> Outcome<Session> {
    Ok(Session {
        id: id(row, 0)?,
        token_hash: row.get(1)?,
        user: id(row, 2)?,
        state: named(row, 3, "a session")?,
        created_at: time(row, 4)?,
        last_seen_at: time(row, 5)?,
        idle_ms: row.get(6)?,
        ends_at: time(row, 7)?,
        proved_at: time(row, 8)?,
        address: row.get(9)?,
        user_agent: row.get(10)?,
        has_provider_factor: row.get(11)?,
    })
}

impl Tx<'_> {
    /// Inserts a session.
    pub(crate) fn insert_session(&self, session: &Session) -> Outcome<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO session (id, token_hash, user_id, state, created_at, last_seen_at, idle_ms, ends_at,
                                      proved_at, address, user_agent, provider_factor)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute((
                session.id.as_bytes(),
                session.token_hash,
                session.user.as_bytes(),
                session.state.as_str(),
                session.created_at.as_millis(),
                session.last_seen_at.as_millis(),
                session.idle_ms,
                session.ends_at.as_millis(),
                session.proved_at.as_millis(),
                &session.address,
                &session.user_agent,
                session.has_provider_factor,
            ))
            .or_taken("session")?;
        Ok(())
    }

    /// Adds an entry to the history and drops what is beyond its length.
    pub(crate) fn insert_sign_in(&self, entry: &SignIn) -> Outcome<()> {
        let user = entry.user.as_bytes();
        self.run(
            "INSERT INTO sign_in (user_id, at, number, outcome, address, user_agent)
             SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5 FROM sign_in WHERE user_id = ?1 AND at = ?2",
            (user, entry.at.as_millis(), &entry.outcome, &entry.address, &entry.user_agent),
        )?;
        self.run(
            "DELETE FROM sign_in WHERE user_id = ?1 AND (at, number) <= (
                 SELECT at, number FROM sign_in WHERE user_id = ?1 ORDER BY at DESC, number DESC LIMIT 1 OFFSET ?2)",
            (user, KEPT_SIGN_INS),
        )?;
        Ok(())
    }

    /// Ends sessions; tells how many.
    pub(crate) fn delete_sessions(&self, user: UserId, which: Which) -> Outcome<usize> {
        let user = user.as_bytes();
        match which {
            Which::One(id) => {
                self.run("DELETE FROM session WHERE user_id = ?1 AND id = ?2", (user, id.as_bytes()))
            }
            Which::AllBut(id) => {
                self.run("DELETE FROM session WHERE user_id = ?1 AND id <> ?2", (user, id.as_bytes()))
            }
            Which::All => self.run("DELETE FROM session WHERE user_id = ?1", [user]),
        }
    }

    /// Forgets the attempts of a bucket.
    pub(crate) fn clear_attempt(&self, bucket: &[u8; 32]) -> Outcome<usize> {
        self.run("DELETE FROM attempt WHERE bucket = ?1", [bucket])
    }
}

/// What a bucket admits now, and the failures that it would have after one more.
fn admission(
    tx: &Tx<'_>,
    bucket: &[u8; 32],
    limit: &AttemptLimit,
    now: Timestamp,
) -> Outcome<(Admission, u32)> {
    let known: Option<(u32, i64, i64)> = tx
        .connection
        .prepare_cached("SELECT failures, last_at, wait_until FROM attempt WHERE bucket = ?1")?
        .query_row([bucket], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((failures, last_at, wait_until)) = known else { return Ok((Admission::Go, 1)) };
    let rested = now.as_millis().saturating_sub(last_at);
    if now.as_millis() < wait_until {
        return Ok((Admission::Wait(Timestamp::from_millis(wait_until)), failures));
    }
    if limit.forget_ms.is_some_and(|forget| rested >= forget) {
        return Ok((Admission::Go, 1));
    }
    if limit.most.is_some_and(|most| failures >= most) {
        return Ok((Admission::Locked, failures));
    }
    Ok((Admission::Go, failures.saturating_add(1)))
}

fn admit(tx: &Tx<'_>, buckets: &[([u8; 32], AttemptLimit)], now: Timestamp) -> Outcome<Admission> {
    let mut counted = Vec::with_capacity(buckets.len());
    for (bucket, limit) in buckets {
        match admission(tx, bucket, limit, now)? {
            (Admission::Go, failures) => counted.push((bucket, limit, failures)),
            (refused, _) => return Ok(refused),
        }
    }
    for (bucket, limit, failures) in counted {
        let wait_until = now.plus_millis(limit.wait_ms(failures)).as_millis();
        tx.run(
            "INSERT INTO attempt (bucket, failures, last_at, wait_until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (bucket) DO UPDATE SET failures = ?2, last_at = ?3, wait_until = ?4",
            (bucket, failures, now.as_millis(), wait_until),
        )?;
    }
    Ok(Admission::Go)
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create_session(
        &self,
        session: Session,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.insert_session(&session)?;
            sign_in.iter().try_for_each(|entry| tx.insert_sign_in(entry))?;
            tx.record(&audit)
        })
        .await
    }

    async fn session_by_hash(&self, token_hash: &[u8; 32]) -> Result<Session> {
        self.look_up(|connection| {
            let mut statement = connection.prepare_cached(&[SELECT, " WHERE token_hash = ?1"].concat())?;
            let mut rows = statement.query([token_hash])?;
            session(rows.next()?.ok_or(Error::NotFound)?)
        })
        .await
    }

    async fn renew_session(
        &self,
        former_hash: [u8; 32],
        session: Session,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            let changed = tx.run(
                "UPDATE session SET token_hash = ?3, state = ?4, last_seen_at = ?5, idle_ms = ?6, ends_at = ?7,
                                    proved_at = ?8 WHERE id = ?1 AND token_hash = ?2",
                (
                    session.id.as_bytes(),
                    former_hash,
                    session.token_hash,
                    session.state.as_str(),
                    session.last_seen_at.as_millis(),
                    session.idle_ms,
                    session.ends_at.as_millis(),
                    session.proved_at.as_millis(),
                ),
            )?;
            if changed == 0 {
                return Err(Error::NotFound.into());
            }
            sign_in.iter().try_for_each(|entry| tx.insert_sign_in(entry))?;
            tx.record(&audit)
        })
        .await
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "UPDATE session SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1",
                (id.as_bytes(), at.as_millis()),
            )?;
            Ok(())
        })
        .await
    }

    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        self.read(move |connection| {
            let sql = [
                SELECT,
                " WHERE user_id = ?1 AND state = 'active' AND ends_at > ?2 AND last_seen_at + idle_ms > ?2
                 ORDER BY created_at DESC, id DESC LIMIT 200",
            ];
            connection
                .prepare_cached(&sql.concat())?
                .query_and_then((user.as_bytes(), now.as_millis()), session)?
                .collect()
        })
        .await
    }

    async fn end_sessions(&self, user: UserId, which: Which, audit: Vec<NewAudit>) -> Result<u64> {
        self.write(move |tx| {
            let ended = tx.delete_sessions(user, which)?;
            if ended > 0 {
                tx.record(&audit)?;
            }
            Ok(ended as u64)
        })
        .await
    }

    async fn prune_sessions(&self, now: Timestamp) -> Result<u64> {
        self.write(move |tx| {
            let over = "DELETE FROM session WHERE ends_at <= ?1 OR last_seen_at + idle_ms <= ?1";
            Ok(tx.run(over, [now.as_millis()])? as u64)
        })
        .await
    }

    async fn note_sign_in(&self, sign_in: SignIn, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            tx.insert_sign_in(&sign_in)?;
            tx.record(&audit)
        })
        .await
    }

    async fn list_sign_ins(&self, user: UserId, limit: u32) -> Result<Vec<SignIn>> {
        self.read(move |connection| {
            let sql = "SELECT user_id, at, outcome, address, user_agent FROM sign_in WHERE user_id = ?1
                       ORDER BY at DESC, number DESC LIMIT ?2";
            connection
                .prepare_cached(sql)?
                .query_and_then((user.as_bytes(), limit), |row| {
                    Ok(SignIn {
                        user: id(row, 0)?,
                        at: time(row, 1)?,
                        outcome: row.get(2)?,
                        address: row.get(3)?,
                        user_agent: row.get(4)?,
                    })
                })?
                .collect()
        })
        .await
    }

    async fn admit_attempt(
        &self,
        buckets: Vec<([u8; 32], AttemptLimit)>,
        now: Timestamp,
    ) -> Result<Admission> {
        self.write(move |tx| admit(tx, &buckets, now)).await
    }

    async fn clear_attempts(&self, buckets: Vec<[u8; 32]>, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            buckets.iter().try_for_each(|bucket| tx.clear_attempt(bucket).map(drop))?;
            tx.record(&audit)
        })
        .await
    }
}
