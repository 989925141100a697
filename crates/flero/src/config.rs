//! Configuration: flag, environment, `flero.toml`, default, in this order.

mod file;
mod paths;
#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use flero_connect::mail::{MailConfigFault, Mailer};
use ipnet::IpNet;
use url::Url;

pub(crate) use file::FileConfig;

/// What is wrong with the configuration, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read ({kind}). Check its path and permissions.")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        kind: std::io::ErrorKind,
    },
    /// The file is not TOML, or holds an unknown key.
    #[error("the configuration file {path} is not understood, line {line}: {reason}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A setting has a value that it cannot take.
    #[error("{setting}: {reason}")]
    Invalid {
        /// The setting, as its environment variable.
        setting: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// The longest file unless the operator says otherwise, in megabytes of 1,048,576 bytes.
const DEFAULT_MAX_FILE_MB: u64 = 1_024;
/// The most that can be said: a terabyte.
const MOST_FILE_MB: u64 = 1 << 20;

fn invalid(setting: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Invalid { setting, reason: reason.into() }
}

/// Settings that every command takes, from flags or the environment. See `docs/guide/configuration.md`.
#[derive(Debug, Default, Clone, clap::Args)]
pub(crate) struct Settings {
    /// Configuration file [default: flero.toml in the configuration folder, if it is there].
    #[arg(long, env = "FLERO_CONFIG", global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address of API, UI and webhooks [default: 127.0.0.1:7373].
    #[arg(long, env = "FLERO_LISTEN", global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// What callbacks and webhook URLs are built from [default: http://LISTEN].
    #[arg(long, env = "FLERO_PUBLIC_URL", global = true, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Database and files [default: the platform's data folder].
    #[arg(long, env = "FLERO_DATA_DIR", global = true, value_name = "FOLDER")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Database [default: sqlite:DATA_DIR/flero.db].
    #[arg(long, env = "FLERO_DATABASE_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Message bus for several machines.
    #[arg(long, env = "FLERO_NATS_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) nats_url: Option<String>,
    /// What this process does [default: api,worker,scheduler].
    #[arg(long, env = "FLERO_ROLES", global = true, value_name = "LIST")]
    pub(crate) roles: Option<String>,
    /// Key-encryption key, 32 raw bytes, outside the data folder [default: flero/root.key in the configuration folder].
    #[arg(long, env = "FLERO_KEY_FILE", global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// File descriptor to read the passphrase of a passphrase slot from.
    #[arg(long, env = "FLERO_PASSPHRASE_FD", global = true, value_name = "FD")]
    pub(crate) passphrase_fd: Option<i32>,
    /// Private destinations that workflows may reach: host, host:port, cidr[:port], separated by commas.
    #[arg(long, env = "FLERO_EGRESS_ALLOW", global = true, value_name = "LIST")]
    pub(crate) egress_allow: Option<String>,
    /// Reverse proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas [default: none].
    #[arg(long, env = "FLERO_TRUSTED_PROXIES", global = true, value_name = "LIST")]
    pub(crate) trusted_proxies: Option<String>,
    /// Folder below which registries of the Marketplace may be read from the disk [default: none].
    #[arg(long, env = "FLERO_MARKETPLACE_FOLDER", global = true, value_name = "FOLDER")]
    pub(crate) marketplace_folder: Option<PathBuf>,
    /// Longest file that an answer may be, in MB [default: 1024].
    #[arg(long, env = "FLERO_MAX_FILE_MB", global = true, value_name = "MB")]
    pub(crate) max_file_mb: Option<String>,
    /// Log filter [default: info].
    #[arg(long, env = "FLERO_LOG", global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Log form: text or json [default: text].
    #[arg(long, env = "FLERO_LOG_FORMAT", global = true, value_name = "FORM")]
    pub(crate) log_format: Option<String>,
    /// Loopback address of `GET /metrics` [default: none].
    #[arg(long, env = "FLERO_METRICS_LISTEN", global = true, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<String>,
    /// Loopback address of a practice service to try workflows with [default: none].
    #[arg(long, env = "FLERO_PRACTICE", global = true, value_name = "ADDRESS")]
    pub(crate) practice: Option<String>,
    /// Mail server: smtps://user:password@host, or smtp://host:587?tls=required [default: none, no mails].
    #[arg(long, env = "FLERO_SMTP_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) smtp_url: Option<String>,
    /// Sender of mails: an address, or a name and an address [default: Flero <flero@HOST of the public URL>].
    #[arg(long, env = "FLERO_SMTP_FROM", global = true, value_name = "ADDRESS")]
    pub(crate) smtp_from: Option<String>,
    /// Allow plain http for a public URL that is not loopback: 1.
    #[arg(long, env = "FLERO_INSECURE_HTTP", global = true, value_name = "1")]
    pub(crate) insecure_http: Option<String>,
}

/// The configuration that a command runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Address of API, UI and webhooks.
    pub(crate) listen: SocketAddr,
    /// What callbacks and webhook URLs are built from, without a slash at its end.
    pub(crate) public_url: Url,
    /// Database and files; log lines go to standard error.
    pub(crate) data_dir: PathBuf,
    /// The SQLite file.
    pub(crate) database: PathBuf,
    /// The key file.
    pub(crate) key_file: PathBuf,
    /// Where a passphrase is read from.
    pub(crate) passphrase_fd: Option<i32>,
    /// Private destinations that workflows may reach.
    pub(crate) egress_allow: Vec<String>,
    /// Reverse proxies that are believed whom they pass a request on from.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Folder below which registries of the Marketplace may be read from the disk.
    pub(crate) marketplace_folder: Option<PathBuf>,
    /// Longest file that an answer may be, in bytes.
    pub(crate) max_file_bytes: u64,
    /// What this process does.
    pub(crate) roles: Roles,
    /// Log filter.
    pub(crate) log: String,
    /// Whether log lines are JSON.
    pub(crate) log_json: bool,
    /// Where the counters are served; loopback.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where the practice service listens; loopback.
    pub(crate) practice: Option<SocketAddr>,
    /// Where mails are sent.
    pub(crate) mail: Option<MailServer>,
}

