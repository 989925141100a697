//! What can go wrong at the door, said without quoting what was sent.
//!
//! An error holds a code, the destination (scheme, host, port), the service's status and a sentence of our
//! own. The text of the HTTP and TLS libraries is never passed on: it can quote headers, URLs and bodies. Log
//! lines about a call are made from this type alone.

use std::fmt;

use crate::{guard::Blocked, oauth::Fault, outcome::UseOutcome};

/// What went wrong. Every kind has a stable code, documented in `docs/errors/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The URL is not acceptable; see [`flero_model::destination::InvalidUrl`].
    InvalidUrl(flero_model::destination::InvalidUrl),
    /// A header's name or value cannot be sent.
    InvalidHeader,
    /// A header that only Flero sets, such as `Host` or `Content-Length`.
    ReservedHeader,
    /// `CONNECT` and `TRACE`, which no service needs: the first opens a tunnel, the second echoes every field.
    MethodRefused,
    /// The guard refused the address.
    Blocked(Blocked),
    /// The organization's policy does not list the destination.
    EgressPolicy,
    /// The credential does not exist, or is not there for this caller: deliberately one answer.
    CredentialNotFound,
    /// The caller's role or key does not include using it.
    CredentialForbidden,
    /// The credential expired by its owner's word.
    CredentialExpired,
    /// Nobody has authorized this OAuth credential yet.
    NotConnected,
    /// The service ended the OAuth grant, or refuses to renew it.
    ReconnectRequired,
    /// The service does not give a token to this client as it is set up.
    TokenRefused,
    /// No token could be had now, for a passing reason.
    TokenUnavailable,
    /// The installation was restored from a backup and is paused: it renews no token.
    InstallationPaused,
    /// The URL is not among the credential's allowed hosts.
    DestinationRefused,
    /// Certificate checks were switched off beside a credential that does not allow that.
    InsecureTlsRefused,
    /// This authentication type cannot be used for an HTTP request.
    CredentialTypeUnsupported,
    /// A stored field is missing or cannot be placed, for example a line break in a token.
    CredentialMalformed,
    /// The placement needs something of the request, for example a JSON body to put the key into.
    CredentialPlacement,
    /// The client certificate and its key cannot be read or do not belong together.
    CertificateUnreadable,
    /// A client certificate is shown in the TLS handshake, and the URL has none.
    CertificateNeedsTls,
    /// A database is reached with a credential of the type `database` alone.
    DatabaseCredentialNeeded,
    /// What came back is not the database's protocol, or a type that cannot be read.
    DatabaseProtocol,
    /// The database sent more than allowed.
    DatabaseTooLarge,
    /// A mail server is reached with a credential of the type `mail` alone.
    MailCredentialNeeded,
    /// What came back is not the protocol of a mail server.
    MailProtocol,
    /// The mail server sent more than allowed.
    MailTooLarge,
    /// Neither the credential nor the host's name tells the region and service that AWS signatures are for.
    AwsScopeUnknown,
    /// The service refused to trade the secret for a token.
    ExchangeRefused,
    /// The service did not trade the secret for a token, for a reason that says nothing of the secret.
    ExchangeFailed,
    /// The vault is sealed, or the scope's key is not available.
    VaultUnavailable,
    /// The stored secret did not open although its key did.
    VaultTampered,
    /// The intent could not be recorded, so nothing was sent.
    AuditUnavailable,
    /// The store did not answer.
    StoreUnavailable,
    /// The name did not resolve.
    Dns,
    /// No connection: refused, unreachable, or reset while connecting.
    Connect,
    /// The TLS handshake failed, most often because of the certificate.
    Tls,
    /// No trusted certificate authorities were found on this machine.
    NoTrustedRoots,
    /// Too many connections are open.
    TooManyConnections,
    /// The connection did not stand in time.
    ConnectTimeout,
    /// The answer was not complete in time.
    Timeout,
    /// The service stopped sending in the middle of the answer.
    IdleTimeout,
    /// The connection broke after the request was sent or while it was being sent.
    ConnectionClosed,
    /// What came back is not HTTP as RFC 9110 to 9113 define it.
    Protocol,
    /// The answer's head is too large or has too many fields.
    HeadTooLarge,
    /// The answer's body is larger than allowed.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The body's compression is damaged.
    Decoding,
    /// The body is compressed in a way that cannot be read, so that it cannot be scrubbed either.
    EncodingUnsupported,
    /// More redirects than are followed.
    TooManyRedirects,
    /// A redirect from `https` to `http`.
    RedirectInsecure,
    /// A redirect without a usable target.
    RedirectInvalid,
    /// A redirect that would send the body to another origin.
    RedirectBody,
    /// A redirect to another origin whose target holds the secret.
    RedirectSecret,
    /// The caller's own upload broke off.
    Upload,
    /// An upload that has to be signed whole is longer than what is held in memory for that.
    UploadTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file of the answer could not be stored.
    NotStored,
}

