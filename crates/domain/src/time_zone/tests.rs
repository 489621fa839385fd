//! Zones against instants from Python's `zoneinfo` (`fold=0` has the meaning of RFC 5545, section 3.3.5),
//! and against each other over every zone there is.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::parse(name).unwrap()
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").unwrap().and_utc()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

type Instants = &'static [(&'static str, &'static str)];

const INSTANTS: &[(&str, Instants)] = &[
    (
        "Europe/Berlin",
        &[
            ("2026-03-29T01:59", "2026-03-29T00:59Z"),
            ("2026-03-29T02:00", "2026-03-29T01:00Z"),
            ("2026-03-29T02:30", "2026-03-29T01:30Z"),
            ("2026-03-29T03:00", "2026-03-29T01:00Z"),
            ("2026-10-25T01:59", "2026-10-24T23:59Z"),
            ("2026-10-25T02:00", "2026-10-25T00:00Z"),
            ("2026-10-25T02:59", "2026-10-25T00:59Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00Z"),
            ("2024-02-29T12:00", "2024-02-29T11:00Z"),
            ("2026-12-31T23:59", "2026-12-31T22:59Z"),
        ],
    ),
    (
        "Europe/London",
        &[
            ("2026-03-29T01:30", "2026-03-29T01:30Z"),
            ("2026-10-25T01:30", "2026-10-25T00:30Z"),
            ("2026-07-01T09:00", "2026-07-01T08:00Z"),
            ("2027-01-01T00:00", "2027-01-01T00:00Z"),
        ],
    ),
    (
        "America/New_York",
        &[
            ("2026-03-08T02:30", "2026-03-08T07:30Z"),
            ("2026-11-01T01:30", "2026-11-01T05:30Z"),
            ("2026-11-26T09:00", "2026-11-26T14:00Z"),
            ("2026-07-04T09:00", "2026-07-04T13:00Z"),
        ],
    ),
    (
        "America/Los_Angeles",
        &[
            ("2026-03-08T02:00", "2026-03-08T10:00Z"),
            ("2026-11-01T01:00", "2026-11-01T08:00Z"),
            ("2028-02-29T23:30", "2028-03-01T07:30Z"),
        ],
    ),
    (
        "America/Sao_Paulo",
        &[
            ("2018-11-04T00:00", "2018-11-04T03:00Z"),
            ("2018-11-04T00:30", "2018-11-04T03:30Z"),
            ("2019-02-16T23:30", "2019-02-17T01:30Z"),
            ("2026-11-27T09:00", "2026-11-27T12:00Z"),
        ],
    ),
    (
        "Asia/Kolkata",
        &[
            ("2026-11-27T00:00", "2026-11-26T18:30Z"),
            ("2026-11-27T05:29", "2026-11-26T23:59Z"),
            ("2024-02-29T05:30", "2024-02-29T00:00Z"),
        ],
    ),
    (
        "Asia/Kathmandu",
        &[
            ("2026-11-27T09:00", "2026-11-27T03:15Z"),
            ("2026-12-31T23:59", "2026-12-31T18:14Z"),
            ("1985-12-31T23:59", "1985-12-31T18:29Z"),
            ("1986-01-01T00:05", "1985-12-31T18:35Z"),
        ],
    ),
    (
        "Australia/Lord_Howe",
        &[
            ("2026-10-04T01:59", "2026-10-03T15:29Z"),
            ("2026-10-04T02:00", "2026-10-03T15:30Z"),
            ("2026-10-04T02:15", "2026-10-03T15:45Z"),
            ("2026-10-04T02:30", "2026-10-03T15:30Z"),
            ("2026-04-05T01:29", "2026-04-04T14:29Z"),
            ("2026-04-05T01:30", "2026-04-04T14:30Z"),
            ("2026-04-05T01:59", "2026-04-04T14:59Z"),
            ("2026-04-05T02:00", "2026-04-04T15:30Z"),
        ],
    ),
    (
        "Pacific/Apia",
        &[
            ("2011-12-29T23:59", "2011-12-30T09:59Z"),
            ("2011-12-30T10:00", "2011-12-30T20:00Z"),
            ("2011-12-31T00:00", "2011-12-30T10:00Z"),
            ("2026-11-27T09:00", "2026-11-26T20:00Z"),
        ],
    ),
    (
        "Africa/Casablanca",
        &[
            ("2026-02-15T02:30", "2026-02-15T01:30Z"),
            ("2026-03-22T02:30", "2026-03-22T02:30Z"),
            ("2026-07-01T09:00", "2026-07-01T08:00Z"),
            ("2026-02-20T09:00", "2026-02-20T09:00Z"),
        ],
    ),
    (
        "Asia/Tehran",
        &[
            ("2022-03-22T00:30", "2022-03-21T21:00Z"),
            ("2022-09-21T23:30", "2022-09-21T19:00Z"),
            ("2026-07-01T09:00", "2026-07-01T05:30Z"),
        ],
    ),
    (
        "Pacific/Auckland",
        &[
            ("2026-09-27T02:30", "2026-09-26T14:30Z"),
            ("2026-04-05T02:30", "2026-04-04T13:30Z"),
            ("2026-12-31T23:59", "2026-12-31T10:59Z"),
            ("2024-02-29T00:00", "2024-02-28T11:00Z"),
        ],
    ),
    (
        "Pacific/Chatham",
        &[
            ("2026-09-27T03:00", "2026-09-26T14:15Z"),
            ("2026-04-05T03:30", "2026-04-04T13:45Z"),
            ("2026-07-01T00:00", "2026-06-30T11:15Z"),
        ],
    ),
    (
        "America/St_Johns",
        &[
            ("2026-03-08T02:30", "2026-03-08T06:00Z"),
            ("2026-11-01T01:30", "2026-11-01T04:00Z"),
            ("2026-07-01T12:00", "2026-07-01T14:30Z"),
            ("2010-11-06T23:30", "2010-11-07T02:00Z"),
            ("2011-03-13T00:30", "2011-03-13T04:00Z"),
        ],
    ),
    (
        "UTC",
        &[
            ("2026-03-29T02:30", "2026-03-29T02:30Z"),
            ("2024-02-29T23:59", "2024-02-29T23:59Z"),
            ("9999-12-31T23:59", "9999-12-31T23:59Z"),
        ],
    ),
];