/// The mail server. Its URL may hold a password, so that it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MailServer {
    /// The URL as it was given; it was checked.
    pub(crate) url: String,
    /// The sender; it was checked.
    pub(crate) from: String,
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MailServer(..)")
    }
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Serves HTTP.
    pub(crate) api: bool,
    /// Carries runs out.
    pub(crate) worker: bool,
    /// Fires schedules.
    pub(crate) scheduler: bool,
}

impl Config {
    /// Puts flags, environment, file and defaults together and checks them.
    pub(crate) fn resolve(settings: Settings) -> Result<Self, ConfigError> {
        let file = FileConfig::load(settings.config.as_deref())?;
        let data_dir = match settings.data_dir.or(file.data_dir) {
            Some(path) => absolute("FLERO_DATA_DIR", path)?,
            None => paths::data_dir()
                .ok_or_else(|| invalid("FLERO_DATA_DIR", "no home folder is known; set it."))?,
        };
        let key_file = match settings.key_file.or(file.key_file) {
            Some(path) => absolute("FLERO_KEY_FILE", path)?,
            None => paths::config_dir()
                .map(|folder| folder.join("root.key"))
                .ok_or_else(|| invalid("FLERO_KEY_FILE", "no home folder is known; set it."))?,
        };
        let listen = settings.listen.or(file.listen).unwrap_or_else(|| "127.0.0.1:7373".to_owned());
        let listen: SocketAddr = listen.parse().map_err(|_| {
            invalid("FLERO_LISTEN", "expected an IP address and a port, for example 127.0.0.1:7373.")
        })?;
        let insecure =
            settings.insecure_http.is_some_and(|text| text == "1") || file.insecure_http.unwrap_or(false);
        let public_url = public_url(settings.public_url.or(file.public_url), listen, insecure)?;
        if settings.nats_url.or(file.nats_url).is_some() {
            return Err(invalid("FLERO_NATS_URL", "this version runs on one machine; unset it."));
        }
        let database = database(settings.database_url.or(file.database_url), &data_dir)?;
        let mail =
            mail(settings.smtp_url.or(file.smtp_url), settings.smtp_from.or(file.smtp_from), &public_url)?;
        let log_format = settings.log_format.or(file.log_format).unwrap_or_else(|| "text".to_owned());
        let log_json = match log_format.as_str() {
            "json" => true,
            "text" => false,
            _ => return Err(invalid("FLERO_LOG_FORMAT", "expected text or json.")),
        };
        let egress_allow = match settings.egress_allow {
            Some(list) => split(&list),
            None => file.egress_allow.map(file::List::into_vec).unwrap_or_default(),
        };
        let proxies = match settings.trusted_proxies {
            Some(list) => split(&list),
            None => file.trusted_proxies.map(file::List::into_vec).unwrap_or_default(),
        };
        Ok(Self {
            listen,
            public_url,
            data_dir,
            database,
            key_file,
            passphrase_fd: settings.passphrase_fd,
            egress_allow,
            trusted_proxies: trusted_proxies(&proxies)?,
            marketplace_folder: settings.marketplace_folder.or(file.marketplace_folder),
            max_file_bytes: max_file_bytes(
                settings.max_file_mb.or(file.max_file_mb.map(|number| number.to_string())),
            )?,
            roles: roles(settings.roles.or(file.roles.map(|list| list.into_vec().join(","))))?,
            log: settings.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_json,
            metrics_listen: metrics_listen(settings.metrics_listen.or(file.metrics_listen))?,
            practice: practice(settings.practice.or(file.practice))?,
            mail,
        })
    }
}

