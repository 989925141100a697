//! The choices of an input of an operation or an event, as another operation of the connector lists them: read through
//! the door with the caller's own right to the credential, page after page.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flero_connect::{Call, Intent, MailRequest, MailWork, Purpose, Reply, Request, call::Credential as Used};
use flero_model::{
    CredentialId,
    policy::{Action, Principal},
};
use flero_openapi::{
    Pack,
    answer::error_of,
    connector::Operation,
    events::fill,
    extension::{DynamicOptions, ErrorRules},
    mail, paging,
    request::{Base, Fault, RequestBody, build},
    validate::Validator,
    xml,
};
use http::{Method, header};
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::{App, Error, Result, app::permit};

/// The most pages that are read for one list.
const MAX_PAGES: u64 = 10;
/// The most choices that one list has.
const MAX_CHOICES: usize = 1_000;
/// The most bytes that a mail server tells of its folders.
const MAX_MAIL_BYTES: usize = 1 << 20;
/// How long a mail server may take.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);

/// Whose input it is.
#[derive(Debug, Clone, Copy)]
pub enum Form<'o> {
    /// An operation's.
    Operation(&'o str),
    /// An event's.
    Event(&'o str),
}

/// What is asked for.
#[derive(Debug)]
pub struct OptionsOf<'o> {
    /// The connector.
    pub connector: &'o str,
    /// The operation or the event whose form it is.
    pub form: Form<'o>,
    /// The input that is chosen.
    pub input: &'o str,
    /// The credential that the list is read with.
    pub credential: Option<CredentialId>,
    /// What the form has already; a choice may depend on it.
    pub inputs: Map<String, Value>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// What the input becomes.
    pub value: Value,
    /// What people see.
    pub label: String,
}

/// The choices.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Options {
    /// In the order in which the service tells them.
    pub items: Vec<Choice>,
    /// Whether there are more than are given.
    pub truncated: bool,
}

impl App {
    /// Reads the choices of an input.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such input with choices; [`Error::Call`]; [`Error::Invalid`] with what the
    /// service says against it, or with the input that it depends on.
    pub async fn connector_options(&self, who: &Principal, asked: OptionsOf<'_>) -> Result<Options> {
        permit(who, Action::CreateWorkflow)?;
        let pack = self.connector_pack(who, asked.connector).await?;
        let damaged = |_| Error::Internal("a connector cannot be read; import it again");
        let mut hints = match asked.form {
            Form::Operation(id) => pack.operation(id).map_err(damaged)?.ok_or(Error::NotFound)?.hints.options,
            Form::Event(id) => {
                let event = pack.trigger(id).map_err(damaged)?.ok_or(Error::NotFound)?;
                pack.event_options(&event.hints.unwrap_or_default()).map_err(damaged)?
            }
        };
        let hint = hints.remove(asked.input).ok_or(Error::NotFound)?;
        let lister = pack.operation(&hint.operation).map_err(damaged)?.ok_or(Error::NotFound)?;
        // A form is open while somebody types; only what reads may be called for it.
        let reads = match lister.hints.mail {
            Some(action) => action.is_list(),
            None => matches!(lister.method.as_str(), "GET" | "POST"),
        };
        if !reads {
            return Err(Error::NotFound);
        }
        let schemas = pack.schemas_of(&lister.input).map_err(damaged)?;
        let validator = Validator::of(&lister, &schemas);
        let mut inputs = fill(&hint.inputs, &|name| asked.inputs.get(name).cloned());
        validator.coerce(&mut inputs);
        paging::begin(&lister, &mut inputs);
        if let Some(fault) = validator.check(&inputs).into_iter().next() {
            return Err(wrong_input(fault));
        }
        let connection = match asked.credential {
            Some(id) => self.0.engine.connection_of(id).await?,
            None => Map::new(),
        };
        let answers = match lister.output.as_ref().filter(|_| lister.answers_xml) {
            Some(output) => pack.schemas_of(output).map_err(damaged)?,
            None => BTreeMap::new(),
        };
        let list = List {
            app: self,
            who,
            pack: &pack,
            lister: &lister,
            answers,
            hint: &hint,
            credential: asked.credential,
            connection,
        };
        match lister.hints.mail {
            Some(action) => list.read_mail(action, &inputs).await,
            None => list.read(inputs).await,
        }
    }
}

/// A list on its way.
struct List<'l> {
    app: &'l App,
    who: &'l Principal,
    pack: &'l Pack,
    lister: &'l Operation,
    /// The schemas by which its answers are read, where they are XML.
    answers: BTreeMap<String, Value>,
    hint: &'l DynamicOptions,
    credential: Option<CredentialId>,
    connection: Map<String, Value>,
}

