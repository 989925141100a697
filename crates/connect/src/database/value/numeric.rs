//! `numeric` in its binary form: groups of four decimal digits (PostgreSQL, `src/backend/utils/adt/numeric.c`).

/// The number as text, with as many digits after the point as it has at the server.
pub(super) fn read(raw: &[u8]) -> Option<String> {
    let word = |place: usize| {
        let bytes = raw.get(place * 2..place * 2 + 2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    };
    let (groups, weight, sign, scale) = (word(0)?, word(1)?.cast_signed(), word(2)?, word(3)?);
    let negative = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xc000 => return Some("NaN".to_owned()),
        0xd000 => return Some("Infinity".to_owned()),
        0xf000 => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    let group = |place: i32| {
        let place = usize::try_from(place).ok().filter(|place| *place < usize::from(groups));
        place.map_or(Some(0), |place| word(place + 4))
    };
    let mut text = negative.to_owned();
    let weight = i32::from(weight);
    if weight < 0 {
        text.push('0');
    }
    for place in 0..=weight {
        let digits = group(place)?;
        text.push_str(&if place == 0 { digits.to_string() } else { format!("{digits:04}") });
    }
    if scale > 0 {
        text.push('.');
        let mut fraction = String::new();
        let mut place = weight + 1;
        while fraction.len() < usize::from(scale) {
            fraction.push_str(&format!("{:04}", group(place)?));
            place += 1;
        }
        fraction.truncate(usize::from(scale));
        text.push_str(&fraction);
    }
    Some(text)
}