impl Kind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "http.invalid_url",
            Self::InvalidHeader => "http.invalid_header",
            Self::ReservedHeader => "http.reserved_header",
            Self::MethodRefused => "http.method_refused",
            Self::Blocked(_) => "egress.blocked",
            Self::EgressPolicy => "egress.policy",
            Self::CredentialNotFound => "credential.not_found",
            Self::CredentialForbidden => "credential.forbidden",
            Self::CredentialExpired => "credential.expired",
            Self::NotConnected => "credential.not_connected",
            Self::ReconnectRequired => "credential.reconnect_required",
            Self::TokenRefused => "credential.token_refused",
            Self::TokenUnavailable => "credential.token_unavailable",
            Self::InstallationPaused => "credential.installation_paused",
            Self::DestinationRefused => "credential.destination_refused",
            Self::InsecureTlsRefused => "credential.insecure_tls_refused",
            Self::CredentialTypeUnsupported => "credential.type_unsupported",
            Self::CredentialMalformed => "credential.malformed",
            Self::CredentialPlacement => "credential.placement",
            Self::CertificateUnreadable => "credential.certificate_unreadable",
            Self::CertificateNeedsTls => "credential.certificate_needs_tls",
            Self::DatabaseCredentialNeeded => "database.credential_needed",
            Self::DatabaseProtocol => "database.protocol",
            Self::DatabaseTooLarge => "database.too_large",
            Self::MailCredentialNeeded => "mail.credential_needed",
            Self::MailProtocol => "mail.protocol",
            Self::MailTooLarge => "mail.too_large",
            Self::AwsScopeUnknown => "credential.aws_scope_unknown",
            Self::ExchangeRefused => "credential.exchange_refused",
            Self::ExchangeFailed => "credential.exchange_failed",
            Self::VaultUnavailable => "vault.unavailable",
            Self::VaultTampered => "vault.tampered",
            Self::AuditUnavailable => "audit.unavailable",
            Self::StoreUnavailable => "store.unavailable",
            Self::Dns => "http.dns",
            Self::Connect => "http.connect",
            Self::Tls => "http.tls",
            Self::NoTrustedRoots => "http.no_trusted_roots",
            Self::TooManyConnections => "http.too_many_connections",
            Self::ConnectTimeout => "http.connect_timeout",
            Self::Timeout => "http.timeout",
            Self::IdleTimeout => "http.idle_timeout",
            Self::ConnectionClosed => "http.connection_closed",
            Self::Protocol => "http.protocol",
            Self::HeadTooLarge => "http.head_too_large",
            Self::BodyTooLarge { .. } => "http.body_too_large",
            Self::Decoding => "http.decoding",
            Self::EncodingUnsupported => "http.encoding_unsupported",
            Self::TooManyRedirects => "http.too_many_redirects",
            Self::RedirectInsecure => "http.redirect_insecure",
            Self::RedirectInvalid => "http.redirect_invalid",
            Self::RedirectBody => "http.redirect_body",
            Self::RedirectSecret => "http.redirect_secret",
            Self::Upload => "http.upload",
            Self::UploadTooLarge { .. } => "http.upload_too_large",
            Self::NotStored => "file.not_stored",
        }
    }

    /// Whether the same request may succeed a little later without anybody changing anything.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Dns
                | Self::ExchangeFailed
                | Self::Connect
                | Self::TooManyConnections
                | Self::ConnectTimeout
                | Self::Timeout
                | Self::IdleTimeout
                | Self::ConnectionClosed
                | Self::TokenUnavailable
                | Self::StoreUnavailable
                | Self::AuditUnavailable
        )
    }

    /// Whether it is one of the timeouts.
    #[must_use]
    pub const fn is_timeout(self) -> bool {
        matches!(self, Self::ConnectTimeout | Self::Timeout | Self::IdleTimeout)
    }

    /// What happened and what to do, after the destination's name. `None` says it all by its own text.
    #[allow(clippy::too_many_lines, reason = "one sentence a kind")]
    const fn sentence(self) -> &'static str {
        match self {
            Self::InvalidUrl(_) | Self::Blocked(_) => "",
            Self::EgressPolicy => {
                "your organization's policy allowedEgressHosts does not let anything call this host; its owner can add it"
            }
            Self::InvalidHeader => {
                "a header's name or value cannot be sent; leave out line breaks and control characters"
            }
            Self::ReservedHeader => {
                "Host, Content-Length, Transfer-Encoding, Connection, Upgrade and Proxy-* headers are set by Flero alone; remove them"
            }
            Self::MethodRefused => "the methods CONNECT and TRACE are not sent; use another one",
            Self::CredentialNotFound => "the credential does not exist; choose another one",
            Self::CredentialForbidden => "your role or API key does not include using this credential",
            Self::CredentialExpired => "the credential has expired; replace its secret or move its expiry",
            Self::NotConnected => "nobody has authorized this credential yet; connect it",
            Self::ReconnectRequired => "the service ended this connection; reconnect the credential",
            Self::TokenRefused => {
                "the service gives no token to this client; test the credential, it tells the reason"
            }
            Self::TokenUnavailable => "no access token could be had now; try again later",
            Self::InstallationPaused => {
                "this installation was restored from a backup and is paused, so its tokens are not renewed; `flero resume` ends that"
            }
            Self::DestinationRefused => {
                "the credential does not allow this destination; add the host to its allowed hosts"
            }
            Self::InsecureTlsRefused => {
                "certificate checks stay on for this credential; its own policy would have to allow otherwise"
            }
            Self::CredentialTypeUnsupported => {
                "a credential of this type cannot authenticate an HTTP request"
            }
            Self::CredentialMalformed => {
                "the stored credential is incomplete or holds characters that cannot be sent; enter its secret again"
            }
            Self::CredentialPlacement => {
                "the request has no place for the key: {name} in the path, or a JSON object or form as the body"
            }
            Self::CertificateUnreadable => {
                "the client certificate and its private key cannot be read or do not belong together; check the passphrase"
            }
            Self::CertificateNeedsTls => {
                "a client certificate is shown in the TLS handshake; use a URL that starts with https://"
            }
            Self::DatabaseCredentialNeeded => {
                "a database is reached with a credential of the type database alone; choose one"
            }
            Self::DatabaseProtocol => {
                "what came back cannot be read; check that a server of the credential's engine listens there, with TLS where the credential says so, or cast the column to text"
            }
            Self::DatabaseTooLarge => "the rows are larger than allowed; ask for fewer columns or rows",
            Self::MailCredentialNeeded => {
                "a mail server is reached with a credential of the type mail alone, of the same protocol; choose one"
            }
            Self::MailProtocol => {
                "what came back cannot be read; check that a server of the credential's protocol listens there, with TLS as the credential says"
            }
            Self::MailTooLarge => "the message is larger than allowed",
            Self::AwsScopeUnknown => {
                "this host does not tell the region and service of a signature; give region and awsService"
            }
            Self::ExchangeRefused => {
                "the service refused to trade the secret for a token; check the secret and what it is allowed"
            }
            Self::ExchangeFailed => {
                "no token came back where the secret is traded for one; check the address, or try again"
            }
            Self::VaultUnavailable => {
                "the vault is sealed or the key of this credential is not loaded; run `flero doctor`"
            }
            Self::VaultTampered => {
                "the stored secret does not open; somebody changed the row or its policy outside Flero"
            }
            Self::AuditUnavailable => "the use could not be recorded, so nothing was sent; try again",
            Self::StoreUnavailable => "the database did not answer; try again",
            Self::Dns => "the name did not resolve; check its spelling",
            Self::Connect => "no connection could be made; check that the service is running and reachable",
            Self::Tls => "no trusted TLS connection could be made; check the service's certificate",
            Self::NoTrustedRoots => {
                "this machine has no trusted certificate authorities; install the package ca-certificates"
            }
            Self::TooManyConnections => "too many connections are open; try again",
            Self::ConnectTimeout => {
                "the connection did not stand in time; check that the service is reachable"
            }
            Self::Timeout => "the answer was not complete in time; raise the timeout or try again",
            Self::IdleTimeout => "the service stopped sending in the middle of its answer; try again",
            Self::ConnectionClosed => "the connection broke before the answer was complete; try again",
            Self::Protocol => "what came back is not valid HTTP",
            Self::HeadTooLarge => "the answer's headers are too large",
            Self::BodyTooLarge { .. } => {
                "the answer's body is larger than allowed; ask for less, for example by paging"
            }
            Self::Decoding => "the answer's compression is damaged",
            Self::EncodingUnsupported => {
                "the answer is compressed in a way that cannot be read and checked; ask for gzip, br, zstd or deflate"
            }
            Self::TooManyRedirects => "more than 10 redirects; use the final URL",
            Self::RedirectInsecure => "the service redirects from https to http, which is never followed",
            Self::RedirectInvalid => "the service redirects to something that is not a usable URL",
            Self::RedirectBody => {
                "the service redirects to another origin, and a body is never sent there; use the final URL"
            }
            Self::RedirectSecret => {
                "the service redirects to another origin with the secret in the URL, which is never followed"
            }
            Self::Upload => "the upload broke off",
            Self::UploadTooLarge { .. } => {
                "this credential signs the whole body, and the file is too large for that; send it in parts"
            }
            Self::NotStored => "the file of the answer could not be stored; look whether the disk is full",
        }
    }
}

