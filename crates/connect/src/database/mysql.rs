//! MySQL and MariaDB: one connection for one statement.
//!
//! The statement is prepared by the server and its values are sent beside it (MySQL Internals, "Prepared
//! Statements"), so nothing that a value holds is ever read as SQL, and a text of several statements is refused.

use std::sync::Arc;

use flero_model::destination::Destination;
use mysql_common::{
    constants::{CapabilityFlags, StatusFlags},
    packets::{
        Column, ComStmtExecuteRequestBuilder, CommonOkPacket, OkPacket, OkPacketDeserializer, OldEofPacket,
        StmtPacket,
    },
    proto::Binary,
    row::RowDeserializer,
    value::{ServerSide, Value as Bound},
};
use serde_json::{Map, Value};

use super::{Account, Fault, Rows, SqlError, Statement};
use crate::{dial::Dialer, error::Kind, limited::Limited};

mod login;
mod value;
mod wire;

use login::Session;
use wire::{CAPABILITIES, EOF, MAX_COMMAND, OK, Wire, bytes, parse};

/// What the start of a connection takes at most, in bytes, besides the answer.
const START_BYTES: usize = 256 << 10;

/// Connects to a checked address, runs the statement and disconnects.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn run(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    statement: &Statement,
) -> Result<Rows, Fault> {
    let tcp = tokio::time::timeout(dialer.connect_timeout, dialer.dial(destination))
        .await
        .map_err(|_| Kind::ConnectTimeout)??;
    let stream = Limited::new(tcp, statement.max_bytes.saturating_add(START_BYTES));
    let mut session = login::log_in(dialer, account, destination, stream).await?;
    limit(&mut session, statement).await?;
    let result = query(&mut session.wire, statement).await;
    if !matches!(result, Err(Fault::Kind(_))) {
        session.wire.quit().await;
    }
    result
}

/// Makes the server stop by itself when nobody waits any more, give times of one zone, and not send rows in vain.
async fn limit(session: &mut Session, statement: &Statement) -> Result<(), Fault> {
    const COM_QUERY: u8 = 0x03;
    let millis = statement.timeout.as_millis().max(1);
    let limit = if session.is_mariadb {
        format!("max_statement_time = {}.{:03}", millis / 1_000, millis % 1_000)
    } else {
        // It counts for reading statements alone: MySQL has no other.
        format!("max_execution_time = {millis}")
    };
    // One more than is taken, so that it shows whether there were more.
    let rows = statement.max_rows.saturating_add(1);
    let settings = format!("SET time_zone = '+00:00', sql_select_limit = {rows}, {limit}");
    session.wire.command(&[&[COM_QUERY], settings.as_bytes()].concat()).await?;
    session.wire.read_good().await?;
    Ok(())
}

async fn query(wire: &mut Wire, statement: &Statement) -> Result<Rows, Fault> {
    let prepared = prepare(wire, &statement.sql).await?;
    let places = usize::from(prepared.num_params());
    if places != statement.values.len() {
        return Err(Fault::Server(SqlError {
            // The state of "wrong number of parameters" (ISO/IEC 9075: using clause does not match).
            state: "07001".to_owned(),
            message: format!(
                "The statement has {places} places for values, and {} were given",
                statement.values.len()
            ),
        }));
    }
    let values: Vec<Bound> = statement.values.iter().map(value::bound).collect();
    let (execute, is_long) = ComStmtExecuteRequestBuilder::new(prepared.statement_id()).build(&values);
    let packet = bytes(&execute);
    if is_long || packet.len() > MAX_COMMAND {
        return Err(too_long("The values"));
    }
    wire.command(&packet).await?;
    let (mut rows, mut more) = result(wire, statement.max_rows).await?;
    // A procedure gives several results, of which the first counts.
    while more {
        more = result(wire, 0).await?.1;
    }
    if rows.affected == 0 {
        rows.affected = rows.rows.len() as u64;
    }
    Ok(rows)
}

async fn prepare(wire: &mut Wire, sql: &str) -> Result<StmtPacket, Fault> {
    const COM_STMT_PREPARE: u8 = 0x16;
    if sql.len() >= MAX_COMMAND {
        return Err(too_long("The statement"));
    }
    wire.command(&[&[COM_STMT_PREPARE], sql.as_bytes()].concat()).await?;
    let prepared: StmtPacket = parse(&wire.read_good().await?, ())?;
    for count in [prepared.num_params(), prepared.num_columns()] {
        if count > 0 {
            columns(wire, u64::from(count)).await?;
        }
    }
    Ok(prepared)
}

fn too_long(what: &str) -> Fault {
    // ISO/IEC 9075: program limit exceeded has no class of its own; this is PostgreSQL's.
    Fault::Server(SqlError { state: "54000".to_owned(), message: format!("{what} take more than 16 MB") })
}

/// Reads one result; says whether another one follows.
async fn result(wire: &mut Wire, max_rows: usize) -> Result<(Rows, bool), Fault> {
    let first = wire.read_good().await?;
    let mut rows = Rows::default();
    if first.first() == Some(&OK) {
        let done: OkPacketDeserializer<'_, CommonOkPacket> = parse(&first, CAPABILITIES)?;
        let done: OkPacket<'_> = done.into();
        rows.affected = done.affected_rows();
        rows.inserted = done.last_insert_id();
        return Ok((rows, goes_on(&done)));
    }
    let columns: Arc<[Column]> = columns(wire, count(&first)?).await?.into();
    loop {
        let payload = wire.read_good().await?;
        if payload.first() == Some(&EOF) {
            return Ok((rows, ends(&payload)?));
        }
        // All rows are read, because a statement that changes rows and gives them back would be broken off otherwise.
        if rows.rows.len() >= max_rows {
            rows.is_truncated = true;
            continue;
        }
        let row: RowDeserializer<ServerSide, Binary> = parse(&payload, Arc::clone(&columns))?;
        let cells = row.into_inner().unwrap_raw();
        let mut object = Map::with_capacity(columns.len());
        for (column, cell) in columns.iter().zip(cells) {
            object.insert(column.name_str().into_owned(), value::read(column, cell.unwrap_or(Bound::NULL)));
        }
        rows.rows.push(Value::Object(object));
    }
}

/// How many columns a result has. A server that asks for a file of this machine (`LOCAL INFILE`) gets none: neither
/// was it offered, nor does a prepared statement do it.
fn count(payload: &[u8]) -> Result<u64, Kind> {
    match *payload {
        [small @ 1..=0xfa] => Ok(u64::from(small)),
        [0xfc, a, b] => Ok(u64::from(u16::from_le_bytes([a, b]))),
        _ => Err(Kind::DatabaseProtocol),
    }
}

/// Descriptions of columns or places, up to the packet that ends them.
async fn columns(wire: &mut Wire, count: u64) -> Result<Vec<Column>, Fault> {
    let mut columns = Vec::new();
    for _ in 0..count {
        columns.push(parse(&wire.read_good().await?, ())?);
    }
    ends(&wire.read_good().await?)?;
    Ok(columns)
}

fn ends(payload: &[u8]) -> Result<bool, Kind> {
    let end: OkPacketDeserializer<'_, OldEofPacket> = parse(payload, CapabilityFlags::empty())?;
    Ok(goes_on(&end.into()))
}

fn goes_on(end: &OkPacket<'_>) -> bool {
    end.status_flags().contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
}
