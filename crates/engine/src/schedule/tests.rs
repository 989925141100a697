//! Schedules over clock changes, windows, ends.

use std::collections::HashMap;

use chrono::{Datelike, TimeZone};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn fires(parameters: Value, after: &str, count: usize) -> Vec<String> {
    let parameters = parameters.as_object().unwrap();
    next_fires(parameters, at(after), count)
        .unwrap()
        .iter()
        .map(|fire| fire.to_string().replace(".000Z", "Z"))
        .collect()
}

/// New York, 8 March 2026: at 02:00 the clocks go to 03:00. 1 November: at 02:00 they go back to 01:00.
#[test]
fn new_york_fires_once_a_day_over_both_clock_changes() {
    let half_past = |hour: u32| json!({"type": "cron", "cron": format!("30 {hour} * * *"), "timeZone": "America/New_York"});
    assert_eq!(
        fires(half_past(2), "2026-03-07T00:00:00Z", 3),
        // The time that does not exist is the moment of the jump.
        ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]
    );
    assert_eq!(
        fires(half_past(1), "2026-10-31T00:00:00Z", 3),
        // Of the time that exists twice only the first counts.
        ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
    );
}

#[test]
fn an_interval_knows_no_clock_changes() {
    let every = json!({"type": "interval", "intervalMs": 3_600_000, "timeZone": "America/New_York"});
    assert_eq!(
        fires(every.clone(), "2026-03-08T05:30:00Z", 3),
        ["2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"]
    );
    assert_eq!(
        fires(every, "2026-11-01T04:59:59Z", 3),
        ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"]
    );
}

#[test]
fn once_fires_once_in_its_zone() {
    let once = json!({"type": "once", "at": "2026-07-01T08:00", "timeZone": "Europe/Berlin"});
    assert_eq!(fires(once.clone(), "2026-01-01T00:00:00Z", 5), ["2026-07-01T06:00:00Z"]);
    assert_eq!(fires(once, "2026-07-01T06:00:00Z", 5), Vec::<String>::new());
    let skipped = json!({"type": "once", "at": "2026-03-08T02:30", "timeZone": "America/New_York"});
    assert_eq!(fires(skipped, "2026-01-01T00:00:00Z", 5), ["2026-03-08T07:30:00Z"]);
}

#[test]
fn a_window_keeps_fires_to_its_hours_days_and_dates() {
    let office = json!({"type": "interval", "intervalMs": 14_400_000, "timeZone": "Europe/Berlin",
        "window": {"from": "2026-06-01T00:00:00Z", "until": "2026-06-09T00:00:00Z", "days": ["mon", "tue"], "hours": {"from": "08:00", "to": "16:30"}}});
    // 08:00 in Berlin is 06:00Z in June; the fires are at 00, 04, 08, 12, ... UTC.
    assert_eq!(
        fires(office, "2026-01-01T00:00:00Z", 20),
        [
            "2026-06-01T08:00:00Z",
            "2026-06-01T12:00:00Z",
            "2026-06-02T08:00:00Z",
            "2026-06-02T12:00:00Z",
            "2026-06-08T08:00:00Z",
            "2026-06-08T12:00:00Z"
        ]
    );
    let night = json!({"type": "cron", "cron": "0 * * * *", "window": {"days": ["fri"], "hours": {"from": "22:00", "to": "02:00"}}});
    assert_eq!(
        fires(night, "2026-01-01T00:00:00Z", 4),
        ["2026-01-02T22:00:00Z", "2026-01-02T23:00:00Z", "2026-01-03T00:00:00Z", "2026-01-03T01:00:00Z"]
    );
}

#[test]
fn a_rhythm_of_seconds_finds_its_window_at_once() {
    let parameters = json!({"type": "interval", "intervalMs": 1_000, "window": {"days": ["sun"], "hours": {"from": "12:00", "to": "12:01"}}});
    assert_eq!(
        fires(parameters, "2026-01-05T00:00:00Z", 2),
        ["2026-01-11T12:00:00Z", "2026-01-11T12:00:01Z"]
    );
}

#[test]
fn the_fields_of_a_pattern_mean_what_they_mean_to_cron() {
    for (pattern, after, expected) in [
        ("*/15 9-10 * * *", "2026-01-01T09:50:00Z", "2026-01-01T10:00:00Z"),
        ("0 8 * * MON-FRI", "2026-01-02T08:00:00Z", "2026-01-05T08:00:00Z"),
        ("0 0 1 jan,jul *", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        // Day of month and day of week: either, where both are given (POSIX crontab).
        ("0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ] {
        assert_eq!(fires(json!({"type": "cron", "cron": pattern}), after, 1), [expected], "{pattern}");
    }
}

/// Every zone of a sample, every day of a year: a daily time fires on each date once.
#[test]
fn a_daily_time_fires_once_on_each_date_in_every_zone() {
    let zones = [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/Santiago",
    ];
    for name in zones {
        let zone: Tz = name.parse().unwrap();
        for time in ["30 2", "0 0", "15 1", "59 23"] {
            let parameters = json!({"type": "cron", "cron": format!("{time} * * *"), "timeZone": name});
            let schedule = Schedule::parse(parameters.as_object().unwrap()).unwrap();
            let mut days: HashMap<_, u32> = HashMap::new();
            let mut fire = at("2026-01-01T12:00:00Z");
            while let Some(next) = schedule.next_after(fire).filter(|next| *next < at("2026-12-30T12:00:00Z"))
            {
                assert!(next > fire);
                let local = zone.timestamp_millis_opt(next.as_millis()).unwrap();
                *days.entry(local.ordinal()).or_default() += 1;
                fire = next;
            }
            assert!((362..=364).contains(&days.len()), "{name} {time}: {}", days.len());
            assert!(days.values().all(|count| *count == 1), "{name} {time}");
        }
    }
}

proptest! {
    #[test]
    fn fires_only_go_forward(minute in 0..60_u32, hour in 0..24_u32, after in 1_700_000_000_000_i64..1_900_000_000_000, interval in 1_000..100_000_000_u64) {
        for parameters in [json!({"type": "cron", "cron": format!("{minute} {hour} * * *"), "timeZone": "America/New_York"}), json!({"type": "interval", "intervalMs": interval})] {
            let fires = next_fires(parameters.as_object().unwrap(), Timestamp::from_millis(after), 5).unwrap();
            prop_assert_eq!(fires.len(), 5);
            prop_assert!(fires[0].as_millis() > after);
            prop_assert!(fires.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
