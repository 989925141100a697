//! What each person was told.

use flero_model::{NotificationId, Timestamp, UserId, notification::Notification};
use flero_store::{Page, PageRequest};
use rusqlite::{Connection, Row, named_params};

use crate::{
    convert::{count, id, millis, named, signed, time, time_or_none},
    error::Outcome,
    page::{Key, List, Window},
    writer::Tx,
};

const COLUMNS: &str =
    "id, user_id, workspace_id, category, subject, name, reason, count, created_at, last_at, read_at";

fn read(row: &Row<'_>) -> Outcome<Notification> {
    Ok(Notification {
        id: id(row, 0)?,
        user: id(row, 1)?,
        workspace: id(row, 2)?,
        category: named(row, 3, "a notification")?,
        subject: row.get(4)?,
        name: row.get(5)?,
        reason: row.get(6)?,
        count: count(row, 7)?,
        created_at: time(row, 8)?,
        last_at: time(row, 9)?,
        read_at: time_or_none(row, 10)?,
    })
}

/// Files a notification; tells whether it joined one that is there.
pub(super) fn file(tx: &Tx<'_>, new: &Notification, joins_since: Timestamp) -> Outcome<bool> {
    let joined = tx.run(
        "UPDATE notification SET count = count + 1, last_at = max(last_at, ?5), reason = ?6, name = ?7
         WHERE id = (SELECT id FROM notification WHERE user_id = ?1 AND category = ?2 AND subject = ?3
                     AND read_at IS NULL AND last_at >= ?4 ORDER BY last_at DESC LIMIT 1)",
        (
            new.user.as_bytes(),
            new.category.as_str(),
            &new.subject,
            joins_since.as_millis(),
            new.last_at.as_millis(),
            &new.reason,
            &new.name,
        ),
    )?;
    if joined == 1 {
        return Ok(true);
    }
    tx.run(
        "INSERT INTO notification (id, user_id, workspace_id, category, subject, name, reason, count, created_at,
                                   last_at, read_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        (
            new.id.as_bytes(),
            new.user.as_bytes(),
            new.workspace.as_bytes(),
            new.category.as_str(),
            &new.subject,
            &new.name,
            &new.reason,
            signed(new.count),
            new.created_at.as_millis(),
            new.last_at.as_millis(),
            millis(new.read_at),
        ),
    )?;
    Ok(false)
}

pub(super) fn list(
    connection: &Connection,
    user: UserId,
    only_unread: bool,
    page: &PageRequest,
) -> Outcome<Page<Notification>> {
    const WANTED: &str = "user_id = :user AND (NOT :only_unread OR read_at IS NULL)";
    let window = Window::new(List::Notifications, page)?;
    let items = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM notification WHERE {WANTED} AND (last_at, id) < (:number, :id)
             ORDER BY last_at DESC, id DESC LIMIT :rows"
        ))?
        .query_and_then(
            named_params! {
                ":user": user.as_bytes(), ":only_unread": only_unread, ":number": window.after.number,
                ":id": window.after.id, ":rows": window.rows(),
            },
            read,
        )?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare_cached(&format!("SELECT count(*) FROM notification WHERE {WANTED}"))?
        .query_row(named_params! { ":user": user.as_bytes(), ":only_unread": only_unread }, |row| {
            row.get(0)
        })?;
    Ok(window.page(items, total, |one| Key { number: one.last_at.as_millis(), id: *one.id.as_bytes() }))
}

pub(super) fn unread(connection: &Connection, user: UserId) -> Outcome<(u64, Option<Timestamp>)> {
    let sql =
        "SELECT count(*) FILTER (WHERE read_at IS NULL), max(last_at) FROM notification WHERE user_id = ?1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([user.as_bytes()], |row| Ok((count(row, 0)?, time_or_none(row, 1)?)))?)
}

pub(super) fn mark_read(
    tx: &Tx<'_>,
    user: UserId,
    only: Option<&[NotificationId]>,
    now: Timestamp,
) -> Outcome<u64> {
    let Some(only) = only else {
        let sql =
            "UPDATE notification SET read_at = ?2 WHERE user_id = ?1 AND read_at IS NULL AND last_at <= ?2";
        return Ok(tx.run(sql, (user.as_bytes(), now.as_millis()))? as u64);
    };
    let mut changed = 0;
    for id in only {
        changed += tx.run(
            "UPDATE notification SET read_at = ?3 WHERE id = ?1 AND user_id = ?2 AND read_at IS NULL",
            (id.as_bytes(), user.as_bytes(), now.as_millis()),
        )? as u64;
    }
    Ok(changed)
}
