//! The start of a connection: greeting, TLS, password (MySQL Internals, "Connection Phase").

use flero_model::destination::{Destination, Scheme};
use mysql_common::{
    constants::CapabilityFlags,
    packets::{AuthMoreData, AuthPlugin, AuthSwitchRequest, HandshakePacket, HandshakeResponse, SslRequest},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::{
    super::{Account, Fault, SqlError, io_kind},
    wire::{CAPABILITIES, EOF, ERR, OK, Wire, bytes, fault, parse},
};
use crate::{
    account::tls_config,
    dial::{Dialer, server_name},
    error::Kind,
    limited::Limited,
};

/// `utf8mb4_general_ci`, which every server since MySQL 5.5.3 and MariaDB 5.5 knows.
const UTF8MB4: u8 = 45;

/// A connection that took the password.
pub(super) struct Session {
    pub(super) wire: Wire,
    /// Whether the server is a MariaDB, whose limits have other names.
    pub(super) is_mariadb: bool,
}

/// Logs in on a connection to a checked address.
///
/// # Errors
/// [`Fault`].
pub(super) async fn log_in(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    stream: Limited<TcpStream>,
) -> Result<Session, Fault> {
    let mut wire = Wire::new(Box::new(stream));
    let greeting = wire.read_good().await?;
    let greeting = read_greeting(&greeting)?;
    let server = greeting.capabilities();
    if !server.contains(CapabilityFlags::CLIENT_PROTOCOL_41 | CapabilityFlags::CLIENT_PLUGIN_AUTH) {
        return Err(Kind::DatabaseProtocol.into());
    }
    let mut capabilities = CAPABILITIES & server | CapabilityFlags::CLIENT_CONNECT_WITH_DB;
    // A MariaDB takes the missing bit for a sign that its own extensions follow, of which none are used.
    capabilities.insert(CapabilityFlags::CLIENT_LONG_PASSWORD);
    let is_secret = destination.scheme == Scheme::Https;
    if is_secret {
        // What is in the clear can be changed on the way: a server that seems to have no TLS gets no password.
        if !server.contains(CapabilityFlags::CLIENT_SSL) {
            return Err(Kind::Tls.into());
        }
        capabilities.insert(CapabilityFlags::CLIENT_SSL);
        wire.write(&bytes(&SslRequest::new(capabilities, u32::MAX >> 8, UTF8MB4))).await?;
        wire = secure(dialer, account, destination, wire).await?;
    }
    let is_mariadb =
        greeting.server_version_ref().windows(7).any(|part| part.eq_ignore_ascii_case(b"mariadb"));
    let plugin = greeting.auth_plugin().filter(is_spoken).unwrap_or(AuthPlugin::MysqlNativePassword);
    let login = Login { account, is_secret };
    let response = HandshakeResponse::new(
        plugin.gen_data(Some(&account.password), &greeting.nonce()).map(|data| data.to_vec()),
        // Only decides between the old and the present form of UTF-8.
        (8, 0, 0),
        Some(account.user.as_bytes()),
        Some(account.database.as_bytes()),
        Some(plugin.clone()),
        capabilities,
        None,
        u32::MAX >> 8,
    );
    wire.write(&bytes(&response)).await?;
    login.finish(&mut wire).await?;
    Ok(Session { wire, is_mariadb })
}

/// Where the length of the scramble stands, behind the version and its zero.
const SCRAMBLE_LENGTH_AT: usize = 20;

fn read_greeting(payload: &[u8]) -> Result<HandshakePacket<'_>, Kind> {
    const PROTOCOL: u8 = 10;
    let version = payload.iter().position(|byte| *byte == 0).ok_or(Kind::DatabaseProtocol)?;
    // The library counts with a signed byte here, and would overflow.
    let is_long = payload.get(version + 1 + SCRAMBLE_LENGTH_AT).is_none_or(|length| *length > 0x7f);
    if payload.first() != Some(&PROTOCOL) || is_long {
        return Err(Kind::DatabaseProtocol);
    }
    parse(payload, ())
}

async fn secure(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    wire: Wire,
) -> Result<Wire, Kind> {
    let (stream, sequence) = wire.into_stream()?;
    let connector = TlsConnector::from(tls_config(dialer, account.identity.as_deref()).await?);
    let name = server_name(destination)?;
    let secured = connector.connect(name, stream).await.map_err(|error| io_kind(&error))?;
    Ok(Wire::new(Box::new(secured)).numbered(sequence))
}

/// The ways to prove a password that are spoken. None of them shows it in the clear to whoever asks.
fn is_spoken(plugin: &AuthPlugin<'_>) -> bool {
    matches!(plugin, AuthPlugin::MysqlNativePassword | AuthPlugin::CachingSha2Password)
}

struct Login<'a> {
    account: &'a Account,
    is_secret: bool,
}

impl Login<'_> {
    /// Answers until the server is satisfied. A server asks for another way at most once, and a few packets end it.
    async fn finish(&self, wire: &mut Wire) -> Result<(), Fault> {
        const MAX_ROUNDS: usize = 6;
        for _ in 0..MAX_ROUNDS {
            let payload = wire.read().await?;
            match payload.first() {
                Some(&OK) => return Ok(()),
                Some(&ERR) => return Err(fault(&payload)),
                Some(&EOF) => self.switch(wire, &payload).await?,
                _ => self.more(wire, &payload).await?,
            }
        }
        Err(Kind::DatabaseProtocol.into())
    }

    /// The server wants the password in another way.
    async fn switch(&self, wire: &mut Wire, payload: &[u8]) -> Result<(), Fault> {
        let asked: AuthSwitchRequest<'_> = parse(payload, ()).map_err(|_| unspoken("mysql_old_password"))?;
        let plugin = asked.auth_plugin();
        if !is_spoken(&plugin) {
            return Err(unspoken(&String::from_utf8_lossy(plugin.as_bytes())));
        }
        let data = plugin.gen_data(Some(&self.account.password), asked.plugin_data());
        wire.write(data.as_deref().unwrap_or_default()).await?;
        Ok(())
    }

    /// `caching_sha2_password`: the server knows the password's digest, or wants the password itself.
    async fn more(&self, wire: &mut Wire, payload: &[u8]) -> Result<(), Fault> {
        const IS_KNOWN: &[u8] = &[3];
        const IS_WANTED: &[u8] = &[4];
        match parse::<AuthMoreData<'_>>(payload, ())?.data() {
            IS_KNOWN => Ok(()),
            IS_WANTED if self.is_secret => {
                let mut password = Zeroizing::new(self.account.password.as_bytes().to_vec());
                password.push(0);
                Ok(wire.write(&password).await?)
            }
            // In the clear the password would be encrypted for whatever key somebody on the way shows.
            IS_WANTED => Err(Fault::Server(SqlError {
                state: "08004".to_owned(),
                message: "The server wants the password of this account (caching_sha2_password), which is sent inside TLS alone. Set `tls` to verify-full".to_owned(),
            })),
            _ => Err(Kind::DatabaseProtocol.into()),
        }
    }
}

fn unspoken(plugin: &str) -> Fault {
    let name: String =
        plugin.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(64).collect();
    Fault::Server(SqlError {
        state: "08004".to_owned(),
        message: format!(
            "The server wants the authentication plugin {name}; Flero speaks caching_sha2_password and mysql_native_password. Make a user with one of them"
        ),
    })
}