#[test]
fn a_wall_clock_has_its_instant_in_every_zone_of_the_table() {
    for (name, instants) in INSTANTS {
        for (local, instant) in *instants {
            assert_eq!(zone(name).instant(wall(local)), utc(instant), "{name} {local}");
        }
    }
}

#[test]
fn a_day_begins_with_its_first_instant() {
    for (name, day, first) in [
        ("UTC", "2026-11-27", "2026-11-27T00:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z"),
        // Midnight is skipped.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),
        ("Asia/Tehran", "2022-03-22", "2022-03-21T20:30Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z"),
        // From 23:30 on the 30th to 0:30 on the 31st.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z"),
        // Midnight occurs twice.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z"),
        // The 30th was skipped.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2012-01-01", "2011-12-31T10:00Z"),
    ] {
        assert_eq!(zone(name).start_of_day(date(day)), utc(first), "{name} {day}");
    }
}

#[test]
fn the_same_instant_is_another_day_elsewhere() {
    let now = utc("2026-12-31T10:30Z");
    for (name, local) in [
        ("Pacific/Kiritimati", "2027-01-01T00:30"),
        ("Pacific/Auckland", "2026-12-31T23:30"),
        ("Pacific/Chatham", "2027-01-01T00:15"),
        ("Asia/Kathmandu", "2026-12-31T16:15"),
        ("Pacific/Honolulu", "2026-12-31T00:30"),
        ("Pacific/Pago_Pago", "2026-12-30T23:30"),
    ] {
        let here = LocalNow { zone: zone(name), now };
        assert_eq!(here.zone.local(now), wall(local), "{name}");
        assert_eq!(here.today().and_time(here.time()), wall(local), "{name}");
    }
}

#[test]
fn a_name_is_found_in_any_case_and_kept_as_the_database_spells_it() {
    for (raw, name) in [
        ("europe/berlin", "Europe/Berlin"),
        (" AMERICA/NEW_YORK ", "America/New_York"),
        ("utc", "UTC"),
        ("Asia/Calcutta", "Asia/Calcutta"),
    ] {
        assert_eq!(TimeZone::parse(raw).unwrap().name(), name);
        assert_eq!(TimeZone::parse(raw).unwrap().to_string(), name);
    }
    assert_eq!(TimeZone::parse("UTC").unwrap(), TimeZone::UTC);
    for unknown in ["", "Berlin", "+01:00", "Europe/Berlin\0", "Europe / Berlin"] {
        let refused = TimeZone::parse(unknown).unwrap_err();
        assert_eq!(refused.field, "time_zone");
        assert_eq!(refused.message, "The time zone must be an IANA name, for example Europe/Berlin.");
    }
}

#[test]
fn every_name_is_read_back() {
    for tz in TZ_VARIANTS {
        assert_eq!(zone(tz.name()), TimeZone(tz));
    }
}

