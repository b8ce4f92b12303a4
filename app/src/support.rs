//! How to reach the support team.

use serde::{Deserialize, Serialize};

/// The support team's name, e-mail address and telephone number, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub name: String,
    /// E-mail address, for a `mailto:` link and as text.
    pub email: String,
    /// Telephone number as people write it: `(61) 3313-9144`.
    pub phone: String,
}

impl Support {
    /// The telephone number as a `tel:` URI (RFC 3966). Ten or eleven digits without a leading 0 are a Brazilian number with
    /// its area code and get +55, so that it can be dialled from any country. Other numbers (`0800`, short ones, those with
    /// +) stay as they are.
    pub fn phone_uri(&self) -> String {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        let with_area_code = matches!(digits.len(), 10 | 11) && !digits.starts_with('0');
        let prefix = if self.phone.trim_start().starts_with('+') {
            "+"
        } else if with_area_code {
            "+55"
        } else {
            ""
        };
        format!("tel:{prefix}{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::Support;

    #[test]
    fn numbers_are_dialled_from_anywhere() {
        for (phone, uri) in [
            ("(61) 3313-9144", "tel:+556133139144"),
            ("61 99999-0000", "tel:+5561999990000"),
            ("+55 61 3313-9144", "tel:+556133139144"),
            ("+351 21 000 0000", "tel:+351210000000"),
            ("0800 123 4567", "tel:08001234567"),
            ("3313-9144", "tel:33139144"),
            ("148", "tel:148"),
        ] {
            let support = Support {
                phone: phone.to_owned(),
                ..Support::default()
            };
            assert_eq!(support.phone_uri(), uri, "{phone}");
        }
    }
}
