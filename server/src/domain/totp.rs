//! One-time codes by RFC 6238 with SHA-1, six digits and 30 seconds.

use super::{SecretBytes, Timestamp};
use app::model::CodeRefusal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::ops::RangeInclusive;
use subtle::ConstantTimeEq as _;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// Length of a time step in seconds.
pub const PERIOD: i64 = 30;
/// Bytes of a secret that is made here: 160 bits, 32 base32 characters (RFC 4226 §4, R5).
pub const SECRET_BYTES: usize = 20;
/// Bytes that a secret of another instance may have; RFC 4226 §4 requires at least 128 bits.
pub const SECRET_LENGTHS: RangeInclusive<usize> = 16..=64;
/// Time steps that are searched in each direction to tell an owner how far a clock is off: 15 minutes.
pub const DRIFT_STEPS: i64 = 30;

/// What is escaped in the URI: all but what RFC 3986 section 2.3 leaves as it is, and `@`, which accounts may hold.
const URI_ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// The number of the step that `now` falls in.
pub const fn step_at(now: Timestamp) -> i64 {
    now.0.div_euclid(PERIOD)
}

/// Six ASCII digits as typed (R3).
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(Zeroizing<[u8; 6]>);

impl OneTimeCode {
    /// Removes spaces, because apps show `123 456`. Nothing but spaces is missing, anything else but six ASCII digits malformed; neither
    /// is verified.
    pub fn parse(typed: &str) -> Result<Self, CodeRefusal> {
        let mut digits = Zeroizing::new([0; 6]);
        let mut count = 0;
        for c in typed.chars().filter(|c| !c.is_whitespace()) {
            let digit = u8::try_from(c).ok().filter(u8::is_ascii_digit);
            let (Some(digit), Some(place)) = (digit, digits.get_mut(count)) else {
                return Err(CodeRefusal::Malformed);
            };
            *place = digit;
            count += 1;
        }
        match count {
            6 => Ok(Self(digits)),
            0 => Err(CodeRefusal::Missing),
            _ => Err(CodeRefusal::Malformed),
        }
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

/// The secret that an authenticator app and this server share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpSecret(SecretBytes);

impl TotpSecret {
    /// `bytes` must be random (R5).
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(SecretBytes::new(bytes.to_vec()))
    }

    /// A secret opened from the database or received from a peer; `None` when its length is not in [`SECRET_LENGTHS`].
    pub fn from_bytes(bytes: SecretBytes) -> Option<Self> {
        SECRET_LENGTHS
            .contains(&bytes.expose().len())
            .then_some(Self(bytes))
    }

    /// The bytes, to be sealed.
    pub fn bytes(&self) -> &SecretBytes {
        &self.0
    }

    /// The setup key: base32 without padding, 32 characters for a secret that is made here.
    pub fn setup_key(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(self.0.expose())
    }

    /// The URI of the QR code and of the link, in the Key Uri Format that authenticator apps read. Algorithm, digits
    /// and period have the default values of that format and are left out: a shorter URI gives a coarser QR code, which
    /// old cameras can read.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let escaped = |text| utf8_percent_encode(text, URI_ESCAPED).to_string();
        let (issuer, account) = (escaped(issuer), escaped(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            self.setup_key()
        )
    }

    /// Verifies a code at `now` and returns its time step, which the caller must use up in one conditional statement
    /// (R1). The current step and the one before are accepted (R2), if they are later than `last_step`. The wider
    /// search only tells how far a clock is off.
    pub fn verify(
        &self,
        code: &OneTimeCode,
        now: Timestamp,
        last_step: i64,
    ) -> Result<i64, CodeRefusal> {
        let current = step_at(now);
        let totp = self.totp();
        let matches = |step: i64| matches_at(&totp, code, step);
        if let Some(step) = [current, current - 1]
            .into_iter()
            .find(|step| matches(*step))
        {
            return if step > last_step {
                Ok(step)
            } else {
                Err(CodeRefusal::AlreadyUsed)
            };
        }
        (1..=DRIFT_STEPS)
            .flat_map(|n| [current + n, current - 1 - n])
            .find(|step| matches(*step))
            .map_or(Err(CodeRefusal::Wrong), |step| {
                Err(CodeRefusal::ClockOff {
                    steps: step - current,
                })
            })
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(PERIOD.unsigned_abs())
            .with_secret(self.0.expose().to_vec())
            .build_noncompliant()
    }
}

/// A secret as unpadded base64url, for a sealed message. The text is wiped like the secret itself.
pub mod base64url {
    use super::{SecretBytes, TotpSecret};
    use data_encoding::BASE64URL_NOPAD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::borrow::Cow;
    use zeroize::{Zeroize as _, Zeroizing};

