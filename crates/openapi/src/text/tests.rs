use serde_json::json;

use super::*;

#[test]
fn json_and_yaml_give_the_same_values() {
    let expected = json!({"a": {"200": [1, true, null, "x"]}, "b": "2024-01-01", "c": 1.5});
    let yaml = "a:\n  200: [1, true, null, x]\nb: 2024-01-01\nc: 1.5\n";
    assert_eq!(read(yaml.as_bytes()).unwrap(), expected);
    assert_eq!(read(expected.to_string().as_bytes()).unwrap(), expected);
}

#[test]
fn words_of_older_yaml_and_odd_numbers_stay_text() {
    let read = read(b"on: off\nyes: no\nzip: 01234\nn: 1_000\nx: .nan\ny: ~\n").unwrap();
    assert_eq!(read, json!({"on": "off", "yes": "no", "zip": "01234", "n": "1_000", "x": ".nan", "y": null}));
}

#[test]
fn byte_order_marks_and_trailing_commas_are_no_hindrance() {
    assert_eq!(read("\u{feff}{\"a\": 1}".as_bytes()).unwrap(), json!({"a": 1}));
    let utf16: Vec<u8> = "\u{feff}{\"a\": \"ü\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16).unwrap(), json!({"a": "ü"}));
    assert_eq!(read(b"{\"a\": [1, 2,],}").unwrap(), json!({"a": [1, 2]}));
}

#[test]
fn a_fault_is_told_with_its_line_and_without_the_text() {
    for text in ["{\n \"secret-word\": ]}", "a: b\n  secret-word: : [\n", "\"secret-word", "a: *secret-word"]
    {
        let fault = read(text.as_bytes()).unwrap_err();
        assert!(!fault.to_string().contains("secret-word"), "{fault}");
        assert!(matches!(fault, Error::Syntax { .. } | Error::Excessive { .. }), "{text}: {fault:?}");
    }
    let Error::Syntax { line, .. } = read(b"{\n\n \"a\": ]}").unwrap_err() else { panic!() };
    assert_eq!(line, 3);
    assert_eq!(read(b" \n"), Err(Error::Empty));
    assert_eq!(read(&[0xff, 0x00, 0x41]), Err(Error::NotText));
}

#[test]
fn hostile_documents_are_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")));
    }
    assert!(matches!(read(bomb.as_bytes()), Err(Error::Excessive { .. })));
    for open in ["[", "{\"a\":", "- ", "a: [", "{a: "] {
        let deep = open.repeat(100_000);
        assert!(read(deep.as_bytes()).is_err(), "{open}");
    }
    assert_eq!(read(&vec![b' '; MAX_DOCUMENT_BYTES + 1]), Err(Error::TooLarge));
    // Two bytes each, and 72 in memory.
    for (open, item, close) in [("[", "0,", "0]"), ("{\"a\":[", "[],", "0]}"), ("- ", "\n- ", "0")] {
        let many = format!("{open}{}{close}", item.repeat(MAX_VALUES));
        let refused = read(many.as_bytes()).unwrap_err();
        assert!(matches!(refused, Error::Excessive { .. }), "{open}: {refused}");
    }
}