/// Addresses and networks. All of them at once would let everybody say where they come from.
fn trusted_proxies(list: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &String| {
        let found = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        found.ok().filter(|network| network.prefix_len() > 0).ok_or_else(|| {
            let reason =
                "expected addresses and networks of your proxies, for example 10.0.0.5,172.16.0.0/12.";
            invalid("FLERO_TRUSTED_PROXIES", reason)
        })
    };
    list.iter().map(network).collect()
}

/// The practice service knows no secret, and is for trying on this machine alone.
fn practice(text: Option<String>) -> Result<Option<SocketAddr>, ConfigError> {
    const NAME: &str = "FLERO_PRACTICE";
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(Some(address)),
        _ => Err(invalid(NAME, "expected a loopback address and a port, for example 127.0.0.1:7374.")),
    }
}

/// The mail server, checked as far as that is possible without calling it.
fn mail(
    url: Option<String>,
    from: Option<String>,
    public_url: &Url,
) -> Result<Option<MailServer>, ConfigError> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    let host = public_url.host_str().filter(|_| public_url.domain().is_some()).unwrap_or("localhost");
    let from = from.unwrap_or_else(|| format!("Flero <flero@{host}>"));
    match Mailer::new(&url, &from) {
        Ok(_) => Ok(Some(MailServer { url, from })),
        Err(fault @ MailConfigFault::From) => Err(invalid("FLERO_SMTP_FROM", format!("{fault}."))),
        Err(fault) => Err(invalid("FLERO_SMTP_URL", format!("{fault}."))),
    }
}

/// The counters say nothing secret and are not for everybody either, so they are never served on a public address.
fn metrics_listen(text: Option<String>) -> Result<Option<SocketAddr>, ConfigError> {
    const NAME: &str = "FLERO_METRICS_LISTEN";
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let address: SocketAddr = text
        .parse()
        .map_err(|_| invalid(NAME, "expected a loopback address and a port, for example 127.0.0.1:9464."))?;
    if !address.ip().is_loopback() {
        let reason = "only a loopback address is taken, since the counters are not for everybody. Let an agent on \
                      this machine collect them.";
        return Err(invalid(NAME, reason));
    }
    Ok(Some(address))
}

