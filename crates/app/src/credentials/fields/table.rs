//! What each auth type takes, as data: its parameters, which are not secret, and its secrets.
//!
//! A further parameter is a further line here. The checks of the values stand in [`super::values`].

use flero_model::{
    credential::AuthType,
    database::Engine,
    mail::{Protocol, Security},
};

use super::values::{
    is_access_key_id, is_aws_region, is_aws_service, is_header_text, is_host, is_role_arn, is_user_name,
    no_control,
};

/// The places that an API key can go to.
pub(super) const PLACES: &[&str] = &["header", "query", "cookie", "path", "body"];

/// How a parameter's value is checked.
pub(super) enum Kind {
    /// A text that fits a rule.
    Text(fn(&str) -> bool),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A URL that a secret or an assertion is sent to; a policy entry of its own.
    Url,
    /// A list of texts, or one text with spaces between them.
    Words,
    /// One or more PEM blocks of this label (RFC 7468).
    Pem(&'static str),
    /// True or false.
    Flag,
    /// A TCP port.
    Port,
}

/// A parameter of an auth type.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) kind: Kind,
    /// What belongs there, as the fault says it.
    pub(super) what: &'static str,
}

/// The form of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::credentials) enum Form {
    /// One line.
    Line,
    /// A text of several lines: a key.
    Lines,
    /// Header names and values.
    Headers,
    /// A service account's JSON key file.
    KeyFile,
}

/// A secret of an auth type.
pub(in crate::credentials) struct Secret<'n> {
    pub(in crate::credentials) name: &'n str,
    pub(in crate::credentials) required: bool,
    pub(in crate::credentials) form: Form,
}

/// What an auth type takes.
pub(super) struct AuthFields {
    pub(super) parameters: &'static [Parameter],
    pub(super) secrets: &'static [Secret<'static>],
    /// Whether it authenticates HTTP requests, so that it takes `testUrl` and `validateSsl` besides.
    pub(super) is_http: bool,
}

const fn required(name: &'static str, kind: Kind, what: &'static str) -> Parameter {
    Parameter { name, required: true, kind, what }
}

const fn optional(name: &'static str, kind: Kind, what: &'static str) -> Parameter {
    Parameter { name, required: false, kind, what }
}

