//! Every text on the screen, Portuguese beside English. Sentences of the manual stand literally
//! as published (docs/manual.md). `{name}` is filled in by [`fill`].

mod time;
mod words;

pub use time::{clock, date_time, duration, times};
pub use words::Texts;

use crate::view::Problem;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Brazilian Portuguese.
    #[default]
    Pt,
    /// English.
    En,
}

impl Lang {
    /// Code in cookie and form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pt => "pt",
            Self::En => "en",
        }
    }

    /// Value of the `lang` attribute.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Pt => "pt-BR",
            Self::En => "en",
        }
    }

    /// The language of a document with this `lang` attribute.
    pub fn of_tag(tag: &str) -> Self {
        if tag == Self::En.tag() {
            Self::En
        } else {
            Self::Pt
        }
    }

    /// The language with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "pt" => Some(Self::Pt),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The first of `Accept-Language` that we speak. Its order is taken as it stands: browsers
    /// send the weights in falling order.
    pub fn preferred(accept: &str) -> Self {
        accept
            .split(',')
            .map(|range| range.trim().split(['-', ';']).next().unwrap_or_default())
            .find_map(Self::from_code)
            .unwrap_or_default()
    }

    /// The texts.
    pub const fn texts(self) -> Texts {
        Texts(self)
    }
}

/// Fills `{name}` in a text.
pub fn fill<'a>(text: &'a str, values: &[(&str, &str)]) -> Cow<'a, str> {
    values
        .iter()
        .fold(Cow::Borrowed(text), |text, (name, value)| {
            let hole = format!("{{{name}}}");
            if text.contains(&hole) {
                Cow::Owned(text.replace(&hole, value))
            } else {
                text
            }
        })
}

/// Where and in which language times are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locale {
    /// Language.
    pub lang: Lang,
    /// Hours between local time and UTC.
    pub utc_offset_hours: i8,
    /// Now, seconds since the Unix epoch.
    pub now: i64,
}

impl Locale {
    /// `14:07 (em 2 minutos)`; a date is put before the time when it is not today.
    pub fn until(&self, at: i64) -> String {
        let t = self.lang.texts();
        let left = (at - self.now).max(1);
        let clock = self.moment(at);
        let left = duration(self.lang, left);
        fill(t.time_until(), &[("clock", &clock), ("left", &left)]).into_owned()
    }

    fn is_today(&self, at: i64) -> bool {
        let offset = i64::from(self.utc_offset_hours) * 3600;
        (at + offset).div_euclid(86_400) == (self.now + offset).div_euclid(86_400)
    }

    /// `14:07`, or `23/11/2026 às 14:07` when that is not today.
    pub fn moment(&self, at: i64) -> String {
        if self.is_today(at) {
            clock(at, self.utc_offset_hours)
        } else {
            date_time(self.lang, at, self.utc_offset_hours)
        }
    }

    /// `hoje às 14:07`, or `23/11/2026 às 14:07`: for the middle of a sentence.
    pub fn day_and_time(&self, at: i64) -> String {
        let moment = self.moment(at);
        if self.is_today(at) {
            fill(self.lang.texts().time_today(), &[("clock", &moment)]).into_owned()
        } else {
            moment
        }
    }

    /// The sentence of a problem: what happened and what to do.
    pub fn problem(&self, field: &str, problem: &Problem) -> String {
        let t = self.lang.texts();
        match problem {
            Problem::Missing => match field {
                "login" => t.problem_missing_login(),
                "password" => t.problem_missing_password(),
                "code" => t.problem_missing_code(),
                "email" => t.problem_missing_email(),
                _ => t.problem_incomplete(),
            }
            .to_owned(),
            Problem::TooLong => t.problem_too_long().to_owned(),
            Problem::Credentials => t.problem_credentials().to_owned(),
            Problem::Blocked => t.problem_blocked().to_owned(),
            Problem::SessionOver => t.problem_session_over().to_owned(),
            Problem::CodeShape => t.problem_code_shape().to_owned(),
            Problem::CodeWrong => t.problem_code_wrong().to_owned(),
            Problem::CodeUsed => t.problem_code_used().to_owned(),
            Problem::CodeAgain => t.problem_code_again().to_owned(),
            Problem::ClockOff { steps } => {
                let seconds = i64::from(steps.abs()) * 30;
                let by = if seconds < 60 {
                    t.less_than_a_minute().to_owned()
                } else {
                    duration(self.lang, (seconds + 30) / 60 * 60)
                };
                let text = if *steps > 0 {
                    t.problem_clock_ahead()
                } else {
                    t.problem_clock_behind()
                };
                fill(text, &[("by", &by)]).into_owned()
            }
            Problem::Locked { until: Some(until) } => {
                fill(t.problem_locked(), &[("until", &self.until(*until))]).into_owned()
            }
            Problem::Locked { until: None } => t.problem_locked_for_good().to_owned(),
            Problem::AddressSyntax => t.problem_address().to_owned(),
            Problem::AddressInstitutional { suffix } => {
                fill(t.problem_institutional(), &[("suffix", suffix)]).into_owned()
            }
            Problem::AddressSuggestion { suggestion } => {
                fill(t.problem_suggestion(), &[("suggestion", suggestion)]).into_owned()
            }
            Problem::ResendWait { until } => {
                fill(t.problem_resend_wait(), &[("until", &self.until(*until))]).into_owned()
            }
            Problem::NeedsApproval => t.problem_needs_approval().to_owned(),
            Problem::Gone => t.problem_gone().to_owned(),
            Problem::Incomplete => t.problem_incomplete().to_owned(),
            Problem::Unavailable { reference } => {
                fill(t.problem_unavailable(), &[("reference", reference)]).into_owned()
            }
        }
    }

    /// Name of a profile; an unknown one is shown by its code.
    pub fn profile(&self, code: &str) -> String {
        let t = self.lang.texts();
        match code {
            "lawyer" => t.profile_lawyer(),
            "prosecutor" => t.profile_prosecutor(),
            "defender" => t.profile_defender(),
            "police" => t.profile_police(),
            "expert" => t.profile_expert(),
            "citizen" => t.profile_citizen(),
            "magistrate" => t.profile_magistrate(),
            "staff" => t.profile_staff(),
            "trainee" => t.profile_trainee(),
            "support" => t.profile_support(),
            "supervisor" => t.profile_supervisor(),
            other => other,
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_off_are_told_in_minutes() {
        let locale = Locale {
            lang: Lang::Pt,
            utc_offset_hours: -3,
            now: 1_790_000_000,
        };
        assert_eq!(
            locale.problem("code", &Problem::ClockOff { steps: 4 }),
            "O código é de outro horário: o relógio do seu celular está cerca de 2 minutos \
             adiantado. Ative a data e hora automáticas no celular e digite o novo código."
        );
        assert!(
            locale
                .problem("code", &Problem::ClockOff { steps: 1 })
                .contains("menos de 1 minuto")
        );
        assert!(
            locale
                .problem("code", &Problem::ClockOff { steps: -9 })
                .contains("5 minutos atrasado")
        );
    }

    #[test]
    fn languages_are_chosen_as_the_browser_asks() {
        assert_eq!(Lang::preferred("en-US,en;q=0.9,pt;q=0.8"), Lang::En);
        assert_eq!(Lang::preferred("de,pt-BR;q=0.9,en;q=0.8"), Lang::Pt);
        assert_eq!(Lang::preferred("de"), Lang::Pt);
    }

    #[test]
    fn filling_leaves_other_text_alone() {
        assert_eq!(fill("a {x} b {x} {y}", &[("x", "1")]), "a 1 b 1 {y}");
    }
}
