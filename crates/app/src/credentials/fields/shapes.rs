//! What the generic service asks for, as a form needs it: the table of the checks, without the checks.

use flero_model::{credential::AuthType, policy::Principal};

use super::table::{Form, Kind, fields_of};
use crate::{App, Result, app::permit, credentials::sample};

/// The auth types of the generic service, the usual ways first. Mail accounts belong to the connectors of their protocols.
const OFFERED: &[AuthType] = &[
    AuthType::Bearer,
    AuthType::ApiKey,
    AuthType::Basic,
    AuthType::Oauth2,
    AuthType::CustomHeaders,
    AuthType::Digest,
    AuthType::Certificate,
    AuthType::AwsSigV4,
    AuthType::ServiceAccount,
    AuthType::Oauth1,
    AuthType::Database,
];

/// What an auth type takes.
#[derive(Debug, Clone)]
pub struct AuthShape {
    /// The auth type.
    pub auth_type: AuthType,
    /// Whether it authenticates HTTP requests: then hosts are named, and there can be an address to test with.
    pub is_http: bool,
    /// Parameters first, then secrets.
    pub fields: Vec<FieldShape>,
}

/// One thing that is asked of a person.
#[derive(Debug, Clone, Copy)]
pub struct FieldShape {
    /// Its name in `parameters`, or in `data` when it is secret.
    pub name: &'static str,
    /// Whether it is secret: sealed, never returned.
    pub secret: bool,
    /// Whether it can be left out.
    pub optional: bool,
    /// `text`, `choice`, `url`, `words`, `pem`, `flag`, `port`, `lines`, `headers` or `keyFile`.
    pub form: &'static str,
    /// The only values of a `choice`.
    pub choices: &'static [&'static str],
    /// What belongs there; empty where the name says it.
    pub help: &'static str,
}

impl App {
    /// What credentials of the generic service take, by auth type.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`].
    pub fn auth_shapes(&self, who: &Principal) -> Result<Vec<AuthShape>> {
        permit(who, flero_model::policy::Action::ReadCredential(&sample(who)))?;
        Ok(OFFERED.iter().filter_map(|auth_type| shape(*auth_type)).collect())
    }

    /// Where services send a person's browser back to; the name of the service follows, or the credential's
    /// identifier for the generic one.
    #[must_use]
    pub fn callback_base(&self) -> String {
        format!("{}/oauth/callback/", self.public_url())
    }
}

fn shape(auth_type: AuthType) -> Option<AuthShape> {
    let fields = fields_of(auth_type)?;
    let parameters = fields.parameters.iter().map(|parameter| {
        let (form, choices): (&str, &'static [&'static str]) = match parameter.kind {
            Kind::Text(_) => ("text", &[]),
            Kind::Choice(words) => ("choice", words),
            Kind::Url => ("url", &[]),
            Kind::Words => ("words", &[]),
            Kind::Pem(_) => ("pem", &[]),
            Kind::Flag => ("flag", &[]),
            Kind::Port => ("port", &[]),
        };
        FieldShape {
            name: parameter.name,
            secret: false,
            optional: !parameter.required,
            form,
            choices,
            help: parameter.what,
        }
    });
    let secrets = fields.secrets.iter().map(|secret| FieldShape {
        name: secret.name,
        secret: true,
        optional: !secret.required,
        form: match secret.form {
            Form::Line => "text",
            Form::Lines => "lines",
            Form::Headers => "headers",
            Form::KeyFile => "keyFile",
        },
        choices: &[],
        help: "",
    });
    Some(AuthShape { auth_type, is_http: fields.is_http, fields: parameters.chain(secrets).collect() })
}