#[test]
fn a_week_ends_on_the_day_before_it_begins() {
    for (start, today, last) in [
        (WeekStart::Monday, "2026-11-28", "2026-11-29"),
        (WeekStart::Monday, "2026-11-29", "2026-11-29"),
        (WeekStart::Monday, "2026-11-30", "2026-12-06"),
        (WeekStart::Sunday, "2026-11-28", "2026-11-28"),
        (WeekStart::Sunday, "2026-11-29", "2026-12-05"),
        (WeekStart::Saturday, "2026-11-27", "2026-11-27"),
        (WeekStart::Saturday, "2026-11-28", "2026-12-04"),
    ] {
        assert_eq!(start.last_day_of_week(date(today)), date(last), "{start:?} {today}");
    }
    for start in [WeekStart::Monday, WeekStart::Sunday, WeekStart::Saturday] {
        assert_eq!(WeekStart::parse(start.as_str()).unwrap(), start);
    }
    assert_eq!(WeekStart::parse("Sunday").unwrap(), WeekStart::Sunday);
    assert_eq!(WeekStart::parse("friday").unwrap_err().field, "week_start");
}

#[test]
fn the_ends_of_the_calendar_are_no_panic() {
    for name in ["Pacific/Apia", "Pacific/Honolulu", "Europe/Berlin", "UTC"] {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            zone(name).start_of_day(day);
            zone(name).instant(day.and_time(NaiveTime::MIN));
            assert!(WeekStart::Monday.last_day_of_week(day) >= day);
        }
        for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            zone(name).local(now);
        }
    }
}

/// The changes of the clock in the zone from 2010 to 2030, to the minute: the first instant after each.
fn changes(zone: TimeZone) -> Vec<DateTime<Utc>> {
    let offset = |t: DateTime<Utc>| zone.local(t) - t.naive_utc();
    let mut found = Vec::new();
    let mut week = utc("2010-01-01T00:00Z");
    while week < utc("2030-01-01T00:00Z") {
        let next = week + TimeDelta::weeks(1);
        if offset(week) != offset(next) {
            let mut minutes = (0, TimeDelta::weeks(1).num_minutes());
            while minutes.1 - minutes.0 > 1 {
                let middle = i64::midpoint(minutes.0, minutes.1);
                let same = offset(week + TimeDelta::minutes(middle)) == offset(week);
                if same { minutes.0 = middle } else { minutes.1 = middle }
            }
            found.push(week + TimeDelta::minutes(minutes.1));
        }
        week = next;
    }
    found
}

/// What RFC 5545 says of skipped and repeated times, at every change of the clock of every zone.
#[test]
fn skipped_and_repeated_times_are_read_with_the_offset_before_the_change() {
    let mut seen = 0;
    for tz in TZ_VARIANTS {
        let zone = TimeZone(tz);
        for change in changes(zone) {
            seen += 1;
            let (last, first) = (zone.local(change - TimeDelta::minutes(1)), zone.local(change));
            let before = last + TimeDelta::minutes(1);
            let (from, to) = if first > before { (before, first) } else { (first, before) };
            let mut local = from;
            while local < to {
                assert_eq!(zone.instant(local), change + (local - before), "{zone} {local}");
                local += TimeDelta::minutes(15);
            }
            assert_eq!(zone.instant(last), change - TimeDelta::minutes(1), "{zone} {last}");
            assert_eq!(zone.instant(to), change + (to - first), "{zone} {to}");
            let day = zone.start_of_day(first.date());
            assert!(zone.today(day) >= first.date(), "{zone} {first}");
            assert!(zone.today(day - TimeDelta::seconds(1)) < first.date(), "{zone} {first}");
        }
    }
    assert!(seen > 5_000, "{seen}");
}

proptest! {
    /// Every instant has a wall clock. It leads back to the instant, or to an earlier one at which the
    /// clock showed the same, so that it occurred twice.
    #[test]
    fn instant_and_local_are_inverses(zone in 0..TZ_VARIANTS.len(), seconds in -2_208_988_800_i64..4_102_444_800) {
        let zone = TimeZone(TZ_VARIANTS[zone]);
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        let back = zone.instant(zone.local(now));
        prop_assert_eq!(zone.local(back), zone.local(now));
        prop_assert!(back <= now && now - back <= TimeDelta::days(1), "{} {}", zone, now);
    }

    #[test]
    fn a_day_begins_where_the_one_before_ends(zone in 0..TZ_VARIANTS.len(), days in -25_567_i64..47_482) {
        let zone = TimeZone(TZ_VARIANTS[zone]);
        let date = NaiveDate::default() + TimeDelta::days(days);
        let first = zone.start_of_day(date);
        prop_assert!(zone.today(first) >= date);
        prop_assert!(zone.today(first - TimeDelta::seconds(1)) < date);
    }
}
