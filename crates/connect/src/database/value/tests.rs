use super::*;

#[test]
fn times_are_written_as_the_standard_has_them() {
    assert_eq!(time::timestamp(0, "Z"), "2000-01-01T00:00:00Z");
    assert_eq!(time::timestamp(-1, ""), "1999-12-31T23:59:59.999999");
    assert_eq!(time::date(59), "2000-02-29");
    assert_eq!(time::date(-10_957), "1970-01-01");
    assert_eq!(time::timestamp(i64::MAX, "Z"), "infinity");
}

#[test]
fn numbers_keep_every_digit() {
    let of =
        |words: &[u16]| numeric::read(&words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>());
    assert_eq!(of(&[3, 1, 0, 2, 1, 2345, 6700]).as_deref(), Some("12345.67"));
    assert_eq!(of(&[1, 0xffff, 0x4000, 3, 50]).as_deref(), Some("-0.005"));
    assert_eq!(of(&[0, 0, 0, 2]).as_deref(), Some("0.00"));
    assert_eq!(of(&[1, 2, 0, 0, 7]).as_deref(), Some("700000000"));
    assert_eq!(of(&[0, 0, 0xc000, 0]).as_deref(), Some("NaN"));
    assert_eq!(of(&[1, 0]), None);
}

#[test]
fn arrays_are_quoted_member_by_member() {
    let mut out = BytesMut::new();
    let items = [json!("a\"b\\c,{}"), Value::Null, json!(7)];
    write_array(&items, &Type::TEXT, &mut out).unwrap();
    assert_eq!(&out[..], br#"{"a\"b\\c,{}",NULL,"7"}"#);
}
