//! Where a service is called: base addresses, the parameters of the connection in them, and the hosts that follow.

use flero_model::service::{Field, Format, HostClass, HostRule, Template};
use serde_json::{Map, Value};

use super::Work;
use crate::{
    document::Version,
    limits::{MAX_ADDRESS_BYTES, MAX_PARAMETERS},
    names,
};

/// A base address with what it asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Base {
    /// The address without a slash at its end.
    pub(super) url: String,
    pub(super) fields: Vec<Field>,
    pub(super) hosts: Vec<HostRule>,
}

/// The name of the parameter that holds a host that the document does not tell.
const HOST: &str = "host";

impl Work<'_> {
    /// The base address of a document, a path or an operation that has `servers`.
    pub(super) fn servers(&mut self, holder: &Map<String, Value>) -> Base {
        let mut base = self.chosen(holder);
        if !self.flero.hosts.is_empty() {
            base.hosts = self.flero.hosts.clone();
        }
        base.fields.retain(|field| !self.path_keys.contains(&field.name));
        for field in &mut base.fields {
            if let Some(asked) = self.flero.connection.iter().find(|asked| asked.name == field.name) {
                field.clone_from(asked);
            }
        }
        base
    }

    fn chosen(&self, holder: &Map<String, Value>) -> Base {
        let urls = if self.document.version == Version::V2 { swagger(holder) } else { listed(holder) };
        // Plain http is taken only where nothing else is offered: no secret should ever go that way.
        let absolute: Vec<&(String, Map<String, Value>)> =
            urls.iter().filter(|(url, _)| url.starts_with("https://")).collect();
        let plain = urls.iter().find(|(url, _)| url.starts_with("http://"));
        match absolute.as_slice() {
            [] => match plain {
                Some((url, variables)) => of_url(url, variables),
                None => typed(urls.first().map_or("", |(url, _)| url)),
            },
            [(url, variables)] => of_url(url, variables),
            several => choice(several).unwrap_or_else(|| of_url(&several[0].0, &several[0].1)),
        }
    }
}

/// `servers` of OpenAPI 3.
fn listed(holder: &Map<String, Value>) -> Vec<(String, Map<String, Value>)> {
    let servers = holder.get("servers").and_then(Value::as_array);
    let read = |server: &Value| {
        let url = server.get("url")?.as_str()?.trim();
        if url.len() > MAX_ADDRESS_BYTES {
            return None;
        }
        let url = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
        let variables = server.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
        Some((url, variables))
    };
    servers.into_iter().flatten().take(MAX_PARAMETERS).filter_map(read).collect()
}

/// `schemes`, `host` and `basePath` of Swagger 2.0.
fn swagger(holder: &Map<String, Value>) -> Vec<(String, Map<String, Value>)> {
    let text = |name: &str| {
        let text = holder.get(name).and_then(Value::as_str).unwrap_or_default().trim();
        if text.len() > MAX_ADDRESS_BYTES { "" } else { text }
    };
    let path = text("basePath").trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    let host = text("host").trim_end_matches('/');
    // Some write the protocol there, which belongs into `schemes`.
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    if host.is_empty() {
        return vec![(path, Map::new())];
    }
    let schemes = holder.get("schemes").and_then(Value::as_array);
    let only_plain = schemes.is_some_and(|all| !all.is_empty() && all.iter().all(|one| one != "https"));
    let scheme = if only_plain { "http" } else { "https" };
    vec![(format!("{scheme}://{host}{path}"), Map::new())]
}

/// A base address whose host a person has to tell, because the document does not.
fn typed(path: &str) -> Base {
    let path = path.trim_matches('/');
    let path = if path.is_empty() || Template::new(path).is_err() || path.contains("{") {
        String::new()
    } else {
        format!("/{path}")
    };
    let field = Field {
        name: HOST.to_owned(),
        label: "Host".to_owned(),
        help: "The description names no server. Enter the host of yours, for example api.example.com."
            .to_owned(),
        secret: false,
        optional: false,
        default: None,
        choices: Vec::new(),
        format: Format::Host,
    };
    let hosts = rule("{host}", HostClass::Typed).into_iter().collect();
    Base { url: format!("https://{{{HOST}}}{path}"), fields: vec![field], hosts }
}

