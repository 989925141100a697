//! Time zones: UTC, a fixed offset, or a name of the IANA database.

use chrono::{Duration, FixedOffset, NaiveDateTime, Offset, TimeZone, Utc};

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    Fixed(FixedOffset),
    Named(chrono_tz::Tz),
}

impl Zone {
    pub(crate) fn utc() -> Self {
        Self::Fixed(Utc.fix())
    }

    pub(crate) fn is_utc(self) -> bool {
        self == Self::utc()
    }

    /// A zone by name: `UTC`, `Z`, an offset such as `+02:00`, or a name such as `Europe/Zurich`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        // The longest name has 32 characters.
        if name.len() > 64 {
            return None;
        }
        if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("z") {
            return Some(Self::utc());
        }
        if let Some(seconds) = parse_offset(name) {
            return FixedOffset::east_opt(seconds).map(Self::Fixed);
        }
        name.parse().ok().map(Self::Named)
    }

    pub(crate) fn offset_at(self, utc: NaiveDateTime) -> FixedOffset {
        match self {
            Self::Fixed(offset) => offset,
            Self::Named(zone) => zone.offset_from_utc_datetime(&utc).fix(),
        }
    }

    /// The moment at which clocks show `local`. Of two such moments the first; of none, as if the clocks had not
    /// been put forward yet. (ECMA-262, GetUTCEpochNanoseconds)
    pub(crate) fn to_utc(self, local: NaiveDateTime) -> NaiveDateTime {
        let offset = match self {
            Self::Fixed(offset) => offset,
            Self::Named(zone) => match zone.offset_from_local_datetime(&local).earliest() {
                Some(offset) => offset.fix(),
                None => {
                    let before = local.checked_sub_signed(Duration::days(1)).unwrap_or(local);
                    self.offset_at(before)
                }
            },
        };
        local.checked_sub_offset(offset).unwrap_or(local)
    }

    /// The name of the zone: `UTC`, `Europe/Zurich`, `+02:00`.
    pub(crate) fn name(self) -> String {
        match self {
            zone if zone.is_utc() => "UTC".to_owned(),
            Self::Fixed(offset) => offset.to_string(),
            Self::Named(zone) => zone.name().to_owned(),
        }
    }
}

/// Seconds east of UTC of `+02:00`, `+0200` or `+02`.
pub(crate) fn parse_offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let well_formed = match text.len() {
        3 | 5 => digits.len() == text.len() - 1,
        6 => digits.len() == 4 && text.as_bytes()[3] == b':',
        _ => false,
    };
    if !well_formed || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Ok(0), str::parse).ok()?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}
