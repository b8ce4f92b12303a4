//! All texts of the screens, Portuguese beside English. Sentences of the manual are literal (docs/manual.md). [`fill`]
//! replaces `{name}`.

mod catalog;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
mod sync_report;
mod time;
mod waiting;
#[cfg(feature = "ssr")]
mod what_happened;

pub use catalog::Texts;
#[cfg(feature = "ssr")]
pub use sync_report::{account_sync_report, sync_report};
pub use time::{clock, date_time, duration, times};
#[cfg(feature = "ssr")]
pub use waiting::entry_progress;
pub use waiting::waiting_progress;

use crate::model::{CodeRefusal, EmailRefusal, EntryRefusal, Language};
use crate::view::Problem;
use serde::{Deserialize, Serialize};

impl Language {
    pub const fn texts(self) -> Texts {
        Texts(self)
    }
}

impl Texts {
    /// The browser or ip of somebody; the words for an unknown one when it is empty.
    #[cfg(feature = "ssr")]
    pub fn known_client(self, client: String) -> String {
        if client.is_empty() {
            self.unknown_client().to_owned()
        } else {
            client
        }
    }
}

/// Replaces each `{name}` in a text by its value.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// The language and the time zone in which times are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locale {
    pub language: Language,
    /// Difference between local time and UTC in hours.
    pub utc_offset_hours: i8,
    /// The present time in seconds since the Unix epoch.
    pub now: i64,
}

impl Locale {
    /// `14:07 (em 2 minutos)`, with the date when it is not today.
    pub fn until(&self, at: i64) -> String {
        let t = self.language.texts();
        let left = duration(self.language, (at - self.now).max(1));
        fill(
            t.time_until(),
            &[("clock", &self.moment(at)), ("left", &left)],
        )
    }

    fn is_today(&self, at: i64) -> bool {
        let offset = i64::from(self.utc_offset_hours) * 3600;
        (at + offset).div_euclid(86_400) == (self.now + offset).div_euclid(86_400)
    }

    /// `14:07`, or `23/11/2026 às 14:07` when it is not today.
    pub fn moment(&self, at: i64) -> String {
        if self.is_today(at) {
            clock(at, self.utc_offset_hours)
        } else {
            date_time(self.language, at, self.utc_offset_hours)
        }
    }

    /// `hoje às 14:07`, or `23/11/2026 às 14:07`, for the middle of a sentence.
    pub fn day_and_time(&self, at: i64) -> String {
        let moment = self.moment(at);
        if self.is_today(at) {
            fill(self.language.texts().time_today(), &[("clock", &moment)])
        } else {
            moment
        }
    }

