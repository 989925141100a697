//! Calendar arithmetic. Days and longer units keep the time of day of the zone; shorter ones are exact.

use super::Date;
use chrono::{DateTime, Datelike, Days, Duration, FixedOffset, Months, NaiveDate, NaiveTime, Timelike};

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A unit by name, in the singular or the plural.
pub(crate) fn parse_unit(name: &str) -> Option<Unit> {
    if name == "ms" {
        return Some(Unit::Millisecond);
    }
    Some(match name.strip_suffix('s').unwrap_or(name) {
        "millisecond" => Unit::Millisecond,
        "second" => Unit::Second,
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "quarter" => Unit::Quarter,
        "year" => Unit::Year,
        _ => return None,
    })
}

impl Unit {
    /// Milliseconds of an exact unit; a day counts 24 hours.
    fn ms(self) -> Option<i64> {
        Some(match self {
            Self::Millisecond => 1,
            Self::Second => 1000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 7 * 86_400_000,
            Self::Month | Self::Quarter | Self::Year => return None,
        })
    }

    fn months(self) -> Option<i64> {
        Some(match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
            _ => return None,
        })
    }
}

/// The date `amount` units later. A day that the month does not have becomes its last one.
pub(crate) fn shift(date: Date, amount: f64, unit: Unit) -> Option<Date> {
    if let Some(months) = unit.months() {
        let months = (amount as i64).checked_mul(months)?;
        let local = date.local().naive_local();
        let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        let moved =
            if months < 0 { local.checked_sub_months(count) } else { local.checked_add_months(count) }?;
        return Date::from_local(moved, date.zone());
    }
    if matches!(unit, Unit::Day | Unit::Week) && amount.fract() == 0.0 {
        let days = (amount as i64).checked_mul(if unit == Unit::Week { 7 } else { 1 })?;
        let count = Days::new(days.unsigned_abs());
        let local = date.local().naive_local();
        let moved = if days < 0 { local.checked_sub_days(count) } else { local.checked_add_days(count) }?;
        return Date::from_local(moved, date.zone());
    }
    let ms = (amount * unit.ms()? as f64).round();
    if !ms.is_finite() {
        return None;
    }
    Date::new(date.ms().checked_add(ms as i64)?, date.zone())
}

/// The first moment of the unit that holds the date. Weeks begin on Monday.
pub(crate) fn start_of(date: Date, unit: Unit) -> Option<Date> {
    let local = date.local();
    let day = local.date_naive();
    let first = match unit {
        Unit::Year => NaiveDate::from_ymd_opt(local.year(), 1, 1)?,
        Unit::Quarter => NaiveDate::from_ymd_opt(local.year(), local.month0() / 3 * 3 + 1, 1)?,
        Unit::Month => NaiveDate::from_ymd_opt(local.year(), local.month(), 1)?,
        Unit::Week => day.checked_sub_days(Days::new(u64::from(local.weekday().num_days_from_monday())))?,
        Unit::Day => day,
        // Offsets are whole seconds today, but were not always whole minutes: the clock reading decides.
        Unit::Hour | Unit::Minute | Unit::Second | Unit::Millisecond => {
            let within = i64::from(local.num_seconds_from_midnight()) * 1000
                + i64::from(local.timestamp_subsec_millis());
            return Date::new(date.ms() - within % unit.ms()?, date.zone());
        }
    };
    Date::from_local(first.and_time(NaiveTime::MIN), date.zone())
}

/// The last millisecond of the unit that holds the date.
pub(crate) fn end_of(date: Date, unit: Unit) -> Option<Date> {
    let start = start_of(date, unit)?;
    match shift(start, 1.0, unit) {
        Some(next) => Date::new(next.ms() - 1, date.zone()),
        // The end of the last year that is allowed.
        None => Date::new(*super::RANGE_MS.end(), date.zone()),
    }
}

/// How many units lie between `from` and `to`: exact with fractions, or, from months up, only whole ones.
pub(crate) fn difference(from: Date, to: Date, unit: Unit) -> f64 {
    if let Some(ms) = unit.ms() {
        return (to.ms() - from.ms()) as f64 / ms as f64;
    }
    let (left, right) = (from.local(), to.in_zone(from.zone()).local());
    let mut months =
        i64::from(right.year() - left.year()) * 12 + i64::from(right.month()) - i64::from(left.month());
    // The last month counts only if it is complete.
    let moved = shift(from, months as f64, Unit::Month).map_or(to.ms(), Date::ms);
    if months > 0 && moved > to.ms() {
        months -= 1;
    } else if months < 0 && moved < to.ms() {
        months += 1;
    }
    (months / unit.months().unwrap_or(1)) as f64
}

/// The date with one field changed, such as `hour` to 9; none if there is no such date or field.
pub(crate) fn with_field(date: Date, name: &str, value: i64) -> Option<Date> {
    let local: DateTime<FixedOffset> = date.local();
    let (day, time) = (local.date_naive(), local.time());
    let small = u32::try_from(value).ok()?;
    let (day, time) = match name {
        "year" => (clamp(i32::try_from(value).ok()?, day.month(), day.day())?, time),
        "month" => (clamp(day.year(), small, day.day())?, time),
        "day" => (day.with_day(small)?, time),
        "hour" => (day, time.with_hour(small)?),
        "minute" => (day, time.with_minute(small)?),
        "second" => (day, time.with_second(small)?),
        "millisecond" if small < 1000 => (day, time.with_nanosecond(small * 1_000_000)?),
        "weekday" if (1..=7).contains(&small) => {
            let moved = Duration::days(value - i64::from(day.weekday().number_from_monday()));
            (day.checked_add_signed(moved)?, time)
        }
        _ => return None,
    };
    Date::from_local(day.and_time(time), date.zone())
}

/// A date whose day is at most the last one of its month.
fn clamp(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    first.with_day(day.min(u32::from(first.num_days_in_month())))
}
