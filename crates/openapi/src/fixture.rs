//! Exchanges as vendors document them: a request and its answer in a file of `fixtures/`, in the form of HTTP/1.1
//! messages (RFC 9112), with the page where they stand in the first line.

use serde_json::Value;

/// A documented exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixture {
    /// The vendor's page.
    pub page: String,
    /// Whether the exchange was composed by the rules of that page because it shows no whole example.
    pub is_composed: bool,
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header fields of the request, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body of the request.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
    /// Header fields of the answer, names in small letters.
    pub answer_headers: Vec<(String, String)>,
    /// The body of the answer.
    pub answer: String,
}

/// The second line of an exchange that is not the vendor's own example.
const COMPOSED: &str = "# Composed";

/// What stands between the request and the answer.
const BETWEEN: &str = "\n###\n";

impl Fixture {
    /// Reads a fixture.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let (first, rest) = text.split_once('\n').ok_or("the file is empty")?;
        let page = first.strip_prefix("# ").map(str::trim).filter(|page| page.starts_with("https://"));
        let page =
            page.ok_or("the first line is `# ` and the https:// address of the vendor's page")?.to_owned();
        let (is_composed, rest) = match rest.split_once('\n') {
            Some((second, after)) if second.trim_end() == COMPOSED => (true, after),
            _ => (false, rest),
        };
        let (request, answer) =
            rest.split_once(BETWEEN).ok_or("a line `###` stands between request and answer")?;
        let (line, headers, body) = message(request)?;
        let mut words = line.split_ascii_whitespace();
        let (Some(method), Some(url)) = (words.next(), words.next()) else {
            return Err("the request begins with a method and a URL".to_owned());
        };
        let (status_line, answer_headers, answer) = message(answer)?;
        let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.ok_or("the answer begins with `HTTP/1.1` and a status")?;
        Ok(Self {
            page,
            is_composed,
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body,
            status,
            answer_headers,
            answer,
        })
    }

    /// The answer's body as JSON; null when it is empty or no JSON.
    #[must_use]
    pub fn answer_json(&self) -> Value {
        serde_json::from_str(&self.answer).unwrap_or(Value::Null)
    }

    /// A header field of the request.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// First line, header fields and body of a message.
type Message = (String, Vec<(String, String)>, String);

fn message(text: &str) -> Result<Message, String> {
    let text = text.trim_start_matches('\n');
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().trim().to_owned();
    let mut headers = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (name, value) =
            line.split_once(':').ok_or_else(|| "a header field is written `Name: value`".to_owned())?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok((first, headers, body.trim().to_owned()))
}
