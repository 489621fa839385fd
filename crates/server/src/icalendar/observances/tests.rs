use chrono::TimeZone as _;
use rrule::RRuleSet;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::parse(name).unwrap()
}

fn written(name: &str, years: RangeInclusive<i32>) -> Vec<String> {
    let mut lines = ContentLines::default();
    write_zone(&mut lines, zone(name), years);
    lines.into_text().lines().map(str::to_owned).collect()
}

#[test]
fn a_zone_with_summer_time_has_two_rules() {
    let expected = [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:20250330T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20251026T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "END:STANDARD",
        "END:VTIMEZONE",
    ];
    assert_eq!(written("Europe/Berlin", 2026..=2026), expected);
}

#[test]
fn rules_are_those_of_the_zone() {
    let rules = |name: &str| {
        let lines = written(name, 2026..=2026);
        lines
            .into_iter()
            .filter_map(|line| Some(line.strip_prefix("RRULE:FREQ=YEARLY;")?.to_owned()))
            .collect::<Vec<_>>()
    };
    let expected: [(&str, &[&str]); 6] = [
        ("America/New_York", &["BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"]),
        ("Australia/Sydney", &["BYMONTH=4;BYDAY=1SU", "BYMONTH=10;BYDAY=1SU"]),
        // The Friday before the last Sunday.
        ("Asia/Jerusalem", &["BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR", "BYMONTH=10;BYDAY=-1SU"]),
        (
            "America/Santiago",
            &["BYMONTH=4;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU", "BYMONTH=9;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU"],
        ),
        ("Asia/Kolkata", &[]),
        // By the moon.
        ("Africa/Casablanca", &[]),
    ];
    for (name, expected) in expected {
        assert_eq!(rules(name), expected, "{name}");
    }
}

#[test]
fn a_zone_without_changes_has_one_setting() {
    let expected = [
        "BEGIN:VTIMEZONE",
        "TZID:Asia/Kolkata",
        "BEGIN:STANDARD",
        "DTSTART:20250101T053000",
        "TZOFFSETFROM:+0530",
        "TZOFFSETTO:+0530",
        "TZNAME:IST",
        "END:STANDARD",
        "END:VTIMEZONE",
    ];
    assert_eq!(written("Asia/Kolkata", 2026..=2026), expected);
}

#[test]
fn changes_without_a_rule_are_told_one_by_one() {
    let written = written("Africa/Casablanca", 2026..=2026);
    let at = written.iter().position(|line| line == "BEGIN:STANDARD").unwrap();
    let expected = ["DTSTART:20250223T030000", "RDATE:20250223T030000", "RDATE:20260215T030000"];
    assert_eq!(written[at + 1..at + 4], expected, "{written:?}");
    let times = written.iter().filter(|line| line.starts_with("RDATE"));
    assert!(times.count() > 2 * 20, "two a year");
}

#[test]
fn an_offset_has_seconds_only_where_it_needs_them() {
    let written = [0, 5400, -12_600, 50_400, -2_670].map(offset);
    assert_eq!(written, ["+0000", "+0130", "-0330", "+1400", "-004430"]);
}

/// The onsets of an observance until a year, as the crate `rrule` has them.
fn onsets(observance: &Observance, until: i32) -> Vec<NaiveDateTime> {
    let mut onsets = observance.onsets.clone();
    if let Some(rule) = &observance.rule {
        let first = observance.onsets[0].format("%Y%m%dT%H%M%SZ");
        let rule: RRuleSet =
            format!("DTSTART:{first}\nRRULE:{rule};UNTIL={until}1231T235959Z").parse().unwrap();
        onsets = rule.into_iter().map(|onset| onset.naive_utc()).collect();
    }
    onsets
}

/// What a reader of RFC 5545 finds: the observance with the last onset up to `instant`.
fn offset_at(onsets: &[(DateTime<Utc>, i32)], instant: DateTime<Utc>) -> Option<i32> {
    onsets.iter().rev().find(|(at, _)| *at <= instant).map(|(_, offset)| *offset)
}

#[test]
fn every_zone_is_read_back_as_its_data_has_it() {
    for zone in chrono_tz::TZ_VARIANTS.map(|known| zone(known.name())) {
        for years in [2026..=2026, 2019..=2031, 1971..=1990] {
            let last = years.end() + YEARS_AHEAD;
            let observances = observances(zone, years.clone());
            let mut read: Vec<_> = observances
                .iter()
                .flat_map(|observance| {
                    let before = TimeDelta::seconds(observance.offset_before.into());
                    let at = move |local: NaiveDateTime| Utc.from_utc_datetime(&(local - before));
                    let offset = observance.setting.offset;
                    onsets(observance, last).into_iter().map(move |local| (at(local), offset))
                })
                .collect();
            read.sort_unstable();
            let (from, to) = (new_year(*years.start()) - TimeDelta::hours(14), new_year(last + 1));
            let changes = zone.clock_changes(from, to).into_iter().map(|change| change.at);
            let around = changes.flat_map(|at| [at - TimeDelta::seconds(1), at]);
            for instant in around.chain([from, to - TimeDelta::hours(14)]) {
                let expected = zone.clock_setting(instant).offset;
                assert_eq!(offset_at(&read, instant), Some(expected), "{zone} {years:?} {instant}");
            }
        }
    }
}
