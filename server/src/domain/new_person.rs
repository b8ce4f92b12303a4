//! A person who is to be registered, from a file, the command line or the demonstration.

use super::{
    cpf::Cpf,
    email::Email,
    password::PasswordHash,
    person::{PersonId, ProfileKind, Sigla},
};
use app::model::Language;

/// A person to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// Number; where none is given, the caller draws one.
    pub id: Option<PersonId>,
    /// Full name, without outer white space.
    pub name: String,
    /// Name at sign-in.
    pub sigla: Sigla,
    /// CPF, where known.
    pub cpf: Option<Cpf>,
    /// Password as the old system hashed it.
    pub password: PasswordHash,
    /// At least one.
    pub profiles: Vec<ProfileKind>,
    /// Addresses registered before any enrolment (R29); institutional ones are welcome.
    pub contacts: Vec<Email>,
    /// Language of mails; Portuguese unless given.
    pub language: Language,
}
