//! A person to be registered, from a file, the command line or the demonstration.

use super::{Cpf, Email, PasswordHash, PersonId, ProfileKind, Sigla};
use app::model::Language;

/// A value that two people cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueField {
    Id,
    /// The name at sign-in.
    Sigla,
    Cpf,
}

impl UniqueField {
    /// Name of the column in an import file.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sigla => "sigla",
            Self::Cpf => "cpf",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// `None` when the caller is to draw one.
    pub id: Option<PersonId>,
    /// Full name without outer white space.
    pub name: String,
    pub sigla: Sigla,
    /// `None` where it is unknown.
    pub cpf: Option<Cpf>,
    /// The hash as the old system stored it.
    pub password: PasswordHash,
    /// At least one.
    pub profiles: Vec<ProfileKind>,
    /// Emails registered before any enrolment (R29); institutional ones are allowed here.
    pub contacts: Vec<Email>,
    /// Language of mails to this person.
    pub language: Language,
}
