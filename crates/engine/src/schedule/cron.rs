//! Cron patterns of five fields, and times on the clock of a zone.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use flero_model::Timestamp;

/// Reads a pattern of five fields: minute, hour, day of month, month, day of week.
pub(super) fn parse(text: &str) -> Result<Cron, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let pattern = parser.parse(text).map_err(|_| {
        "Expected five fields: minute, hour, day of month, month, day of week, for example `0 8 * * mon-fri`."
            .to_owned()
    })?;
    // A pattern such as 30 February never fires; that is a mistake and not a schedule.
    let probe = Utc
        .timestamp_millis_opt(0)
        .single()
        .and_then(|start| pattern.find_next_occurrence(&start, true).ok());
    probe.map(|_| pattern).ok_or_else(|| "No date fits this pattern; it would never fire.".to_owned())
}

/// The first moment after a time that fits the pattern on the clock of a zone.
pub(super) fn next_after(pattern: &Cron, zone: Tz, time: Timestamp) -> Option<Timestamp> {
    let clock = local(time, zone)?;
    let next = pattern.find_next_occurrence(&clock, false).ok()?;
    Some(Timestamp::from_millis(next.timestamp_millis()))
}

/// What a clock of the zone shows.
pub(super) fn local(time: Timestamp, zone: Tz) -> Option<DateTime<Tz>> {
    zone.timestamp_millis_opt(time.as_millis()).single()
}

/// Reads a time with an offset, or one without as the clock of a zone shows it. A time that clocks skip is the
/// moment of the jump; of one that they show twice it is the first.
pub(super) fn moment(text: &str, zone: Tz) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let naive = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    let at = naive
        .and_local_timezone(zone)
        .earliest()
        .or_else(|| (naive + chrono::Duration::hours(1)).and_local_timezone(zone).earliest())?;
    Some(Timestamp::from_millis(at.timestamp_millis()))
}
