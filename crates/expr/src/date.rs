//! Points in time with a time zone, for the date functions. The clock is never read here.

mod format;
mod math;
mod parse;
mod zone;

pub(crate) use math::{Unit, difference, end_of, parse_unit, shift, start_of, with_field};
pub(crate) use parse::{parse, parse_pattern};
pub(crate) use zone::Zone;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, Timelike};

/// The first and the last moment that is allowed: the years 0001 to 9999, which ISO 8601 writes with four digits.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// A moment, seen in a time zone.
#[derive(Clone, Copy, Debug)]
pub struct Date {
    ms: i64,
    zone: Zone,
}

impl Date {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z, if it is in the years 0001 to 9999.
    pub(crate) fn new(ms: i64, zone: Zone) -> Option<Self> {
        RANGE_MS.contains(&ms).then_some(Self { ms, zone })
    }

    /// 1970-01-01T00:00:00Z
    pub(crate) fn epoch() -> Self {
        Self { ms: 0, zone: Zone::utc() }
    }

    /// The moment at which clocks of the zone show `local`.
    pub(crate) fn from_local(local: NaiveDateTime, zone: Zone) -> Option<Self> {
        Self::new(zone.to_utc(local).and_utc().timestamp_millis(), zone)
    }

    pub(crate) fn ms(self) -> i64 {
        self.ms
    }

    pub(crate) fn zone(self) -> Zone {
        self.zone
    }

    pub(crate) fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// What a clock of the zone shows.
    pub(crate) fn local(self) -> DateTime<FixedOffset> {
        let utc = DateTime::from_timestamp_millis(self.ms).unwrap_or_default();
        utc.with_timezone(&self.zone.offset_at(utc.naive_utc()))
    }

    /// ISO 8601 with milliseconds; `Z` in UTC, else the offset.
    pub(crate) fn to_iso(self) -> String {
        let local = self.local();
        let pattern = if self.zone.is_utc() { "%Y-%m-%dT%H:%M:%S%.3fZ" } else { "%Y-%m-%dT%H:%M:%S%.3f%:z" };
        local.format(pattern).to_string()
    }

    /// The text by a pattern such as `yyyy-MM-dd`.
    pub(crate) fn format(self, pattern: &str) -> Result<String, String> {
        format::format(self, pattern)
    }

    /// A part by name, such as `year`; as numbers that people use: months and weekdays (Monday) begin with 1.
    pub(crate) fn part(self, name: &str) -> Option<i64> {
        let local = self.local();
        Some(match name {
            "year" => i64::from(local.year()),
            "quarter" => i64::from(local.month0() / 3 + 1),
            "month" => i64::from(local.month()),
            "week" => i64::from(local.iso_week().week()),
            "day" => i64::from(local.day()),
            "ordinal" => i64::from(local.ordinal()),
            "weekday" => i64::from(local.weekday().number_from_monday()),
            "hour" => i64::from(local.hour()),
            "minute" => i64::from(local.minute()),
            "second" => i64::from(local.second()),
            "millisecond" => i64::from(local.timestamp_subsec_millis()),
            _ => return None,
        })
    }

    /// The names that [`Self::part`] knows.
    pub(crate) const PARTS: [&'static str; 11] = [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "ordinal",
        "weekday",
        "hour",
        "minute",
        "second",
        "millisecond",
    ];
}
