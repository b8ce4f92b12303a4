//! CPF, the Brazilian taxpayer number of a person (Receita Federal, IN 2.172/2024).

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Eleven digits of which the last two are right check digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cpf([u8; 11]);

/// Why a text is not a CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CpfError {
    /// Not eleven digits with the usual punctuation.
    #[error("a CPF has 11 digits (a spreadsheet may have dropped leading zeros)")]
    Shape,
    /// The check digits are wrong, or all digits are equal.
    #[error("the check digits of the CPF are wrong")]
    CheckDigits,
}

impl Cpf {
    /// Reads eleven ASCII digits; spaces, dots, hyphens and slashes between them are ignored. Numbers of eleven equal
    /// digits have right check digits but were never issued, so they are refused.
    pub fn parse(text: &str) -> Result<Self, CpfError> {
        let digits = eleven_digits(text).ok_or(CpfError::Shape)?;
        let all_equal = digits.iter().all(|digit| *digit == digits[0]);
        let right =
            check_digit(&digits[..9]) == digits[9] && check_digit(&digits[..10]) == digits[10];
        if right && !all_equal {
            Ok(Self(digits))
        } else {
            Err(CpfError::CheckDigits)
        }
    }

    /// The eleven digits without punctuation.
    pub fn digits(&self) -> String {
        self.0
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect()
    }

    /// The first three digits. A page without sign-in or a log shows no more than these.
    pub fn masked(&self) -> String {
        self.0[..3]
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect()
    }
}

impl TryFrom<String> for Cpf {
    type Error = CpfError;

    fn try_from(text: String) -> Result<Self, CpfError> {
        Self::parse(&text)
    }
}

impl From<Cpf> for String {
    fn from(cpf: Cpf) -> Self {
        cpf.digits()
    }
}

impl fmt::Debug for Cpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cpf(…)")
    }
}

/// The values of the digits when `text` has the shape of a CPF, with right or wrong check digits; else `None`.
pub(super) fn eleven_digits(text: &str) -> Option<[u8; 11]> {
    let mut digits = [0; 11];
    let mut count = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = byte - b'0';
                count += 1;
            }
            b' ' | b'.' | b'-' | b'/' => {}
            _ => return None,
        }
    }
    (count == 11).then_some(digits)
}

/// Check digit over the digits before it: weights 2, 3, … from the right, modulo 11.
fn check_digit(before: &[u8]) -> u8 {
    let sum: u32 = before
        .iter()
        .rev()
        .zip(2..)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    u8::try_from(sum * 10 % 11 % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_known_numbers_however_punctuated() {
        for text in [
            "12345678909",
            "123.456.789-09",
            " 123 456 789 09 ",
            "123456789/09",
        ] {
            assert_eq!(Cpf::parse(text).unwrap().digits(), "12345678909", "{text}");
        }
        for text in [
            "11144477735",
            "52998224725",
            "00000000191",
            "769.000.000-29",
        ] {
            Cpf::parse(text).unwrap();
        }
    }

    #[test]
    fn refuses_wrong_digits_lengths_and_signs() {
        assert_eq!(Cpf::parse("12345678908"), Err(CpfError::CheckDigits));
        assert_eq!(Cpf::parse("12345678919"), Err(CpfError::CheckDigits));
        for digit in '0'..='9' {
            assert_eq!(
                Cpf::parse(&digit.to_string().repeat(11)),
                Err(CpfError::CheckDigits)
            );
        }
        for text in [
            "",
            "1234567890",
            "123456789090",
            "1234567890a",
            "１２３４５６７８９０９",
            "12345678909\n",
        ] {
            assert_eq!(Cpf::parse(text), Err(CpfError::Shape), "{text:?}");
        }
    }

    #[test]
    fn shows_three_digits_at_most() {
        let cpf = Cpf::parse("123.456.789-09").unwrap();
        assert_eq!(cpf.masked(), "123");
        assert_eq!(format!("{cpf:?}"), "Cpf(…)");
    }

    proptest! {
        #[test]
        fn any_nine_digits_have_one_right_ending(nine in "[0-9]{9}") {
            prop_assume!(nine.bytes().any(|byte| byte != nine.as_bytes()[0]));
            let right = (0..100).filter(|ending| Cpf::parse(&format!("{nine}{ending:02}")).is_ok()).count();
            prop_assert_eq!(right, 1);
        }

        #[test]
        fn never_panics_and_round_trips(text in "\\PC{0,20}|[0-9. /-]{0,20}") {
            if let Ok(cpf) = Cpf::parse(&text) {
                prop_assert_eq!(Cpf::parse(&cpf.digits()), Ok(cpf));
            }
        }
    }
}