/// A file goes to the disk while it arrives, so that the limit guards the disk and not the memory.
fn max_file_bytes(text: Option<String>) -> Result<u64, ConfigError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(DEFAULT_MAX_FILE_MB << 20) };
    match text.parse::<u64>() {
        Ok(megabytes) if (1..=MOST_FILE_MB).contains(&megabytes) => Ok(megabytes << 20),
        _ => Err(invalid("FLERO_MAX_FILE_MB", "expected a number of megabytes from 1 to 1048576.")),
    }
}

fn absolute(setting: &'static str, path: PathBuf) -> Result<PathBuf, ConfigError> {
    std::path::absolute(&path).map_err(|_| invalid(setting, "expected a path that is not empty."))
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

fn roles(list: Option<String>) -> Result<Roles, ConfigError> {
    let Some(list) = list else { return Ok(Roles { api: true, worker: true, scheduler: true }) };
    let mut roles = Roles { api: false, worker: false, scheduler: false };
    for role in split(&list) {
        match role.as_str() {
            "api" => roles.api = true,
            "worker" => roles.worker = true,
            "scheduler" => roles.scheduler = true,
            _ => return Err(invalid("FLERO_ROLES", "expected a list of api, worker, scheduler.")),
        }
    }
    // With one process and an embedded database there is nobody else who could take a part over.
    if !(roles.api && roles.worker && roles.scheduler) {
        let reason =
            "with SQLite one process does everything; leave it unset or name all of api,worker,scheduler.";
        return Err(invalid("FLERO_ROLES", reason));
    }
    Ok(roles)
}

fn database(url: Option<String>, data_dir: &std::path::Path) -> Result<PathBuf, ConfigError> {
    let Some(url) = url else { return Ok(data_dir.join("flero.db")) };
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.trim_start_matches('/').is_empty() => {
            // Both `sqlite:relative`, `sqlite:/absolute` and `sqlite:///absolute` occur in the field.
            let path = path.strip_prefix("//").unwrap_or(path);
            absolute("FLERO_DATABASE_URL", PathBuf::from(path))
        }
        Some(("postgres" | "postgresql", _)) => Err(invalid(
            "FLERO_DATABASE_URL",
            "this version stores in SQLite only; unset it or give sqlite:<path>.",
        )),
        _ => Err(invalid("FLERO_DATABASE_URL", "expected sqlite:<path>.")),
    }
}

fn public_url(text: Option<String>, listen: SocketAddr, insecure: bool) -> Result<Url, ConfigError> {
    const NAME: &str = "FLERO_PUBLIC_URL";
    let text = text.unwrap_or_else(|| {
        // Nobody can call an unspecified address; loopback reaches the same listener.
        let host = match listen {
            SocketAddr::V4(address) if address.ip().is_unspecified() => "127.0.0.1".to_owned(),
            SocketAddr::V6(address) if address.ip().is_unspecified() => "[::1]".to_owned(),
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        format!("http://{host}:{}", listen.port())
    });
    let url =
        Url::parse(&text).map_err(|_| invalid(NAME, "expected a URL such as https://flero.example.com."))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(invalid(NAME, "expected an http or https URL with a host."));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(invalid(NAME, "leave out user, password, query and fragment."));
    }
    if url.scheme() == "http" && !is_loopback(&url) && !insecure {
        let reason = "plain http is refused for an address that is not loopback. Use https (a reverse proxy can \
                      terminate TLS), or set FLERO_INSECURE_HTTP=1 if you accept that sessions and keys can be read \
                      on the way.";
        return Err(invalid(NAME, reason));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
