//! Functions of dates. The time of `now()` comes from the scope.

use super::string::text_of;
use super::{Args, Function, On, row};
use crate::date::{
    Date, Unit, Zone, difference, end_of, parse, parse_pattern, parse_unit, shift, start_of, with_field,
};
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{Builder, Number, Text, Value, to_number};

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Nothing, "now", "(zone?)", (0, 1), |m, _, args| {
        let zone = zone(m, args)?;
        now(m, zone).map(Value::Date)
    }, "The time of the evaluation, in UTC or another time zone; `$now` is the same.", "now() → \"2026-11-22T13:45:30.000Z\""),
    row(On::Nothing, "today", "(zone?)", (0, 1), |m, _, args| {
        let zone = zone(m, args)?;
        checked(start_of(now(m, zone)?, Unit::Day))
    }, "The first moment of the day.", "today('Europe/Zurich') → \"2026-11-22T00:00:00.000+01:00\""),
    row(On::Nothing, "date", "(value, zone?)", (1, 2), |m, _, args| {
        let value = args.value();
        let zone = zone(m, args)?;
        read(m, &value, zone).map(Value::Date)
    }, "A date from ISO 8601, from a mail header's format, or from milliseconds; the zone is for texts without one.", "date('2026-11-22 08:00', 'Europe/Zurich').toMillis() → 1795330800000"),
    row(On::Nothing, "parseDate", "(text, pattern, zone?)", (2, 3), |m, _, args| {
        let (text, pattern) = (args.text(m)?, args.text(m)?);
        m.meter.scan(text.as_str().len() + pattern.as_str().len())?;
        let zone = zone(m, args)?;
        let found = parse_pattern(text.as_str(), pattern.as_str(), zone);
        found.map(Value::Date).ok_or_else(|| wrong("the text is not a date of this pattern"))
    }, "A date from text in a pattern.", "parseDate('22.11.2026', 'dd.MM.yyyy').toISODate() → \"2026-11-22\""),
    row(On::Nothing, "Date.now", "()", (0, 0), |m, _, _| Ok(now(m, Zone::utc())?.ms().into()),
        "The time of the evaluation in milliseconds.", "Date.now() → 1795355130000"),
    row(On::Nothing, "Date.parse", "(text)", (1, 1), |m, _, args| {
        let text = args.text(m)?;
        let found = parse(text.as_str(), Zone::utc());
        Ok(found.map_or(Number::Float(f64::NAN).into(), |date| date.ms().into()))
    }, "The milliseconds of a date as text, or `NaN`.", "Date.parse('1970-01-02') → 86400000"),
    row(On::Text, "toDate", "(zone?)", (0, 1), to_date, "The date that it writes.", "'2026-11-22'.toDate().year → 2026"),
    row(On::Number, "toDate", "(zone?)", (0, 1), to_date, "The date of milliseconds.", "(0).toDate() → \"1970-01-01T00:00:00.000Z\""),
    row(On::Date, "format", "(pattern)", (1, 1), format, "As text in a pattern, see below.", "date('2026-11-22').format('dd.MM.yyyy') → \"22.11.2026\""),
    row(On::Date, "toFormat", "(pattern)", (1, 1), format, "The same as `format`.", "date('2026-11-22').toFormat('EEEE') → \"Sunday\""),
    row(On::Date, "toISO", "()", (0, 0), |_, this, _| Ok(own(&this).to_iso().into()),
        "As ISO 8601.", "date(0).toISO() → \"1970-01-01T00:00:00.000Z\""),
    row(On::Date, "toISOString", "()", (0, 0), |_, this, _| Ok(own(&this).in_zone(Zone::utc()).to_iso().into()),
        "As ISO 8601 in UTC.", "date('2026-11-22T00:00+01:00').toISOString() → \"2026-11-21T23:00:00.000Z\""),
    row(On::Date, "toISODate", "()", (0, 0), |_, this, _| own(&this).format("yyyy-MM-dd").map(Value::from).map_err(wrong),
        "The day as ISO 8601.", "date(0).toISODate() → \"1970-01-01\""),
    row(On::Date, "toMillis", "()", (0, 0), |_, this, _| Ok(own(&this).ms().into()),
        "The milliseconds since 1970.", "date('1970-01-02').toMillis() → 86400000"),
    row(On::Date, "getTime", "()", (0, 0), |_, this, _| Ok(own(&this).ms().into()),
        "The same as `toMillis`.", "date(5).getTime() → 5"),
    row(On::Date, "toSeconds", "()", (0, 0), |_, this, _| Ok(own(&this).ms().div_euclid(1000).into()),
        "The whole seconds since 1970.", "date(1500).toSeconds() → 1"),
    row(On::Date, "plus", "(amount, unit)", (1, 2), |m, this, args| moved(m, &this, args, 1.0),
        "Later by an amount of a unit, or by an object of units.", "date('2026-01-31').plus(1, 'month').toISODate() → \"2026-02-28\""),
    row(On::Date, "minus", "(amount, unit)", (1, 2), |m, this, args| moved(m, &this, args, -1.0),
        "Earlier by an amount of a unit, or by an object of units.", "date('2026-03-01').minus({days: 1, hours: 2}).toISO() → \"2026-02-27T22:00:00.000Z\""),
    row(On::Date, "startOf", "(unit)", (1, 1), |m, this, args| {
        let unit = unit(m, args)?;
        checked(start_of(own(&this), unit))
    }, "The first moment of its year, quarter, month, week, day, hour, minute or second.", "date('2026-11-22').startOf('month').toISODate() → \"2026-11-01\""),
    row(On::Date, "endOf", "(unit)", (1, 1), |m, this, args| {
        let unit = unit(m, args)?;
        checked(end_of(own(&this), unit))
    }, "The last millisecond of its unit.", "date('2026-02-10').endOf('month').day → 28"),
    row(On::Date, "set", "(fields)", (1, 1), |m, this, args| {
        let mut date = own(&this);
        for (name, value) in args.object()?.entries() {
            m.meter.steps(1)?;
            let set = with_field(date, name.as_str(), to_number(&value).integer());
            date = set.ok_or_else(|| wrong("there is no such date, or a field is unknown"))?;
        }
        Ok(Value::Date(date))
    }, "With some of its parts changed.", "date('2026-11-22').set({hour: 9, minute: 30}).toISO() → \"2026-11-22T09:30:00.000Z\""),
    row(On::Date, "setZone", "(zone)", (1, 1), |m, this, args| {
        let zone = zone(m, args)?;
        Ok(Value::Date(own(&this).in_zone(zone)))
    }, "The same moment in another time zone.", "date('2026-07-01T12:00Z').setZone('Europe/Zurich').hour → 14"),
    row(On::Date, "toUTC", "()", (0, 0), |_, this, _| Ok(Value::Date(own(&this).in_zone(Zone::utc()))),
        "The same moment in UTC.", "date('2026-11-22T00:00+01:00').toUTC().day → 21"),
    row(On::Date, "diff", "(other, unit?)", (1, 2), |m, this, args| {
        let other = args.value();
        let other = read(m, &other, own(&this).zone())?;
        let unit = if args.len() == 0 { Unit::Millisecond } else { unit(m, args)? };
        Ok(difference(other, own(&this), unit).into())
    }, "How much later than another date it is, in milliseconds or a unit; from months up in whole ones.", "date('2026-11-22').diff('2026-11-20', 'days') → 2"),
    row(On::Date, "isBefore", "(other)", (1, 1), |m, this, args| {
        let other = args.value();
        Ok((own(&this).ms() < read(m, &other, own(&this).zone())?.ms()).into())
    }, "Whether it is earlier.", "date('2026-11-22').isBefore('2026-12-01') → true"),
    row(On::Date, "isAfter", "(other)", (1, 1), |m, this, args| {
        let other = args.value();
        Ok((own(&this).ms() > read(m, &other, own(&this).zone())?.ms()).into())
    }, "Whether it is later.", "date('2026-11-22').isAfter('2026-12-01') → false"),
    row(On::Date, "isBetween", "(start, end)", (2, 2), |m, this, args| {
        let (start, end, date) = (args.value(), args.value(), own(&this));
        let (start, end) = (read(m, &start, date.zone())?, read(m, &end, date.zone())?);
        Ok((start.ms() <= date.ms() && date.ms() < end.ms()).into())
    }, "Whether it is not before a start and before an end.", "date('2026-11-22').isBetween('2026-11-01', '2026-12-01') → true"),
    row(On::Date, "isWeekend", "()", (0, 0), |_, this, _| Ok(own(&this).part("weekday").is_some_and(|day| day > 5).into()),
        "Whether it is a Saturday or Sunday.", "date('2026-11-22').isWeekend() → true"),
    row(On::Date, "parts", "()", (0, 0), |m, this, _| {
        let mut made = Builder::default();
        for name in Date::PARTS {
            let part = own(&this).part(name).unwrap_or(0);
            made.add(&mut m.meter, Text::Borrowed(name), part.into())?;
        }
        made.add(&mut m.meter, Text::Borrowed("zone"), own(&this).zone().name().into())?;
        m.make_object(made)
    }, "Its parts as an object; each is a property too, as in `date(x).year`.", "date('2026-11-22').parts().pick('year', 'month', 'day') → {\"year\":2026,\"month\":11,\"day\":22}"),
];

