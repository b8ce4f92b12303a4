//! People: id, login names, profiles, and the facts that guard their accounts.

use super::cpf;
use super::{Cpf, PasswordHash, Timestamp};
use app::model::{Language, MaskedIdentifiers};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use strum::{EnumString, IntoStaticStr};
use thiserror::Error;

/// Id of a person: 15 digits, as in the manual (`711681573057297`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(i64);

/// The number has not exactly 15 digits, or begins with zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a person's id has 15 digits and does not begin with 0")]
pub struct BadPersonId;

impl PersonId {
    pub const MIN: i64 = 100_000_000_000_000;
    pub const MAX: i64 = 999_999_999_999_999;

    pub fn new(number: i64) -> Result<Self, BadPersonId> {
        if (Self::MIN..=Self::MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(BadPersonId)
        }
    }

    pub const fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for PersonId {
    type Err = BadPersonId;

    fn from_str(text: &str) -> Result<Self, BadPersonId> {
        // `parse` would accept a sign
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .ok_or(BadPersonId)
            .and_then(Self::new)
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether a person has a second factor. This one value decides between activations at the same time, and what the
/// password alone opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FactorState {
    /// There is no factor, and one may be enrolled.
    None,
    /// At least one factor is active.
    Active,
    /// The last factor was removed: the password alone opens no session and no enrolment.
    Revoked,
}

/// A person as registered at this instance, with the facts that guard the account.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub sigla: Sigla,
    /// `None` where it is unknown.
    pub cpf: Option<Cpf>,
    pub password: PasswordHash,
    /// Language of mails to this person.
    pub language: Language,
    pub profiles: Vec<ProfileKind>,
    pub factor_state: FactorState,
    /// Since when the account is blocked; `None` when it is not.
    pub blocked_at: Option<Timestamp>,
    /// When an operator's approval of a first enrolment ends (`first_enrolment = approved`).
    pub enrolment_approved_until: Option<Timestamp>,
    /// Whether the personal email may be in somebody else's hands, since the phone was stolen.
    pub is_email_doubtful: bool,
    /// Time of the sign-in before the newest one.
    pub previous_sign_in_at: Option<Timestamp>,
}

impl Person {
    /// Whether sign-in asks for a second factor.
    pub fn has_active_factor(&self) -> bool {
        self.factor_state == FactorState::Active
    }

    /// Whether the right password opens nothing at `now`, because the account is blocked or its factor was revoked. An
    /// approval lets a person whose factor was revoked enrol again, and do nothing else (R33).
    pub fn is_shut_out(&self, now: Timestamp) -> bool {
        self.blocked_at.is_some() || self.is_revoked() && !self.is_enrolment_approved(now)
    }

    /// Whether the factor was taken away: the password alone then never opens a full session.
    pub fn is_revoked(&self) -> bool {
        self.factor_state == FactorState::Revoked
    }

    /// Whether an operator's approval of a first enrolment is valid at `now`.
    pub fn is_enrolment_approved(&self, now: Timestamp) -> bool {
        self.enrolment_approved_until
            .is_some_and(|until| now < until)
    }

    /// The name for a page without sign-in: the first name, and the sigla masked.
    pub fn masked_name(&self) -> String {
        let first = self.name.split_whitespace().next().unwrap_or_default();
        format!("{first} ({})", self.sigla.masked())
    }

    /// What identifies the person on a page without sign-in (manual, the error of a synchronisation).
    pub fn masked_identifiers(&self) -> MaskedIdentifiers {
        MaskedIdentifiers {
            id: self.id.to_string(),
            cpf: self.cpf.as_ref().map_or_else(String::new, Cpf::masked),
            sigla: self.sigla.masked(),
        }
    }
}

/// The name typed at sign-in, as registered. It may be a CPF, so `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sigla(String);

/// Why a text is not a sigla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SiglaError {
    /// Fewer than 2 or more than 60 characters.
    #[error("a sigla has 2 to 60 characters")]
    Length,
    /// A character other than letters, digits and ASCII punctuation.
    #[error("a sigla has only letters, digits and ASCII punctuation, without spaces inside")]
    Character,
}