    pub fn serialize<S: Serializer>(secret: &TotpSecret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&Zeroizing::new(
            BASE64URL_NOPAD.encode(secret.bytes().expose()),
        ))
    }

    /// An error when the text is no base64url or has not the length of a secret.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TotpSecret, D::Error> {
        let mut text = Cow::<str>::deserialize(from)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        if let Cow::Owned(text) = &mut text {
            text.zeroize();
        }
        bytes
            .ok()
            .and_then(|bytes| TotpSecret::from_bytes(SecretBytes::new(bytes)))
            .ok_or_else(|| D::Error::custom("a secret has 16 to 64 bytes"))
    }
}

fn matches_at(totp: &Totp, code: &OneTimeCode, step: i64) -> bool {
    let Ok(seconds) = u64::try_from(step * PERIOD) else {
        return false;
    };
    let right = totp.generate(seconds).to_string();
    right.as_bytes().ct_eq(&code.0[..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6238, appendix B, SHA-1: the last six of the eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn secret() -> TotpSecret {
        TotpSecret::new(*b"12345678901234567890")
    }

    fn code_at(step: i64) -> OneTimeCode {
        let text = secret()
            .totp()
            .generate(u64::try_from(step * PERIOD).unwrap())
            .to_string();
        OneTimeCode::parse(&text).unwrap()
    }

    #[test]
    fn rfc6238_vectors() {
        for (at, code) in VECTORS {
            let now = Timestamp(at);
            let verified = secret().verify(&OneTimeCode::parse(code).unwrap(), now, 0);
            assert_eq!(verified, Ok(step_at(now)), "{at}");
        }
    }

    #[test]
    fn r2_only_the_current_step_and_the_one_before_are_accepted() {
        let now = Timestamp(2_000_000_010);
        let current = step_at(now);
        for ahead in -40..=40 {
            let judged = secret().verify(&code_at(current + ahead), now, 0);
            let expected = match ahead {
                0 | -1 => Ok(current + ahead),
                1..=DRIFT_STEPS | -31..=-2 => Err(CodeRefusal::ClockOff { steps: ahead }),
                _ => Err(CodeRefusal::Wrong),
            };
            assert_eq!(judged, expected, "{ahead}");
        }
    }

    #[test]
    fn r1_a_used_step_and_all_before_it_stay_used() {
        let now = Timestamp(2_000_000_010);
        let current = step_at(now);
        let judge = |step, last| secret().verify(&code_at(step), now, last);
        assert_eq!(judge(current, current), Err(CodeRefusal::AlreadyUsed));
        assert_eq!(judge(current - 1, current), Err(CodeRefusal::AlreadyUsed));
        assert_eq!(judge(current, current - 1), Ok(current));
    }

    #[test]
    fn r2_a_clock_jumping_back_reopens_nothing() {
        let used = step_at(Timestamp(2_000_000_010));
        let earlier = Timestamp(2_000_000_010 - 300);
        let judged = secret().verify(&code_at(step_at(earlier)), earlier, used);
        assert_eq!(judged, Err(CodeRefusal::AlreadyUsed));
    }

    #[test]
    fn r3_exactly_six_ascii_digits_after_removing_spaces() {
        for good in ["123456", "123 456", " 1 2 3 4 5 6 ", "123\u{a0}456"] {
            assert!(OneTimeCode::parse(good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "12345",
            "1234567",
            "12345a",
            "１２３４５６",
            "12-456",
            "+23456",
            "٣٤٥٦٧٨",
        ] {
            let is_empty = bad.trim().is_empty();
            let refusal = if is_empty {
                CodeRefusal::Missing
            } else {
                CodeRefusal::Malformed
            };
            assert_eq!(OneTimeCode::parse(bad).err(), Some(refusal), "{bad:?}");
        }
    }

    #[test]
    fn the_setup_key_has_32_characters_and_the_uri_is_escaped() {
        let key = secret().setup_key();
        assert_eq!(key, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            secret().uri("e-Proc/JMU", "ana maria"),
            format!("otpauth://totp/e-Proc%2FJMU:ana%20maria?secret={key}&issuer=e-Proc%2FJMU")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(typed in ".*") {
            let _ = OneTimeCode::parse(&typed);
        }

        #[test]
        fn an_accepted_step_is_always_newer_and_in_the_window(
            at in 1_600_000_000_i64..4_000_000_000, offset in -35_i64..35, used in -3_i64..3,
        ) {
            let now = Timestamp(at);
            let current = step_at(now);
            let last = current + used;
            if let Ok(step) = secret().verify(&code_at(current + offset), now, last) {
                prop_assert!(step > last && (current - 1..=current).contains(&step));
            }
        }
    }
}
