//! Instants as a clock on the wall shows them, for pages and mails alike.

use super::UnixTime;

/// Day of 1970-01-01 in the count of Julian days.
const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;
/// The last second of the year 9998: later instants cannot be shown in every zone.
const LAST_SHOWN: UnixTime = 253_370_764_799;

/// Date and time of an instant in a zone that is a whole number of hours from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
}

impl LocalTime {
    /// What a clock shows at `instant`. Instants before 1970 or after the year 9998 are shown as the nearest one between.
    pub fn at(instant: UnixTime, utc_offset_hours: i8) -> Self {
        let local = instant.clamp(0, LAST_SHOWN) + i64::from(utc_offset_hours) * 3600;
        let (days, seconds) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let day = i32::try_from(days + UNIX_EPOCH_JULIAN_DAY)
            .ok()
            .and_then(|day| time::Date::from_julian_day(day).ok())
            .unwrap_or(time::Date::MIN);
        Self {
            year: day.year(),
            month: day.month().into(),
            day: day.day(),
            hour: seconds / 3600,
            minute: seconds % 3600 / 60,
        }
    }
}