impl Sigla {
    /// Removes outer white space and accepts 2 to 60 letters, digits or ASCII punctuation marks.
    pub fn parse(text: &str) -> Result<Self, SiglaError> {
        let text = text.trim();
        // counts no more than 61 characters, because the text may come from a stranger
        if !(2..=60).contains(&text.chars().take(61).count()) {
            return Err(SiglaError::Length);
        }
        if !text
            .chars()
            .all(|c| c.is_alphanumeric() || c.is_ascii_punctuation())
        {
            return Err(SiglaError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// A sigla that nobody has, with this random text in it.
    pub fn unused(random: &str) -> Self {
        Self(format!("peer-check-{random}"))
    }

    /// As registered, without outer white space.
    pub fn as_typed(&self) -> &str {
        &self.0
    }

    /// The form by which siglas are compared: lower case; for a CPF its digits alone.
    pub fn key(&self) -> String {
        self.cpf()
            .map_or_else(|| folded(&self.0), |cpf| cpf.digits())
    }

    /// The CPF that this sigla is; `None` when it is not a CPF.
    pub fn cpf(&self) -> Option<Cpf> {
        Cpf::parse(&self.0).ok()
    }

    /// The form for pages without sign-in and for logs: the whole sigla, but only three digits of what looks like a
    /// CPF. Wrong check digits are masked too, because the text may be a real CPF mistyped.
    pub fn masked(&self) -> String {
        match cpf::eleven_digits(&self.0) {
            Some(digits) => digits[..3]
                .iter()
                .map(|digit| char::from(b'0' + digit))
                .collect(),
            None => self.0.clone(),
        }
    }
}

impl TryFrom<String> for Sigla {
    type Error = SiglaError;

    fn try_from(text: String) -> Result<Self, SiglaError> {
        Self::parse(&text)
    }
}

impl From<Sigla> for String {
    fn from(sigla: Sigla) -> Self {
        sigla.0
    }
}

impl fmt::Debug for Sigla {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sigla({})", self.masked())
    }
}

/// The keys by which the person is searched who typed this at sign-in. One text may be a CPF and a sigla. Registration
/// refuses a sigla that is another person's CPF, so both keys lead to one person at most.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginKeys {
    pub sigla_key: String,
    /// Set when the typed text is a CPF, with or without punctuation.
    pub cpf: Option<Cpf>,
}

impl LoginKeys {
    /// Reads what was typed; an error when it can be no person's login.
    pub fn parse(typed: &str) -> Result<Self, SiglaError> {
        if let Ok(cpf) = Cpf::parse(typed.trim()) {
            return Ok(Self {
                sigla_key: cpf.digits(),
                cpf: Some(cpf),
            });
        }
        Sigla::parse(typed).map(|sigla| Self {
            sigla_key: sigla.key(),
            cpf: None,
        })
    }
}

impl fmt::Debug for LoginKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginKeys(…)")
    }
}

/// What a person is at this instance: a slug `[a-z][a-z0-9_-]{0,30}`. Open, because each court has
/// its own; the constants are those that policies and labels know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ProfileKind(Cow<'static, str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a profile is a lower-case slug, [a-z][a-z0-9_-]{{0,30}}")]
pub struct BadProfileKind;

impl ProfileKind {
    /// Whether this is a role of the help desk. Such a role gets no provisional sign-in.
    pub fn is_desk(&self) -> bool {
        *self == Self::SUPPORT || *self == Self::SUPERVISOR
    }

    pub const LAWYER: Self = Self(Cow::Borrowed("lawyer"));
    /// Procurador, Ministério Público.
    pub const PROSECUTOR: Self = Self(Cow::Borrowed("prosecutor"));
    pub const DEFENDER: Self = Self(Cow::Borrowed("defender"));
    pub const POLICE: Self = Self(Cow::Borrowed("police"));
    pub const EXPERT: Self = Self(Cow::Borrowed("expert"));
    /// Jus postulandi: a citizen without a lawyer.
    pub const CITIZEN: Self = Self(Cow::Borrowed("citizen"));
    pub const MAGISTRATE: Self = Self(Cow::Borrowed("magistrate"));
    pub const STAFF: Self = Self(Cow::Borrowed("staff"));
    pub const TRAINEE: Self = Self(Cow::Borrowed("trainee"));
    /// Equipe de suporte.
    pub const SUPPORT: Self = Self(Cow::Borrowed("support"));
    /// Supervisor da equipe de suporte.
    pub const SUPERVISOR: Self = Self(Cow::Borrowed("supervisor"));