/// The date that a function of dates is called on.
fn own(value: &Value<'_>) -> Date {
    match value {
        Value::Date(date) => *date,
        _ => Date::epoch(),
    }
}

fn now(machine: &Machine<'_>, zone: Zone) -> Result<Date> {
    let ms = machine.now_ms().ok_or_else(|| wrong("there is no time here"))?;
    Date::new(ms, zone).ok_or_else(out_of_range)
}

fn out_of_range() -> Box<Fault> {
    wrong("the date is outside of the years 0001 to 9999")
}

fn checked<'a>(date: Option<Date>) -> Result<Value<'a>> {
    date.map(Value::Date).ok_or_else(out_of_range)
}

/// The next argument as a time zone, UTC without one.
fn zone<'a>(machine: &mut Machine<'a>, args: &mut Args<'a>) -> Result<Zone> {
    let Some(value) = args.optional() else { return Ok(Zone::utc()) };
    let name = machine.text_of(&value)?;
    Zone::parse(name.as_str()).ok_or_else(|| args.mistake("a time zone such as `Europe/Zurich` or `+02:00`"))
}

fn unit<'a>(machine: &mut Machine<'a>, args: &mut Args<'a>) -> Result<Unit> {
    let name = args.text(machine)?;
    parse_unit(name.as_str()).ok_or_else(|| args.mistake("a unit such as `days`"))
}