    /// The sentence about a problem of a field: what happened and what to do.
    pub fn problem(&self, field: &str, problem: &Problem) -> String {
        let t = self.language.texts();
        let until = |text, at: &i64| fill(text, &[("until", &self.until(*at))]);
        let sentence = match problem {
            Problem::Missing => match field {
                "login" => t.problem_missing_login(),
                "password" => t.problem_missing_password(),
                "number" => t.problem_missing_number(),
                "check" => t.problem_missing_check(),
                "reason" => t.problem_missing_reason(),
                "email" => t.problem_missing_email(),
                _ => t.problem_incomplete(),
            },
            Problem::TooLong | Problem::Email(EmailRefusal::TooLong) => t.problem_too_long(),
            Problem::Credentials => t.problem_credentials(),
            Problem::Blocked => t.problem_blocked(),
            Problem::SessionOver => t.problem_session_over(),
            Problem::Code(refusal) if field == "recovery_code" => match refusal {
                CodeRefusal::Missing => t.problem_missing_recovery_code(),
                CodeRefusal::Malformed => t.problem_recovery_code_shape(),
                CodeRefusal::AlreadyUsed => t.problem_recovery_code_used(),
                _ => t.problem_recovery_code_wrong(),
            },
            Problem::Code(refusal) => match refusal {
                CodeRefusal::Missing => t.problem_missing_code(),
                CodeRefusal::Malformed => t.problem_code_shape(),
                CodeRefusal::Wrong => t.problem_code_wrong(),
                CodeRefusal::AlreadyUsed => t.problem_code_used(),
                CodeRefusal::NotKept => t.problem_code_again(),
                CodeRefusal::ClockOff { steps } => return self.clock_off(*steps),
            },
            Problem::Email(EmailRefusal::Missing) => t.problem_missing_email(),
            Problem::Email(EmailRefusal::Malformed) => t.problem_address(),
            Problem::Email(EmailRefusal::Institutional { suffix }) => {
                return fill(t.problem_institutional(), &[("suffix", suffix)]);
            }
            Problem::Email(EmailRefusal::Suggestion { suggestion }) => {
                return fill(t.problem_suggestion(), &[("suggestion", suggestion)]);
            }
            Problem::Entry(refusal) => match refusal {
                EntryRefusal::Unknown => t.entry_unknown(),
                EntryRefusal::Own => t.entry_own(),
                EntryRefusal::TooMany => t.entry_too_many(),
                EntryRefusal::Twice => t.entry_twice(),
                EntryRefusal::Blocked => t.entry_blocked(),
            },
            Problem::Locked { until: Some(at) } => return until(t.problem_locked(), at),
            Problem::Locked { until: None } => t.problem_locked_for_good(),
            Problem::NetworkBusy { until: at } => return until(t.problem_network_busy(), at),
            Problem::ResendWait { until: at } => return until(t.problem_resend_wait(), at),
            Problem::NeedsApproval => t.problem_needs_approval(),
            Problem::Gone => t.problem_gone(),
            Problem::Incomplete => t.problem_incomplete(),
            Problem::Unavailable { reference } => {
                return fill(t.problem_unavailable(), &[("reference", reference)]);
            }
        };
        sentence.to_owned()
    }

    /// The sentence about a code of a phone whose clock is ahead by so many time steps, or behind.
    fn clock_off(&self, steps: i64) -> String {
        let t = self.language.texts();
        let seconds = steps.saturating_abs().saturating_mul(30);
        let by = if seconds < 60 {
            t.less_than_a_minute().to_owned()
        } else {
            duration(self.language, (seconds + 30) / 60 * 60)
        };
        let text = if steps > 0 {
            t.problem_clock_ahead()
        } else {
            t.problem_clock_behind()
        };
        fill(text, &[("by", &by)])
    }

    /// Names of profiles; an unknown profile is shown by its code.
    pub fn profiles(&self, codes: &[String]) -> String {
        let t = self.language.texts();
        let names = codes.iter().map(|code| match code.as_str() {
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
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_off_are_told_in_minutes() {
        let locale = Locale {
            language: Language::Pt,
            utc_offset_hours: -3,
            now: 1_790_000_000,
        };
        assert_eq!(
            locale.problem("code", &Problem::Code(CodeRefusal::ClockOff { steps: 4 })),
            "O código é de outro horário: o relógio do seu celular está cerca de 2 minutos \
             adiantado. Ative a data e hora automáticas no celular e digite o novo código."
        );
        assert!(
            locale
                .problem("code", &Problem::Code(CodeRefusal::ClockOff { steps: 1 }))
                .contains("menos de 1 minuto")
        );
        assert!(
            locale
                .problem("code", &Problem::Code(CodeRefusal::ClockOff { steps: -9 }))
                .contains("5 minutos atrasado")
        );
    }

    #[test]
    fn languages_are_chosen_as_the_browser_asks() {
        assert_eq!(Language::preferred("en-US,en;q=0.9,pt;q=0.8"), Language::En);
        assert_eq!(Language::preferred("de,pt-BR;q=0.9,en;q=0.8"), Language::Pt);
        assert_eq!(Language::preferred("de"), Language::Pt);
    }

    #[test]
    fn filling_leaves_other_text_alone() {
        assert_eq!(fill("a {x} b {x} {y}", &[("x", "1")]), "a 1 b 1 {y}");
    }
}
