//! Names of folders on the wire: modified UTF-7 (RFC 3501 section 5.1.3).

use data_encoding::BASE64_NOPAD;

/// A name as the server takes it. `INBOX` is the same in every case.
pub(super) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(letter) = rest.chars().next() {
        let plain = |letter: char| matches!(letter, ' '..='~');
        if plain(letter) {
            out.push(letter);
            if letter == '&' {
                out.push('-');
            }
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let end = rest.find(plain).unwrap_or(rest.len());
        let units: Vec<u8> = rest[..end].encode_utf16().flat_map(u16::to_be_bytes).collect();
        out.push('&');
        out.push_str(&BASE64_NOPAD.encode(&units).replace('/', ","));
        out.push('-');
        rest = &rest[end..];
    }
    out
}

/// The name that a server wrote. One that is no modified UTF-7 is taken as it stands, as servers with UTF-8 write it.
pub(super) fn decoded(name: &str) -> String {
    decode(name).unwrap_or_else(|| name.to_owned())
}

fn decode(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (coded, tail) = after.split_once('-')?;
        if coded.is_empty() {
            out.push('&');
        } else {
            let units = BASE64_NOPAD.decode(coded.replace(',', "/").as_bytes()).ok()?;
            let (pairs, []) = units.as_chunks::<2>() else { return None };
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            out.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_rfc_does() {
        for (name, coded) in [
            // RFC 3501 section 5.1.3.
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("a & b", "a &- b"),
            ("😀", "&2D3eAA-"),
            ("INBOX", "INBOX"),
        ] {
            assert_eq!((encoded(name).as_str(), decoded(coded).as_str()), (coded, name));
        }
        for odd in ["a&", "a&b", "&AP-", "&2D0-"] {
            assert_eq!(decoded(odd), odd);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC{0,40}") {
            proptest::prop_assert_eq!(decoded(&encoded(&name)), name);
        }
    }
}
