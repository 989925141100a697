//! The rules of single values. Each takes the value as it was submitted and says whether it fits.

use flero_model::destination::parse_authority;

/// No line breaks or other control characters.
pub(super) fn no_control(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// RFC 7617 section 2: a colon would end the name.
pub(super) fn is_user_name(text: &str) -> bool {
    no_control(text) && !text.contains(':')
}

/// What may stand in a quoted string of a header (RFC 9110 section 5.6.4) without an escape.
pub(super) fn is_header_text(text: &str) -> bool {
    no_control(text) && text.is_ascii() && !text.contains(['"', '\\'])
}

/// A host name or address without a port.
pub(super) fn is_host(text: &str) -> bool {
    matches!(parse_authority(text), Ok((_, None)))
}

/// An access key ID: it stands in `Credential=id/date/...`, between separators. AWS gives 16 and more letters and
/// digits; services that speak S3 have forms of their own.
pub(super) fn is_access_key_id(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"/,=".contains(&byte))
}

/// A region such as `eu-central-1`, or `*` for signatures over several regions.
pub(super) fn is_aws_region(text: &str) -> bool {
    text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A signing name such as `execute-api`.
pub(super) fn is_aws_service(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// `arn:{partition}:iam::{account}:role/{path and name}` (IAM User Guide, "IAM identifiers").
pub(super) fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws")
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
            && no_control(text))
}

/// PEM blocks of one label and nothing else but blank lines and explanatory text (RFC 7468 section 2).
pub(super) fn is_pem(text: &str, label: &str) -> bool {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let begins = text.matches("-----BEGIN ").count();
    begins > 0 && begins == text.matches(&begin).count() && begins == text.matches(&end).count()
}

/// Whether a text is a header name (RFC 9110 section 5.6.2) that belongs to the request and not to the connection.
pub(super) fn is_free_header(text: &str) -> bool {
    const RESERVED: &[&str] = &[
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "keep-alive",
        "http2-settings",
    ];
    let lower = text.to_ascii_lowercase();
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        && !RESERVED.contains(&lower.as_str())
        && !lower.starts_with("proxy-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_arn_of_a_role_names_a_role() {
        assert!(is_role_arn("arn:aws:iam::123456789012:role/reader"));
        assert!(is_role_arn("arn:aws-cn:iam::123456789012:role/team/a/reader"));
        for text in [
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::1234:role/x",
            "reader",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(!is_role_arn(text), "{text}");
        }
    }

    #[test]
    fn a_certificate_is_no_key() {
        let block = |label: &str| format!("-----BEGIN {label}-----\nMIIB\n-----END {label}-----\n");
        assert!(is_pem(&block("CERTIFICATE"), "CERTIFICATE"));
        assert!(is_pem(&(block("CERTIFICATE") + &block("CERTIFICATE")), "CERTIFICATE"));
        assert!(!is_pem(&(block("CERTIFICATE") + &block("PRIVATE KEY")), "CERTIFICATE"));
        assert!(!is_pem("MIIB", "CERTIFICATE"));
    }

    #[test]
    fn a_host_has_no_port_and_no_path() {
        for text in ["db.example.com", "10.0.0.7", "[::1]"] {
            assert!(is_host(text), "{text}");
        }
        for text in ["db.example.com:5432", "db/x", "a@b", "", "https://db"] {
            assert!(!is_host(text), "{text}");
        }
    }
}