/// An error of the door: what, where, and what it means for the credential's audit trail.
pub struct Error {
    kind: Kind,
    destination: Option<String>,
    status: Option<u16>,
    fault: Option<Fault>,
    /// The outcome of the use that this error ends, for the caller to store. Absent when there was no use.
    pub used: Option<Box<UseOutcome>>,
}

impl Error {
    /// An error of a kind, without a destination.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, destination: None, status: None, fault: None, used: None }
    }

    /// The same error, naming where the request went.
    #[must_use]
    pub fn at(mut self, destination: &flero_model::destination::Destination) -> Self {
        self.destination.get_or_insert_with(|| destination.to_string());
        self
    }

    /// The same error with the service's status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Why no token came, where that is what went wrong.
    #[must_use]
    pub const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The scheme, host and port of the request, where it had one.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// The service's HTTP status, where it answered.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::new(fault.kind()) }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(destination) = &self.destination {
            write!(formatter, "{destination}: ")?;
        }
        match self.kind {
            Kind::InvalidUrl(fault) => write!(formatter, "{fault}")?,
            Kind::Blocked(reason) => write!(formatter, "{reason}")?,
            Kind::BodyTooLarge { limit } | Kind::UploadTooLarge { limit } => {
                write!(formatter, "{} (the limit is {limit} bytes)", self.kind.sentence())?
            }
            kind => formatter.write_str(kind.sentence())?,
        }
        match self.status {
            Some(status) => write!(formatter, " (status {status})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "connect::Error({}: {self})", self.code())
    }
}

impl std::error::Error for Error {}