/// Servers that differ in their host alone (regions, a sandbox) are a choice.
fn choice(servers: &[&(String, Map<String, Value>)]) -> Option<Base> {
    let mut hosts: Vec<&str> = Vec::new();
    let mut path = None;
    for (url, _) in servers {
        let rest = url.strip_prefix("https://")?;
        let (host, tail) = rest.split_once('/').map_or((rest, ""), |(host, tail)| (host, tail));
        if host.contains(['{', '@']) || tail.contains('{') || *path.get_or_insert(tail) != tail {
            return None;
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let path = path.filter(|path| !path.is_empty()).map(|path| format!("/{path}")).unwrap_or_default();
    let rules = hosts.iter().filter_map(|host| rule(host, HostClass::Listed)).collect();
    if let [only] = hosts.as_slice() {
        let hosts = rule(only, HostClass::Fixed).into_iter().collect();
        return Some(Base { url: format!("https://{only}{path}"), fields: Vec::new(), hosts });
    }
    let field = Field {
        name: HOST.to_owned(),
        label: "Server".to_owned(),
        help: String::new(),
        secret: false,
        optional: true,
        default: hosts.first().map(|host| (*host).to_owned()),
        choices: hosts.iter().map(|host| (*host).to_owned()).collect(),
        format: Format::Host,
    };
    Some(Base { url: format!("https://{{{HOST}}}{path}"), fields: vec![field], hosts: rules })
}

/// One address with variables.
fn of_url(url: &str, variables: &Map<String, Value>) -> Base {
    if Template::new(url).is_err() {
        return typed("");
    }
    let Some((scheme, rest)) = url.split_once("://") else { return typed(url) };
    let (host, tail) = rest.split_once('/').map_or((rest, ""), |(host, tail)| (host, tail));
    // What stands before an @ would be read as a user name.
    if host.is_empty() || host.contains('@') {
        return typed(tail);
    }
    let Ok(template) = Template::new(url) else { return typed(tail) };
    let mut fields: Vec<Field> = Vec::new();
    for name in template.names() {
        if fields.iter().all(|field| field.name != name) {
            let in_host = host.contains(&format!("{{{name}}}"));
            fields.push(field(name, variables.get(name), in_host.then_some(host)));
        }
    }
    let class = host_class(host, &fields);
    let host = if scheme == "http" { format!("http://{host}") } else { host.to_owned() };
    Base { url: url.to_owned(), hosts: rule(&host, class).into_iter().collect(), fields }
}

fn rule(host: &str, class: HostClass) -> Option<HostRule> {
    Template::new(host).ok().map(|host| HostRule { host, class })
}

fn host_class(host: &str, fields: &[Field]) -> HostClass {
    let mut asked = fields.iter().filter(|field| host.contains(&format!("{{{}}}", field.name))).peekable();
    if asked.peek().is_none() {
        return HostClass::Fixed;
    }
    if asked.clone().all(|field| !field.choices.is_empty()) {
        return HostClass::Listed;
    }
    if asked.all(|field| field.format == Format::HostLabel || !field.choices.is_empty()) {
        HostClass::Label
    } else {
        HostClass::Typed
    }
}

/// How a variable is asked for. One that is a whole label inside a domain can be nothing else than a label.
fn field(name: &str, variable: Option<&Value>, host: Option<&str>) -> Field {
    let text = |member: &str| variable.and_then(|variable| variable.get(member)).and_then(scalar);
    let choices = variable.and_then(|variable| variable.get("enum")).and_then(Value::as_array);
    let choices: Vec<String> = choices.into_iter().flatten().filter_map(scalar).collect();
    let format = match host {
        None => Format::Text,
        Some(host) => {
            let domain = host.split_once(&format!("{{{name}}}.")).map(|(_, domain)| domain);
            let is_label = domain.is_some_and(|domain| domain.contains('.') && !domain.contains('{'));
            if is_label { Format::HostLabel } else { Format::Host }
        }
    };
    let default = text("default").filter(|default| !default.is_empty());
    Field {
        name: name.to_owned(),
        label: names::humanize(name),
        help: names::plain(&text("description").unwrap_or_default(), 300),
        secret: false,
        optional: default.is_some(),
        default,
        choices,
        format,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
