//! Times in words and figures.

use super::fill;
use crate::model::{Language, LocalTime};

pub fn clock(at: i64, utc_offset_hours: i8) -> String {
    let local = LocalTime::at(at, utc_offset_hours);
    format!("{:02}:{:02}", local.hour, local.minute)
}

/// `23/11/2026 às 14:07`; only the time when the date cannot be computed.
pub fn date_time(language: Language, at: i64, utc_offset_hours: i8) -> String {
    let LocalTime {
        year, month, day, ..
    } = LocalTime::at(at, utc_offset_hours);
    let figures = match language {
        Language::Pt => format!("{day:02}/{month:02}/{year}"),
        Language::En => format!("{year}-{month:02}-{day:02}"),
    };
    let text = language.texts().time_date();
    let clock = clock(at, utc_offset_hours);
    fill(text, &[("date", &figures), ("clock", &clock)])
}

/// `one` for 1, else `many` with the number in place of `{n}`.
fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 {
        one.to_owned()
    } else {
        fill(many, &[("n", &n.to_string())])
    }
}

/// `1 vez`, `3 vezes`.
pub fn times(language: Language, n: i64) -> String {
    let t = language.texts();
    count(n, t.once(), t.many_times())
}

/// `2 minutos`, `45 segundos`, `1 hora e 5 minutos`, `3 horas`: what says enough, rounded up.
pub fn duration(language: Language, seconds: i64) -> String {
    let t = language.texts();
    let minutes = (seconds + 59) / 60;
    match seconds {
        ..60 => count(seconds, t.one_second(), t.many_seconds()),
        60..=7200 => match (minutes / 60, minutes % 60) {
            (0, minutes) => count(minutes, t.one_minute(), t.many_minutes()),
            (hours, 0) => count(hours, t.one_hour(), t.many_hours()),
            (hours, minutes) => {
                let a = count(hours, t.one_hour(), t.many_hours());
                let b = count(minutes, t.one_minute(), t.many_minutes());
                fill(t.time_both(), &[("a", &a), ("b", &b)])
            }
        },
        7201..172_800 => count((seconds + 3599) / 3600, t.one_hour(), t.many_hours()),
        _ => count((seconds + 86_399) / 86_400, t.one_day(), t.many_days()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local() {
        assert_eq!(clock(1_795_446_420, -3), "12:07");
        assert_eq!(
            date_time(Language::Pt, 1_795_446_420, -3),
            "23/11/2026 às 12:07"
        );
        assert_eq!(
            date_time(Language::En, 1_795_446_420, 0),
            "2026-11-23 at 15:07"
        );
    }

    #[test]
    fn durations_are_rounded_up() {
        assert_eq!(duration(Language::Pt, 1), "1 segundo");
        assert_eq!(duration(Language::Pt, 61), "2 minutos");
        assert_eq!(duration(Language::Pt, 60), "1 minuto");
        assert_eq!(duration(Language::Pt, 3599), "1 hora");
        assert_eq!(duration(Language::Pt, 3601), "1 hora e 1 minuto");
        assert_eq!(duration(Language::Pt, 7020), "1 hora e 57 minutos");
        assert_eq!(duration(Language::En, 7200), "2 hours");
        assert_eq!(duration(Language::En, 7201), "3 hours");
        assert_eq!(duration(Language::Pt, 864_000), "10 dias");
    }
}
