//! Texts that templates cannot make themselves: times in local time, values chosen by people, and the host of a link.

use crate::domain::Timestamp;
use app::model::{Language, LocalTime};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `23/11/2026, às 14:03, horário de Brasília`: date, time and the name of the time zone.
pub(super) fn moment(at: Timestamp, utc_offset_hours: i8, language: Language) -> String {
    let LocalTime {
        year,
        month,
        day,
        hour,
        minute,
    } = LocalTime::at(at.0, utc_offset_hours);
    let zone = zone(utc_offset_hours, language);
    match language {
        Language::Pt => format!("{day:02}/{month:02}/{year}, às {hour:02}:{minute:02}, {zone}"),
        Language::En => {
            let month = MONTHS[usize::from(month) - 1];
            format!("{day} {month} {year}, {hour:02}:{minute:02}, {zone}")
        }
    }
}

/// The name of a Brazilian time zone by its difference from UTC; for other zones the difference.
fn zone(hours: i8, language: Language) -> String {
    let place = match hours {
        -2 => "de Fernando de Noronha",
        -3 => "de Brasília",
        -4 => "de Manaus",
        -5 => "do Acre",
        _ if language == Language::Pt => return format!("horário UTC{hours:+}"),
        _ => return format!("UTC{hours:+}"),
    };
    match language {
        Language::Pt => format!("horário {place}"),
        Language::En => {
            let place = place.trim_start_matches("de ").trim_start_matches("do ");
            format!("{place} time")
        }
    }
}

/// Makes a value that a person chose (name, browser) safe: one line, no invisible characters, at most `limit` characters, and
/// nothing that a mail program would turn into a link.
pub(super) fn plain(value: &str, limit: usize) -> String {
    let line = one_line(value);
    let mut safe = String::with_capacity(line.len().min(limit * 4));
    let mut characters = line.chars().peekable();
    let mut count = 0;
    while let Some(character) = characters.next() {
        if count == limit {
            safe.push('…');
            break;
        }
        count += 1;
        safe.push(if matches!(character, '/' | '\\' | '@') {
            ' '
        } else {
            character
        });
        if character == '.' && characters.peek().is_some_and(|next| next.is_alphabetic()) {
            safe.push(' ');
        }
    }
    safe
}

/// `value` on one line: control and invisible characters removed, white space reduced to single spaces.
pub(super) fn one_line(value: &str) -> String {
    let visible: String = value
        .chars()
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .filter(|character| !is_invisible(*character))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that are invisible but change what is shown or sent: controls, text directions (U+202E reverses text), joiners,
/// fillers, tags.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The host of a link, with its port where there is one.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Removes the blank lines of the templates: trimmed lines, at most one empty line between two.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut pending = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            pending = !tidy.is_empty();
            continue;
        }
        if pending {
            tidy.push('\n');
            pending = false;
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_their_zone_in_words() {
        let at = Timestamp(1_795_453_380); // 2026-11-23T17:03:00Z
        assert_eq!(
            moment(at, -3, Language::Pt),
            "23/11/2026, às 14:03, horário de Brasília"
        );
        assert_eq!(
            moment(at, -3, Language::En),
            "23 November 2026, 14:03, Brasília time"
        );
        assert_eq!(
            moment(at, -5, Language::Pt),
            "23/11/2026, às 12:03, horário do Acre"
        );
        assert_eq!(
            moment(at, -4, Language::En),
            "23 November 2026, 13:03, Manaus time"
        );
        assert_eq!(
            moment(at, 1, Language::Pt),
            "23/11/2026, às 18:03, horário UTC+1"
        );
    }

    #[test]
    fn absurd_times_are_shown_somehow() {
        for at in [i64::MIN, -1, 0, i64::MAX] {
            for offset in [-128, -26, -3, 26, 127] {
                assert!(!moment(Timestamp(at), offset, Language::Pt).is_empty());
            }
        }
    }

    #[test]
    fn a_persons_value_is_one_short_line_without_links() {
        assert_eq!(
            plain("Ana\r\nBcc: x@evil.example", 80),
            "Ana Bcc: x evil. example"
        );
        assert_eq!(plain("\u{202e}anA\u{200b}\0", 80), "anA");
        assert_eq!(
            plain("https://evil.example/a", 80),
            "https: evil. example a".replace(": ", ":  ")
        );
        assert_eq!(plain("Maria d'Ávila J.Souza", 80), "Maria d'Ávila J. Souza");
        assert_eq!(
            plain("Firefox 131.0, Windows", 80),
            "Firefox 131.0, Windows"
        );
        assert_eq!(plain(&"x".repeat(10_240), 80).chars().count(), 81);
        assert_eq!(plain(" \u{3164}\t", 80), "");
    }

    #[test]
    fn the_host_is_what_the_browser_would_open() {
        assert_eq!(host("https://2fa.stm.jus.br/ativar/abc"), "2fa.stm.jus.br");
        assert_eq!(host("http://127.0.0.1:3000?x"), "127.0.0.1:3000");
        assert_eq!(host("https://bank.example@evil.example/"), "evil.example");
    }
}