impl List<'_> {
    async fn read(&self, mut inputs: Map<String, Value>) -> Result<Options> {
        let (mut options, mut before) = (Options::default(), 0);
        let mut request = self.request(&inputs)?;
        for number in 1..=MAX_PAGES {
            let url = request.url.clone();
            let reply = self.send(request).await?;
            let body = self.body_of(&reply);
            self.judge(&reply, &body)?;
            let links: Vec<&str> =
                reply.headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok()).collect();
            let link = links.join(", ");
            let page = paging::Page { inputs: &inputs, body: &body, link: &link, number, before };
            if self.take(&mut options, page.items(&self.hint.items)) {
                break;
            }
            let Some(next) = paging::next(self.lister, &page) else { break };
            before += page.items(&self.hint.items).len() as u64;
            if number == MAX_PAGES {
                options.truncated = true;
                break;
            }
            request = match next {
                paging::Next::Inputs(next) if next == inputs => break,
                paging::Next::Inputs(next) => {
                    inputs = next;
                    self.request(&inputs)?
                }
                paging::Next::Url(next) => self.at(&url, &next, &inputs)?,
                paging::Next::Refused(_) => {
                    options.truncated = true;
                    break;
                }
            };
        }
        Ok(options)
    }

    /// What a mail server lists; it has no pages.
    async fn read_mail(&self, action: mail::Action, inputs: &Map<String, Value>) -> Result<Options> {
        let work = mail::prepare(action, inputs).map_err(wrong_input)?;
        let call = Call {
            principal: self.who.clone(),
            purpose: Purpose::Options,
            credential: self.used(),
            intent: Intent::Record,
            request: MailRequest::new(MailWork::Operation(Box::new(work)), MAX_MAIL_BYTES, MAIL_TIMEOUT),
        };
        let answer = self.app.0.connect.mail(call).await.map_err(Error::Call)?.answer;
        let body = answer.map_err(|error| self.not_listed(&error.code))?.value;
        let page = paging::Page { inputs, body: &body, link: "", number: 1, before: 0 };
        let mut options = Options::default();
        self.take(&mut options, page.items(&self.hint.items));
        Ok(options)
    }

    /// Takes the choices of a page, and tells whether there are more than one list has.
    fn take(&self, options: &mut Options, items: &[Value]) -> bool {
        options.items.extend(items.iter().filter_map(|item| choice(self.hint, item)));
        options.truncated = options.items.len() > MAX_CHOICES;
        options.items.truncate(MAX_CHOICES);
        options.truncated
    }

    fn used(&self) -> Used {
        self.credential.map_or(Used::None, Used::Stored)
    }

    fn request(&self, inputs: &Map<String, Value>) -> Result<Request> {
        let connector = self.pack.connector();
        let base = Base {
            url: &connector.base_url,
            connection: &self.connection,
            defaults: &connector.connection,
            headers: &connector.flero.headers,
        };
        let built = build(&base, self.lister, inputs).map_err(wrong_input)?;
        let method = if built.method == "POST" { Method::POST } else { Method::GET };
        let mut request = Request::new(method, built.url);
        request.headers = built.headers;
        request.errors = self.errors().cloned().map(Arc::new);
        if let RequestBody::Text { media_type, text } = built.body {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            request.headers.push(("Content-Type".to_owned(), media_type));
            request.body = text.into();
        }
        Ok(request)
    }

    /// The request at the address that the last answer names. Without a credential only its own origin is asked: with
    /// one, the credential's policy says which hosts are meant.
    fn at(&self, former: &str, next: &str, inputs: &Map<String, Value>) -> Result<Request> {
        let mut request = self.request(inputs)?;
        let former =
            Url::parse(former).map_err(|_| Error::Internal("an address that was called is no URL"))?;
        let next = former
            .join(next)
            .ok()
            .filter(|next| self.credential.is_some() || next.origin() == former.origin());
        let next =
            next.ok_or_else(|| refused("The service's next page is at an address that is not asked."))?;
        request.url = next.into();
        Ok(request)
    }

    async fn send(&self, request: Request) -> Result<Reply> {
        if self.credential.is_some_and(|id| self.app.0.engine.limit_ms(id) > 0) {
            let name = &self.pack.summary().name;
            return Err(refused(&format!("{name} takes no more requests of this credential for now.")));
        }
        let call = Call {
            principal: self.who.clone(),
            purpose: Purpose::Options,
            credential: self.used(),
            intent: Intent::Record,
            request,
        };
        self.app.0.connect.send(call).await.map_err(Error::Call)
    }

    /// The body of an answer: JSON, or XML as the operation describes it.
    fn body_of(&self, reply: &Reply) -> Value {
        let xml = || {
            let kind = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let text = std::str::from_utf8(&reply.body).ok()?;
            xml::of_answer(self.lister, &self.answers, (reply.status, kind), text)
        };
        serde_json::from_slice(&reply.body).ok().or_else(xml).unwrap_or_default()
    }

    /// How the service tells of errors.
    fn errors(&self) -> Option<&ErrorRules> {
        self.lister.hints.errors.as_ref().or(self.pack.connector().flero.errors.as_ref())
    }

    fn judge(&self, reply: &Reply, body: &Value) -> Result<()> {
        let error = error_of(self.errors(), reply.status, body);
        self.app.0.engine.note_limit(self.credential, Some(self.pack), &reply.headers, error.as_ref());
        match error {
            None => Ok(()),
            Some(error) => {
                // What the service says about an error may quote what was sent, so its code alone is told.
                let code = error.code.map(|code| format!(", {code}")).unwrap_or_default();
                Err(self.not_listed(&format!("status {}{code}", reply.status)))
            }
        }
    }

    fn not_listed(&self, why: &str) -> Error {
        refused(&format!("{} did not list the choices ({why}).", self.pack.summary().name))
    }
}

fn wrong_input(fault: Fault) -> Error {
    Error::field(format!("/inputs{}", fault.pointer), "connector.input", fault.message)
}

fn refused(message: &str) -> Error {
    Error::field("", "connector.options", message)
}

fn choice(hint: &DynamicOptions, item: &Value) -> Option<Choice> {
    let value = item.pointer(&hint.value).filter(|value| !value.is_null() && !value.is_object())?.clone();
    let label = match item.pointer(&hint.label) {
        Some(Value::String(label)) if !label.trim().is_empty() => label.clone(),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    Some(Choice { value, label: label.chars().filter(|sign| !sign.is_control()).take(200).collect() })
}
