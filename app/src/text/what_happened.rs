//! What happened before somebody asked the support team, in one computed sentence.

use super::{Locale, fill};
use crate::view::WhatHappened;

impl Locale {
    /// *14:02 senha certa, 3 códigos errados, relógio do celular +2 min.*
    pub fn what_happened(&self, happened: &WhatHappened) -> String {
        let t = self.language.texts();
        let password = self.moment(happened.password_at);
        let mut parts = vec![fill(t.happened_password(), &[("clock", &password)])];
        match happened.wrong_codes {
            0 => {}
            1 => parts.push(t.happened_wrong_one().to_owned()),
            n => parts.push(fill(t.happened_wrong(), &[("n", &n.to_string())])),
        }
        if let Some(steps) = happened.clock_steps {
            let minutes = (steps.saturating_abs().saturating_mul(30) + 59) / 60;
            let sign = if steps < 0 { '\u{2212}' } else { '+' };
            let by = format!("{sign}{minutes} min");
            parts.push(fill(t.happened_clock(), &[("by", &by)]));
        }
        if let Some(until) = happened.locked_until {
            let until = self.moment(until);
            parts.push(fill(t.happened_locked(), &[("until", &until)]));
        }
        format!("{}.", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn one_sentence_says_what_happened() {
        let locale = Locale {
            language: Language::Pt,
            utc_offset_hours: -3,
            now: 1_795_453_380,
        };
        let happened = WhatHappened {
            password_at: 1_795_453_320,
            wrong_codes: 3,
            clock_steps: Some(4),
            locked_until: Some(1_795_453_620),
        };
        assert_eq!(
            locale.what_happened(&happened),
            "14:02 senha certa, 3 códigos errados, relógio do celular +2 min, novos códigos só às 14:07."
        );
        let quiet = WhatHappened {
            wrong_codes: 0,
            clock_steps: None,
            locked_until: None,
            ..happened
        };
        assert_eq!(locale.what_happened(&quiet), "14:02 senha certa.");
    }
}
