//! When schedules fire: interval, cron and once, in a time zone and within an active window.
//!
//! Pure: the time is given. Where clocks are set forward, a cron time that does not exist fires at the moment
//! of the jump; where they are set back, a cron time that exists twice fires once (croner follows Vixie cron and
//! the Open Cron Pattern Specification). Intervals count from a fixed origin and know no clock changes.

mod cron;
mod window;

use chrono_tz::Tz;
use flero_model::{Timestamp, problem::FieldProblem};
use serde_json::{Map, Value};

use crate::{params::Reader, template::Template};
use window::Window;

/// The shortest interval, in milliseconds.
const MIN_INTERVAL_MS: u64 = 1_000;
/// The longest interval, in milliseconds: a year.
const MAX_INTERVAL_MS: u64 = 366 * 86_400_000;
/// How many fires outside the window are passed over before a schedule counts as one that never fires.
const MAX_PASSED_OVER: u32 = 10_000;

/// How fires follow each other.
#[derive(Debug, Clone)]
enum Rhythm {
    /// Every so many milliseconds since the start of 1970.
    Interval(i64),
    /// By a pattern of five fields.
    Cron(Box<croner::Cron>),
    /// At one moment.
    Once(Timestamp),
}

/// A schedule, read and ready to be asked.
#[derive(Debug, Clone)]
pub struct Schedule {
    rhythm: Rhythm,
    zone: Tz,
    window: Window,
    /// What a fire gives to its run.
    pub(crate) payload: Option<Template>,
}

impl Schedule {
    /// Reads the parameters of a ScheduleTrigger.
    ///
    /// # Errors
    /// Every fault, with pointers that begin at the parameters.
    pub fn parse(parameters: &Map<String, Value>) -> Result<Self, Vec<FieldProblem>> {
        let mut reader = Reader::of(parameters, "ScheduleTrigger", "");
        let schedule = read(&mut reader);
        let problems = reader.into_problems();
        schedule.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The first fire after a time, or `None` when there is none any more.
    #[must_use]
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let mut time = time;
        for _ in 0..MAX_PASSED_OVER {
            let fire = match &self.rhythm {
                Rhythm::Once(at) => (*at > time).then_some(*at)?,
                Rhythm::Interval(every) => {
                    let passed = time.as_millis().div_euclid(*every);
                    Timestamp::from_millis(passed.checked_add(1)?.checked_mul(*every)?)
                }
                Rhythm::Cron(pattern) => cron::next_after(pattern, self.zone, time)?,
            };
            if self.window.ends_before(fire) {
                return None;
            }
            if self.window.holds(fire, self.zone) {
                return Some(fire);
            }
            // A rhythm of seconds would need many steps to leave a closed night; the window knows its next opening.
            time = self.window.skip_to(fire, self.zone).unwrap_or(fire);
        }
        None
    }
}

/// The next fires of a schedule after a time, at most `count`.
///
/// # Errors
/// The faults of the parameters.
pub fn next_fires(
    parameters: &Map<String, Value>,
    after: Timestamp,
    count: usize,
) -> Result<Vec<Timestamp>, Vec<FieldProblem>> {
    let schedule = Schedule::parse(parameters)?;
    Ok(std::iter::successors(schedule.next_after(after), |fire| schedule.next_after(*fire))
        .take(count)
        .collect())
}

/// Reads the parameters that say when a schedule fires, and `payload`.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Schedule> {
    let zone = match reader.fixed_text("timeZone", 60) {
        None => Some(Tz::UTC),
        Some(name) => {
            let zone = name.parse::<Tz>().ok();
            if zone.is_none() {
                let message =
                    "Expected the name of a time zone of the IANA database, for example Europe/Berlin.";
                reader.fault("timeZone", "node.time_zone", message);
            }
            zone
        }
    };
    let window = window::read(reader);
    let payload = reader.template("payload");
    let (interval, pattern, at) = (
        reader.fixed_number("intervalMs", MIN_INTERVAL_MS, MAX_INTERVAL_MS),
        reader.fixed_text("cron", 200),
        reader.fixed_text("at", 60),
    );
    let kinds = [("interval", 0), ("cron", 1), ("once", 2)];
    let rhythm = match reader.choice("type", &kinds) {
        Some(0) => need(reader, "intervalMs", interval)
            .and_then(|every| i64::try_from(every).ok())
            .map(Rhythm::Interval),
        Some(1) => {
            let pattern = need(reader, "cron", pattern)?;
            cron::parse(pattern)
                .map_err(|fault| reader.fault("cron", "node.cron", fault))
                .ok()
                .map(Box::new)
                .map(Rhythm::Cron)
        }
        Some(_) => {
            let text = need(reader, "at", at)?;
            let time = cron::moment(text, zone?);
            if time.is_none() {
                let message = "Expected a time, for example 2026-01-31T08:00:00Z, or without an offset in the schedule's time zone.";
                reader.fault("at", "node.parameter", message);
            }
            time.map(Rhythm::Once)
        }
        None => {
            if reader.raw("type").is_none() {
                reader.fault("type", "node.required", "Give one of: interval, cron, once.");
            }
            None
        }
    };
    Some(Schedule { rhythm: rhythm?, zone: zone?, window: window?, payload })
}

/// What is required by the type, with a fault where it is absent. A faulty one was told already.
fn need<T>(reader: &mut Reader<'_>, name: &'static str, value: Option<T>) -> Option<T> {
    if value.is_none() && reader.raw(name).is_none() {
        reader.fault(name, "node.required", "This is required by the schedule's type.");
    }
    value
}

#[cfg(test)]
mod tests;
