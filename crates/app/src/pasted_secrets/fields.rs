//! Signs that come from where a value stands: a header, a field or a query parameter that is named like a secret.

use data_encoding::BASE64;

/// The fewest characters of a value that its entropy says something about.
const MIN_LEN: usize = 12;
/// Bits per character from which a text looks random. English words have about 2.6 to 3.2 at these lengths; random
/// hexadecimal has 3.3 and more, random base64 4 and more. Source: the thresholds of detect-secrets
/// (<https://github.com/Yelp/detect-secrets>), lowered because here the name is a sign already.
const MIN_BITS: f64 = 3.0;

/// Whether a literal looks like a secret because of what it is called. Returns what kind.
pub(super) fn by_name(name: &str, value: &str) -> Option<String> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_header = matches!(plain.as_str(), "authorization" | "proxyauthorization" | "cookie");
    if !is_header && !is_secret_name(&plain) {
        return None;
    }
    // An expression is no literal: what it gives is not in the document.
    if value.contains("{{") {
        return None;
    }
    let (scheme, rest) = match value.split_once(' ') {
        Some((scheme, rest))
            if is_header && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') =>
        {
            (scheme.to_ascii_lowercase(), rest.trim())
        }
        _ => (String::new(), value.trim()),
    };
    if scheme == "basic" {
        let decoded = BASE64.decode(rest.as_bytes()).ok()?;
        return decoded.contains(&b':').then(|| "user name and password".to_owned());
    }
    looks_random(rest).then(|| format!("a value in `{}`", name.chars().take(60).collect::<String>()))
}

fn is_secret_name(plain: &str) -> bool {
    const WHOLE: &[&str] = &[
        "token",
        "secret",
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "apikey",
        "apitoken",
        "apisecret",
        "accesstoken",
        "authtoken",
        "refreshtoken",
        "idtoken",
        "bearertoken",
        "sessiontoken",
        "clientsecret",
        "appsecret",
        "consumersecret",
        "secretkey",
        "privatekey",
        "signingkey",
        "signingsecret",
        "webhooksecret",
        "encryptionkey",
        "accesskey",
        "secretaccesskey",
        "awssecretaccesskey",
        "privatetoken",
        "deploytoken",
        "jobtoken",
        "apppassword",
        "personalaccesstoken",
        "subscriptionkey",
        "ocpapimsubscriptionkey",
        "xapikey",
        "xapitoken",
        "xauthtoken",
        "xaccesstoken",
        "xauthkey",
        "xgitlabtoken",
        "xshopifyaccesstoken",
        "xvaulttoken",
        "xfunctionskey",
        "xwebhooksecret",
        "xmbxapikey",
        "circletoken",
        "ddapikey",
        "ddapplicationkey",
        "apiaccesstoken",
        "authkey",
        "auth",
        "sig",
        "signature",
        "sastoken",
    ];
    WHOLE.contains(&plain)
}

/// Whether a literal is long and mixed enough to be a generated secret.
fn looks_random(text: &str) -> bool {
    if text.len() < MIN_LEN
        || text.len() > 4_096
        || text.contains(char::is_whitespace)
        || is_placeholder(text)
    {
        return false;
    }
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    digits && letters && entropy(text) >= MIN_BITS
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["your", "example", "placeholder", "changeme", "<", "xxxx", "...", "****"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Shannon entropy in bits per byte (Shannon, "A Mathematical Theory of Communication", 1948).
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a text holds a URL with a password, or with a literal in a query parameter that is named like a secret.
pub(super) fn in_url(text: &str) -> Option<&'static str> {
    for (start, _) in text.match_indices("://") {
        let rest = &text[start + 3..];
        let end = rest
            .find(|letter: char| letter.is_whitespace() || "\"'<>`".contains(letter))
            .unwrap_or(rest.len());
        let rest = &rest[..end];
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        if let Some((user_info, _)) = authority.rsplit_once('@')
            && let Some((_, password)) = user_info.split_once(':')
            && !password.is_empty()
            && !user_info.contains("{{")
            && !is_placeholder(password)
        {
            return Some("user name and password in a URL");
        }
        if let Some((_, query)) = rest.split_once('?') {
            let query = query.split('#').next().unwrap_or_default();
            if query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .any(|(name, value)| is_secret_parameter(name, value))
            {
                return Some("a secret in a URL's query");
            }
        }
    }
    None
}

fn is_secret_parameter(name: &str, value: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    is_secret_name(&plain) && !value.contains("{{") && looks_random(value)
}