/// The date of a value: itself, a text, or milliseconds.
fn read<'a>(machine: &mut Machine<'a>, value: &Value<'a>, zone: Zone) -> Result<Date> {
    match value {
        Value::Date(date) => Ok(*date),
        Value::Number(number) => Date::new(number.integer(), zone).ok_or_else(out_of_range),
        Value::Text(text) => {
            machine.meter.steps(4)?;
            parse(text.as_str(), zone)
                .ok_or_else(|| wrong("the text is not a date; ISO 8601 is, as in 2026-11-22T08:00:00Z"))
        }
        other => {
            machine.present(other)?;
            Err(wrong(format!("{} is not a date", other.noun())))
        }
    }
}

fn to_date<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let zone = zone(machine, args)?;
    read(machine, &this, zone).map(Value::Date)
}

fn format<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let pattern = Value::Text(args.text(machine)?);
    let pattern = text_of(&pattern);
    // The longest word of a pattern's letter is 30 characters, the name of a time zone.
    machine.meter.bytes(pattern.as_str().len().saturating_mul(32))?;
    own(&this).format(pattern.as_str()).map(Value::from).map_err(wrong)
}

fn moved<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    sign: f64,
) -> Result<Value<'a>> {
    let first = args.value();
    let Value::Object(amounts) = first else {
        let unit = if args.len() == 0 { Unit::Millisecond } else { unit(machine, args)? };
        return checked(shift(own(this), sign * to_number(&first).float(), unit));
    };
    // Long units first, so that `{months: 1, days: 1}` does not depend on the order of writing.
    let mut shifts = Vec::new();
    for (name, amount) in amounts.entries() {
        machine.meter.steps(1)?;
        let unit = parse_unit(name.as_str()).ok_or_else(|| args.mistake("units such as `days`"))?;
        shifts.push((unit, to_number(&amount).float()));
    }
    shifts.sort_by(|(left, _), (right, _)| right.partial_cmp(left).unwrap_or(std::cmp::Ordering::Equal));
    let moved = shifts.iter().try_fold(own(this), |date, (unit, amount)| shift(date, sign * amount, *unit));
    checked(moved)
}
