//! Recovery codes: each signs in once in place of a one-time code, when the phone is lost (R30, R34; look-up secrets of NIST
//! SP 800-63B-4 §3.1.2).

use super::SecretText;
use app::model::CodeRefusal;

/// Codes of one person; all are made together.
pub const CODES: usize = 10;
/// Random bytes from which the codes of one person are made.
pub const RANDOM_BYTES: usize = CODES * CHARS;
/// At so few unused codes their owner is warned.
pub const FEW: i64 = 3;

/// Characters of a code. Each has 5 random bits, so a code has 50.
const CHARS: usize = 10;
/// Base32 without letters that are read as digits (I, L, O) and without U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code, without the dash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryCode(SecretText);

impl RecoveryCode {
    /// Reads what was typed: case, spaces and dashes do not matter, and O, I and L are read as digits. Refused is only what cannot be
    /// a code.
    pub fn parse(typed: &str) -> Result<Self, CodeRefusal> {
        if typed.trim().is_empty() {
            return Err(CodeRefusal::Missing);
        }
        // no more than a code with as many separators, because the text may come from a stranger
        let mut code = String::with_capacity(CHARS);
        for character in typed.chars().take(4 * CHARS) {
            if character.is_whitespace() || "-\u{2010}\u{2011}\u{2012}\u{2013}".contains(character)
            {
                continue;
            }
            let read = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let is_ours = u8::try_from(read).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !is_ours || code.len() == CHARS {
                return Err(CodeRefusal::Malformed);
            }
            code.push(read);
        }
        if code.len() < CHARS {
            return Err(CodeRefusal::Malformed);
        }
        Ok(Self(SecretText::new(code)))
    }

    /// The code as its owner sees it: two groups of five with a dash.
    pub fn shown(&self) -> String {
        let (left, right) = self.0.expose().split_at(CHARS / 2);
        format!("{left}-{right}")
    }

    /// The text from which the keyed index in the database is computed.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The codes of one person. `random` must be unpredictable.
pub fn new_codes(random: &[u8; RANDOM_BYTES]) -> Vec<RecoveryCode> {
    let (codes, _) = random.as_chunks::<CHARS>();
    codes
        .iter()
        .map(|bytes| {
            let code: String = bytes
                .iter()
                // a byte has each of the 32 characters equally often
                .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
                .collect();
            RecoveryCode(SecretText::new(code))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn r30_ten_codes_of_fifty_bits() {
        let random: [u8; RANDOM_BYTES] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let codes = new_codes(&random);
        assert_eq!(codes.len(), 10);
        assert_eq!(ALPHABET.len().pow(u32::try_from(CHARS).unwrap()), 1 << 50);
        assert_eq!(codes[0].shown(), "01234-56789");
        assert!(!format!("{codes:?}").contains("01234"));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = RecoveryCode::parse("0A1B2-C3D4E").unwrap();
        for typed in [
            "0a1b2c3d4e",
            " oAlB2 - c3d4e ",
            "0A1B2–C3D4E",
            "OAIB2\tC3D4E",
        ] {
            assert_eq!(RecoveryCode::parse(typed), Ok(code.clone()), "{typed}");
        }
        for bad in [
            "",
            "0A1B2-C3D4",
            "0A1B2-C3D4E5",
            "0A1B2-C3D4U",
            "0A1B2-C3D4é",
            "123456",
            &"0".repeat(4000),
        ] {
            let is_empty = bad.trim().is_empty();
            let refusal = if is_empty {
                CodeRefusal::Missing
            } else {
                CodeRefusal::Malformed
            };
            assert_eq!(RecoveryCode::parse(bad), Err(refusal), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(random in prop::array::uniform32(any::<u8>())) {
            let random: [u8; RANDOM_BYTES] = std::array::from_fn(|at| random[at % 32]);
            for code in new_codes(&random) {
                prop_assert_eq!(RecoveryCode::parse(&code.shown()), Ok(code.clone()));
            }
        }
    }
}
