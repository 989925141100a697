//! PostgreSQL: one connection for one statement.

use std::error::Error as _;

use flero_model::destination::{Destination, Scheme};
use futures_util::{StreamExt, pin_mut};
use serde_json::{Map, Value};
use tokio::net::TcpStream;
use tokio_postgres::{Client, Config, NoTls, config::SslMode};

use super::{
    Account, Fault, Rows, SqlError, Statement, io_kind,
    tls::Handshake,
    value::{Bound, Cell},
};
use crate::{
    account::tls_config,
    dial::{Dialer, server_name},
    error::Kind,
    limited::Limited,
};

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
    let mut config = Config::new();
    config
        .user(&account.user)
        .password(account.password.as_bytes())
        .dbname(&account.database)
        .application_name("flero")
        .ssl_mode(if destination.scheme == Scheme::Https { SslMode::Require } else { SslMode::Disable });
    let (client, driver) = match destination.scheme {
        Scheme::Http => start(&config, stream, NoTls).await?,
        Scheme::Https => {
            let tls = tls_config(dialer, account.identity.as_deref()).await?;
            let handshake = Handshake { config: tls, name: server_name(destination)? };
            start(&config, stream, handshake).await?
        }
    };
    let result = query(&client, statement).await;
    drop(client);
    if matches!(result, Err(Fault::Kind(Kind::ConnectionClosed))) {
        // Why it was closed is known to the side that read from it.
        return match driver.await {
            Ok(Some(error)) => Err(fault(&error)),
            _ => result,
        };
    }
    driver.abort();
    result
}

/// Reads and writes the connection until its end, and then tells what ended it.
type Driver = tokio::task::JoinHandle<Option<tokio_postgres::Error>>;

async fn start<T>(config: &Config, stream: Limited<TcpStream>, tls: T) -> Result<(Client, Driver), Fault>
where
    T: tokio_postgres::tls::TlsConnect<Limited<TcpStream>>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect_raw(stream, tls).await.map_err(|error| fault(&error))?;
    let driver = tokio::spawn(async move { connection.await.err() });
    Ok((client, driver))
}

async fn query(client: &Client, statement: &Statement) -> Result<Rows, Fault> {
    let refused = |error: tokio_postgres::Error| fault(&error);
    // The server stops by itself when nobody waits any more.
    let limit = format!("SET statement_timeout = {}", statement.timeout.as_millis().max(1));
    client.batch_execute(&limit).await.map_err(refused)?;
    let prepared = client.prepare(&statement.sql).await.map_err(refused)?;
    if prepared.params().len() != statement.values.len() {
        return Err(Fault::Server(SqlError {
            // "prepared statement ... requires" has this state at the server too: 08P01, protocol violation.
            state: "08P01".to_owned(),
            message: format!(
                "The statement has {} places for values, and {} were given.",
                prepared.params().len(),
                statement.values.len()
            ),
        }));
    }
    let values = statement.values.iter().map(Bound);
    let stream = client.query_raw(&prepared, values).await.map_err(refused)?;
    pin_mut!(stream);
    let mut rows = Rows::default();
    while let Some(row) = stream.next().await {
        let row = row.map_err(refused)?;
        if rows.rows.len() >= statement.max_rows {
            rows.is_truncated = true;
            rows.affected = rows.rows.len() as u64;
            return Ok(rows);
        }
        let mut object = Map::with_capacity(row.len());
        for (place, column) in row.columns().iter().enumerate() {
            let cell: Cell = row.try_get(place).map_err(refused)?;
            object.insert(column.name().to_owned(), cell.0);
        }
        rows.rows.push(Value::Object(object));
    }
    rows.affected = stream.rows_affected().unwrap_or(rows.rows.len() as u64);
    Ok(rows)
}

/// What an error of the library means. Its text is not passed on; the server's message is the server's answer.
fn fault(error: &tokio_postgres::Error) -> Fault {
    if let Some(server) = error.as_db_error() {
        return Fault::Server(SqlError {
            state: server.code().code().to_owned(),
            message: server.message().to_owned(),
        });
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Fault::Kind(io_kind(io));
        }
        if let Some(value) = inner.downcast_ref::<super::value::Unfit>() {
            return Fault::Server(SqlError { state: "22000".to_owned(), message: value.to_string() });
        }
        cause = inner.source();
    }
    if error.is_closed() { Fault::Kind(Kind::ConnectionClosed) } else { Fault::Kind(Kind::DatabaseProtocol) }
}