const fn secret(name: &'static str, form: Form) -> Secret<'static> {
    Secret { name, required: true, form }
}

const fn optional_secret(name: &'static str, form: Form) -> Secret<'static> {
    Secret { name, required: false, form }
}

const fn http(parameters: &'static [Parameter], secrets: &'static [Secret<'static>]) -> AuthFields {
    AuthFields { parameters, secrets, is_http: true }
}

const USER_NAME: Parameter =
    required("username", Kind::Text(is_user_name), "The user name; it holds no colon (RFC 7617).");

const CA: Parameter = optional(
    "ca",
    Kind::Pem("CERTIFICATE"),
    "The certificate of the authority that signed the server's own certificate, as PEM.",
);

const SCOPES: Parameter =
    optional("scopes", Kind::Words, "The scopes, as a list or with spaces between them.");

const BEARER: AuthFields = http(&[], &[secret("token", Form::Line)]);
const BASIC: AuthFields = http(&[USER_NAME], &[secret("password", Form::Line)]);
const CUSTOM_HEADERS: AuthFields = http(&[], &[secret("headers", Form::Headers)]);

/// `name` is checked by where the key goes; see [`super::check_api_key`].
const API_KEY: AuthFields = http(
    &[
        optional("in", Kind::Choice(PLACES), ""),
        required("name", Kind::Text(no_control), "The name of the header, parameter or cookie."),
        optional("prefix", Kind::Text(no_control), "A text in front of the key, for example `Token `."),
    ],
    &[secret("key", Form::Line)],
);

const CERTIFICATE: AuthFields = http(
    &[
        optional(
            "certificate",
            Kind::Pem("CERTIFICATE"),
            "The client certificate as PEM, followed by its intermediate certificates. Leave it out where the private key is a PKCS#12 file, which holds it.",
        ),
        CA,
    ],
    &[secret("privateKey", Form::Lines), optional_secret("passphrase", Form::Line)],
);

const AWS_SIG_V4: AuthFields = http(
    &[
        required(
            "accessKeyId",
            Kind::Text(is_access_key_id),
            "The access key ID, for example AKIAIOSFODNN7EXAMPLE.",
        ),
        optional(
            "region",
            Kind::Text(is_aws_region),
            "The region, for example eu-central-1. Without it the host's name tells it.",
        ),
        optional(
            "awsService",
            Kind::Text(is_aws_service),
            "The service's signing name, for example s3 or execute-api. Without it the host's name tells it.",
        ),
        optional(
            "roleArn",
            Kind::Text(is_role_arn),
            "The role to assume, for example arn:aws:iam::123456789012:role/reader.",
        ),
        optional(
            "externalId",
            Kind::Text(no_control),
            "The external ID that the role's trust policy asks for.",
        ),
        optional(
            "stsUrl",
            Kind::Url,
            "Where the role is assumed; the region's own STS endpoint unless told.",
        ),
        optional("presigned", Kind::Flag, "Whether the signature goes into the query instead of a header."),
    ],
    &[secret("secretAccessKey", Form::Line), optional_secret("sessionToken", Form::Line)],
);

const OAUTH1: AuthFields = http(
    &[
        required("consumerKey", Kind::Text(no_control), "The consumer key that the service gave your app."),
        optional(
            "signatureMethod",
            Kind::Choice(&[
                "HMAC-SHA1",
                "HMAC-SHA256",
                "HMAC-SHA512",
                "RSA-SHA1",
                "RSA-SHA256",
                "RSA-SHA512",
                "PLAINTEXT",
            ]),
            "",
        ),
        optional(
            "realm",
            Kind::Text(is_header_text),
            "The realm that the service names in its documentation.",
        ),
    ],
    &[
        secret("consumerSecret", Form::Lines),
        optional_secret("token", Form::Line),
        optional_secret("tokenSecret", Form::Line),
    ],
);

const OAUTH2: AuthFields = http(
    &[
        optional(
            "grantType",
            Kind::Text(no_control),
            "authorization_code, client_credentials, or the URN of the grant.",
        ),
        optional("authorizationUrl", Kind::Url, "Where people allow the access."),
        optional("tokenUrl", Kind::Url, "Where tokens are fetched."),
        optional("revocationUrl", Kind::Url, "Where tokens are revoked (RFC 7009)."),
        optional("deviceAuthorizationUrl", Kind::Url, "Where device codes are given (RFC 8628)."),
        optional("pushedAuthorizationUrl", Kind::Url, "Where requests are pushed (RFC 9126)."),
        optional("issuer", Kind::Url, "The issuer, exactly as the service writes it (RFC 8414)."),
        required("clientId", Kind::Text(no_control), "The client ID that the service gave your app."),
        optional(
            "clientAuthMethod",
            Kind::Choice(&[
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
                "tls_client_auth",
                "self_signed_tls_client_auth",
                "none",
            ]),
            "",
        ),
        SCOPES,
        optional("audience", Kind::Text(no_control), "Whom the token is for, where the service asks for it."),
        optional("resource", Kind::Words, "The addresses that the token is for (RFC 8707)."),
        optional("subject", Kind::Text(no_control), "On whose behalf a signed assertion speaks (RFC 7523)."),
        optional("keyId", Kind::Text(no_control), "The identifier of your key at the service (`kid`)."),
        optional(
            "algorithm",
            Kind::Choice(&["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]),
            "",
        ),
        optional("dpop", Kind::Flag, "Whether the service binds its tokens to a key (DPoP, RFC 9449)."),
        optional(
            "certificate",
            Kind::Pem("CERTIFICATE"),
            "The client certificate as PEM, where the service wants one (RFC 8705). Leave it out where the private key is a PKCS#12 file.",
        ),
        CA,
        optional(
            "subjectTokenType",
            Kind::Text(no_control),
            "The type of the token that is exchanged, a URN (RFC 8693).",
        ),
    ],
    &[
        optional_secret("clientSecret", Form::Line),
        optional_secret("privateKey", Form::Lines),
        optional_secret("passphrase", Form::Line),
        optional_secret("subjectToken", Form::Line),
    ],
);

const SERVICE_ACCOUNT: AuthFields = http(
    &[
        optional(
            "subject",
            Kind::Text(no_control),
            "The person on whose behalf it acts, where the service allows that.",
        ),
        SCOPES,
        optional(
            "tokenUrl",
            Kind::Url,
            "Where the signed JWT is exchanged for a token; the key file's token_uri unless told.",
        ),
    ],
    &[secret("key", Form::KeyFile)],
);

/// Whether the door speaks the protocol of this engine. A credential for another one could not be used.
fn is_spoken_engine(engine: &str) -> bool {
    Engine::of(engine).is_some()
}

const DATABASE: AuthFields = AuthFields {
    parameters: &[
        required("engine", Kind::Text(is_spoken_engine), "`postgresql`, or `mysql` for MySQL and MariaDB."),
        required(
            "host",
            Kind::Text(is_host),
            "The host name or address of the database server, without a port.",
        ),
        optional(
            "port",
            Kind::Port,
            "A number from 1 to 65535; unless told, 5432 for PostgreSQL and 3306 for MySQL.",
        ),
        required("database", Kind::Text(no_control), "The name of the database."),
        required("user", Kind::Text(no_control), "The database user."),
        optional("tls", Kind::Choice(&["verify-full", "disable"]), ""),
        CA,
    ],
    secrets: &[secret("password", Form::Line)],
    is_http: false,
};

/// Whether the door speaks this mail protocol.
fn is_spoken_protocol(protocol: &str) -> bool {
    Protocol::of(protocol).is_some()
}

const MAIL: AuthFields = AuthFields {
    parameters: &[
        required("protocol", Kind::Text(is_spoken_protocol), "`smtp` to send, or `imap` to read."),
        required("host", Kind::Text(is_host), "The host name or address of the mail server, without a port."),
        optional(
            "port",
            Kind::Port,
            "A number from 1 to 65535; unless told, 465 and 993 for TLS, 587 and 143 for STARTTLS.",
        ),
        required("user", Kind::Text(no_control), "The user, most often the e-mail address."),
        optional("tls", Kind::Choice(Security::WORDS), ""),
        CA,
    ],
    secrets: &[secret("password", Form::Line)],
    is_http: false,
};

/// What an auth type takes, or `None` for `custom`, which is described by a connector.
pub(super) const fn fields_of(auth_type: AuthType) -> Option<&'static AuthFields> {
    match auth_type {
        AuthType::Bearer => Some(&BEARER),
        AuthType::Basic | AuthType::Digest => Some(&BASIC),
        AuthType::ApiKey => Some(&API_KEY),
        AuthType::CustomHeaders => Some(&CUSTOM_HEADERS),
        AuthType::Certificate => Some(&CERTIFICATE),
        AuthType::AwsSigV4 => Some(&AWS_SIG_V4),
        AuthType::Oauth1 => Some(&OAUTH1),
        AuthType::Oauth2 => Some(&OAUTH2),
        AuthType::ServiceAccount => Some(&SERVICE_ACCOUNT),
        AuthType::Database => Some(&DATABASE),
        AuthType::Mail => Some(&MAIL),
        AuthType::Custom => None,
    }
}
