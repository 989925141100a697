//! The active window of a schedule: dates, days of the week, hours of the day.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use flero_model::Timestamp;
use serde_json::Value;

use super::cron::{local, moment};
use crate::params::Reader;

/// When a schedule may fire. Everything is optional; the default never closes.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Days of the week; empty for all.
    days: Vec<Weekday>,
    /// Begin (included) and end (excluded) on the clock. An end before the begin reaches over midnight.
    hours: Option<(NaiveTime, NaiveTime)>,
}

impl Window {
    /// Whether the window never opens again after a time.
    pub(super) fn ends_before(&self, time: Timestamp) -> bool {
        self.until.is_some_and(|until| time > until)
    }

    /// Whether it is open at a time.
    pub(super) fn holds(&self, time: Timestamp, zone: Tz) -> bool {
        if self.from.is_some_and(|from| time < from) || self.ends_before(time) {
            return false;
        }
        if self.days.is_empty() && self.hours.is_none() {
            return true;
        }
        let Some(clock) = local(time, zone) else { return false };
        let (begins_on, open) = match self.hours {
            None => (clock.date_naive(), true),
            Some((begin, end)) if begin <= end => {
                (clock.date_naive(), clock.time() >= begin && clock.time() < end)
            }
            // Over midnight: the small hours belong to the day on which the window opened.
            Some((_, end)) if clock.time() < end => (clock.date_naive().pred_opt().unwrap_or_default(), true),
            Some((begin, _)) => (clock.date_naive(), clock.time() >= begin),
        };
        open && (self.days.is_empty() || self.days.contains(&begins_on.weekday()))
    }

    /// Just before the next moment at which it may open after `time`, at which it is closed.
    pub(super) fn skip_to(&self, time: Timestamp, zone: Tz) -> Option<Timestamp> {
        if let Some(from) = self.from.filter(|from| time < *from) {
            return Some(from.plus_millis(-1));
        }
        let clock = local(time, zone)?;
        let begin = self.hours.map_or(NaiveTime::MIN, |(begin, _)| begin);
        let today = opening(clock.date_naive(), begin, zone);
        let next = match today {
            Some(today) if today > time => today,
            _ => opening(clock.date_naive().checked_add_days(Days::new(1))?, begin, zone)?,
        };
        Some(next.plus_millis(-1)).filter(|before| *before > time)
    }
}

fn opening(day: NaiveDate, begin: NaiveTime, zone: Tz) -> Option<Timestamp> {
    let local = day.and_time(begin).and_local_timezone(zone);
    // Where clocks are set forward over the begin, an hour before it is soon enough: fires are checked one by one.
    let at: DateTime<Utc> = local.earliest().map(|at| at.to_utc()).or_else(|| {
        let before = day.and_time(begin) - chrono::Duration::hours(3);
        before.and_local_timezone(zone).earliest().map(|at| at.to_utc())
    })?;
    Some(Timestamp::from_millis(at.timestamp_millis()))
}

/// Reads `window` `{"from","until","days":["mon",...],"hours":{"from":"08:00","to":"18:00"}}`.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Window> {
    let Some(value) = reader.raw("window") else { return Some(Window::default()) };
    let Some(object) = value.as_object() else {
        reader.fault("window", "node.parameter", "Expected an object with from, until, days or hours.");
        return None;
    };
    reader.only("window", object, &["from", "until", "days", "hours"]);
    let mut window = Window::default();
    for (name, slot) in [("from", &mut window.from), ("until", &mut window.until)] {
        let Some(value) = object.get(name).filter(|value| !value.is_null()) else { continue };
        *slot = value.as_str().and_then(|text| moment(text, Tz::UTC));
        if slot.is_none() {
            reader.fault(&format!("window/{name}"), "node.parameter", "Expected a time as in RFC 3339.");
        }
    }
    if let Some(days) = object.get("days").filter(|value| !value.is_null()) {
        let read = |day: &Value| day.as_str().and_then(|text| text.parse::<Weekday>().ok());
        match days.as_array().and_then(|days| days.iter().map(read).collect::<Option<Vec<_>>>()) {
            Some(days) if !days.is_empty() => window.days = days,
            _ => reader.fault("window/days", "node.parameter", "Expected days such as [\"mon\", \"tue\"]."),
        }
    }
    if let Some(hours) = object.get("hours").filter(|value| !value.is_null()) {
        let read = |name: &str| {
            let text = hours.get(name).and_then(Value::as_str)?;
            // The end of a day is written as 24:00 by many; here it is the begin of the next.
            if text == "24:00" { Some(NaiveTime::MIN) } else { NaiveTime::parse_from_str(text, "%H:%M").ok() }
        };
        match (read("from"), read("to")) {
            (Some(from), Some(to)) if from != to => window.hours = Some((from, to)),
            (Some(NaiveTime::MIN), Some(_)) => {}
            _ => reader.fault(
                "window/hours",
                "node.parameter",
                "Expected {\"from\": \"08:00\", \"to\": \"18:00\"}.",
            ),
        }
    }
    Some(window)
}