    pub fn parse(slug: &str) -> Result<Self, BadProfileKind> {
        let inner = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
        };
        let right = slug.len() <= 31
            && slug.starts_with(|c: char| c.is_ascii_lowercase())
            && slug.bytes().all(inner);
        if right {
            Ok(Self(Cow::Owned(slug.to_owned())))
        } else {
            Err(BadProfileKind)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProfileKind {
    type Error = String;

    fn try_from(slug: String) -> Result<Self, String> {
        Self::parse(&slug).map_err(|error| format!("cannot be a profile: {error}"))
    }
}

impl fmt::Display for ProfileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower case, character by character. `str::to_lowercase` looks at neighbouring letters (final sigma), which a key
/// must not.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_person_id_has_fifteen_digits() {
        let id: PersonId = "711681573057297".parse().unwrap();
        assert_eq!(
            (id.get(), id.to_string()),
            (711_681_573_057_297, "711681573057297".to_owned())
        );
        for text in [
            "",
            "0",
            "+11681573057297",
            "+711681573057297",
            "7116815730572970",
            "011681573057297",
            "7,11682E+14",
            " 711681573057297",
        ] {
            assert_eq!(text.parse::<PersonId>(), Err(BadPersonId), "{text:?}");
        }
        assert_eq!(
            (
                PersonId::new(PersonId::MIN - 1),
                PersonId::new(PersonId::MAX + 1)
            ),
            (Err(BadPersonId), Err(BadPersonId))
        );
    }

    #[test]
    fn siglas_are_trimmed_and_compared_without_case() {
        let sigla = Sigla::parse(" RJ123456 ").unwrap();
        assert_eq!(
            (
                sigla.as_typed(),
                sigla.key().as_str(),
                sigla.masked().as_str()
            ),
            ("RJ123456", "rj123456", "RJ123456")
        );
        assert_eq!(
            Sigla::parse("JOÃO").unwrap().key(),
            Sigla::parse("joão").unwrap().key()
        );
        assert_eq!(
            Sigla::parse("ΑΣ").unwrap().key(),
            Sigla::parse("ασ").unwrap().key()
        );
        for text in ["", " ", "a", &"a".repeat(61)] {
            assert_eq!(Sigla::parse(text), Err(SiglaError::Length), "{text:?}");
        }
        for text in [
            "a b",
            "a\tb",
            "a\0b",
            "a\u{200b}b",
            "a\u{202e}b",
            "a\u{a0}b",
            "a\nb",
        ] {
            assert_eq!(Sigla::parse(text), Err(SiglaError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_sigla_that_is_a_cpf_shows_three_digits() {
        for text in ["12345678909", "123.456.789-09", "12345678900"] {
            let sigla = Sigla::parse(text).unwrap();
            assert_eq!(sigla.masked(), "123");
            assert_eq!(format!("{sigla:?}"), "Sigla(123)");
        }
        assert_eq!(Sigla::parse("123.456.789-09").unwrap().key(), "12345678909");
    }

    #[test]
    fn a_typed_login_may_be_cpf_and_sigla_at_once() {
        for typed in ["12345678909", " 123.456.789-09 ", "123 456 789 09"] {
            let keys = LoginKeys::parse(typed).unwrap();
            assert_eq!(
                (keys.sigla_key.as_str(), keys.cpf),
                ("12345678909", Cpf::parse(typed).ok())
            );
        }
        assert_eq!(
            LoginKeys::parse("Adv.Maria").unwrap(),
            LoginKeys {
                sigla_key: "adv.maria".to_owned(),
                cpf: None
            }
        );
        assert_eq!(LoginKeys::parse("12345678900").unwrap().cpf, None);
        assert_eq!(LoginKeys::parse("maria silva"), Err(SiglaError::Character));
    }

    #[test]
    fn profiles_are_slugs() {
        assert_eq!(ProfileKind::parse("lawyer"), Ok(ProfileKind::LAWYER));
        assert_eq!(
            ProfileKind::parse("juiz-auxiliar_2").unwrap().to_string(),
            "juiz-auxiliar_2"
        );
        for slug in ["", "Lawyer", "2x", "-x", "a b", "é", &"a".repeat(32)] {
            assert_eq!(ProfileKind::parse(slug), Err(BadProfileKind), "{slug:?}");
        }
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_sigla_finds_it(text in "\\PC{0,70}") {
            if let Ok(sigla) = Sigla::parse(&text) {
                prop_assert_eq!(&LoginKeys::parse(&text).unwrap().sigla_key, &sigla.key());
                // a sigla typed in ASCII upper case gives the same key
                let shouted = text.to_ascii_uppercase();
                prop_assert_eq!(&LoginKeys::parse(&shouted).unwrap().sigla_key, &sigla.key());
                prop_assert_eq!(folded(&sigla.key()), sigla.key());
            }
        }
    }
}
