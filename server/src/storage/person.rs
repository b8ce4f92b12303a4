//! People, their profiles and registered contacts. CPF, sigla and emails are sealed and found by blind index (R30).

use super::row::RowName;
use super::{Reader, Sealer, StoreResult, Tx};
use crate::domain::{
    Cpf, Email, LoginKeys, NewPerson, PasswordHash, Person, PersonId, ProfileKind, SealContext,
    Sigla, Timestamp,
};
use app::model::Language;

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: PersonId,
    name: String,
    sigla_sealed: Vec<u8>,
    cpf_sealed: Option<Vec<u8>>,
    password_hash: String,
    language: String,
    factor_state: String,
    blocked_at: Option<Timestamp>,
    enrolment_approved_until: Option<Timestamp>,
    previous_sign_in_at: Option<Timestamp>,
    email_doubtful: i64,
}

/// Makes a statement that selects [`PersonRow`]s.
macro_rules! select_person {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.name, p.sigla_sealed, p.cpf_sealed, p.password_hash, p.language, \
             s.factor_state, s.blocked_at, s.enrolment_approved_until, p.previous_sign_in_at, \
             p.email_doubtful \
             FROM person p JOIN person_security s ON s.person_id = p.id ",
            $condition
        )
    };
}

pub(super) fn seal_context<'a>(purpose: &'static str, row: &'a str) -> SealContext<'a> {
    SealContext::new("person", purpose, row)
}

fn contact_context(row: &str) -> SealContext<'_> {
    SealContext::new("contact", "email", row)
}

/// The sealed and indexed columns of a new person.
pub(super) struct PersonColumns {
    pub(super) sigla_sealed: Vec<u8>,
    pub(super) sigla_index: Vec<u8>,
    pub(super) cpf_sealed: Option<Vec<u8>>,
    pub(super) cpf_index: Option<Vec<u8>>,
}

impl PersonColumns {
    pub(super) fn of(sealer: &Sealer, id: PersonId, person: &NewPerson) -> Self {
        let row = id.to_string();
        let seal = |purpose, text: &str| sealer.seal(seal_context(purpose, &row), text.as_bytes());
        let digits = person.cpf.as_ref().map(Cpf::digits);
        Self {
            sigla_sealed: seal("sigla", person.sigla.as_typed()),
            sigla_index: sealer.index("sigla", &person.sigla.key()),
            cpf_sealed: digits.as_ref().map(|digits| seal("cpf", digits)),
            cpf_index: digits.as_ref().map(|digits| sealer.index("cpf", digits)),
        }
    }
}

impl Reader {
    /// Id, sealed address and blind index of a new contact.
    pub(super) fn contact_columns(&self, contact: &Email) -> (String, Vec<u8>, Vec<u8>) {
        let id = self.sealer.row_id();
        let sealed = self
            .sealer
            .seal(contact_context(&id), contact.as_typed().as_bytes());
        (id, sealed, self.sealer.index("email", &contact.key()))
    }

    /// The blind index of a sigla key. It also names an unknown login in the counters of failed attempts (R13).
    pub fn sigla_index(&self, key: &str) -> Vec<u8> {
        self.sealer.index("sigla", key)
    }

    /// The person of a login: by sigla, else by CPF; `None` when it is unknown.
    pub async fn find_by_login(&mut self, login: &LoginKeys) -> StoreResult<Option<Person>> {
        if let Some(person) = self.find_by_sigla(&login.sigla_key).await? {
            return Ok(Some(person));
        }
        match &login.cpf {
            Some(cpf) => self.find_by_cpf(cpf).await,
            None => Ok(None),
        }
    }

    /// The person with this sigla key ([`Sigla::key`]).
    pub async fn find_by_sigla(&mut self, key: &str) -> StoreResult<Option<Person>> {
        let index = self.sigla_index(key);
        let row = self
            .fetch_optional(select_person!("WHERE p.sigla_index = $1"), args![index])
            .await?;
        self.complete_if_found(row).await
    }

    pub async fn find_by_cpf(&mut self, cpf: &Cpf) -> StoreResult<Option<Person>> {
        let index = self.sealer.index("cpf", &cpf.digits());
        let row = self
            .fetch_optional(select_person!("WHERE p.cpf_index = $1"), args![index])
            .await?;
        self.complete_if_found(row).await
    }

    /// The person with this id; an error when there is none.
    pub async fn person(&mut self, id: PersonId) -> StoreResult<Person> {
        let row = self
            .fetch_one(select_person!("WHERE p.id = $1"), args![id])
            .await?;
        self.complete_person(row).await
    }

    /// All people, ordered by id.
    pub async fn people(&mut self) -> StoreResult<Vec<Person>> {
        let rows: Vec<PersonRow> = self
            .fetch_all(select_person!("ORDER BY p.id"), args![])
            .await?;
        let mut people = Vec::with_capacity(rows.len());
        for row in rows {
            people.push(self.complete_person(row).await?);
        }
        Ok(people)
    }

    async fn complete_if_found(&mut self, row: Option<PersonRow>) -> StoreResult<Option<Person>> {
        match row {
            Some(row) => self.complete_person(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn complete_person(&mut self, row: PersonRow) -> StoreResult<Person> {
        let id = row.id.to_string();
        let name = RowName::new("person", &id);
        let (sigla, cpf) = self.open_login(name, &row.sigla_sealed, row.cpf_sealed.as_deref())?;
        let profiles: Vec<(String,)> = self
            .fetch_all(
                "SELECT kind FROM profile WHERE person_id = $1 ORDER BY kind",
                args![row.id],
            )
            .await?;
        let profile_name = RowName::new("profile", &id);
        Ok(Person {
            id: row.id,
            name: row.name,
            sigla,
            cpf,
            password: name.value(
                "password_hash",
                PasswordHash::parse(&row.password_hash).ok(),
            )?,
            language: name.value("language", Language::from_code(&row.language))?,
            profiles: profiles
                .into_iter()
                .map(|(kind,)| profile_name.value("kind", ProfileKind::parse(&kind).ok()))
                .collect::<StoreResult<_>>()?,
            factor_state: RowName::new("person_security", &id)
                .code("factor_state", &row.factor_state)?,
            blocked_at: row.blocked_at,
            enrolment_approved_until: row.enrolment_approved_until,
            previous_sign_in_at: row.previous_sign_in_at,
            is_email_doubtful: row.email_doubtful != 0,
        })
    }

    /// What a person signs in with: sigla, and the CPF where it is known; an error when there is no such person.
    pub async fn login_of(&mut self, person: PersonId) -> StoreResult<(Sigla, Option<Cpf>)> {
        let (sigla, cpf): (Vec<u8>, Option<Vec<u8>>) = self
            .fetch_one(
                "SELECT sigla_sealed, cpf_sealed FROM person WHERE id = $1",
                args![person],
            )
            .await?;
        let id = person.to_string();
        let name = RowName::new("person", &id);
        self.open_login(name, &sigla, cpf.as_deref())
    }

    fn open_login(
        &self,
        name: RowName<'_>,
        sigla: &[u8],
        cpf: Option<&[u8]>,
    ) -> StoreResult<(Sigla, Option<Cpf>)> {
        let open = |purpose, sealed| {
            let context = seal_context(purpose, name.id);
            self.sealer.open_text(context, sealed)
        };
        let sigla = name.value("sigla_sealed", Sigla::parse(&open("sigla", sigla)?).ok())?;
        let cpf = cpf.map(|sealed| {
            let digits = open("cpf", sealed)?;
            name.value("cpf_sealed", Cpf::parse(&digits).ok())
        });
        Ok((sigla, cpf.transpose()?))
    }

    pub async fn person_exists(&mut self, id: PersonId) -> StoreResult<bool> {
        self.has_row("SELECT id FROM person WHERE id = $1", args![id])
            .await
    }

    /// How many contacts are registered for a person.
    pub async fn count_contacts(&mut self, person: PersonId) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT COUNT(*) FROM contact WHERE person_id = $1",
            args![person],
        )
        .await
    }

    /// One hash of each kind and cost that people have, with how many have it.
    pub async fn password_costs(&mut self) -> StoreResult<Vec<(PasswordHash, i64)>> {
        // kind and cost stand within the first bytes of every format that is accepted
        let rows: Vec<(String, i64)> = self
            .fetch_all(
                "SELECT MIN(password_hash), COUNT(*) FROM person \
                 GROUP BY SUBSTR(password_hash, 1, 20) ORDER BY 1",
                args![],
            )
            .await?;
        let name = RowName::new("person", "");
        rows.into_iter()
            .map(|(hash, people)| {
                let hash = name.value("password_hash", PasswordHash::parse(&hash).ok())?;
                Ok((hash, people))
            })
            .collect()
    }

    /// How many people have no registered contact: no security alert of a first enrolment reaches them.
    pub async fn count_without_contact(&mut self) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT COUNT(*) FROM person p WHERE NOT EXISTS \
                 (SELECT 1 FROM contact c WHERE c.person_id = p.id)",
            args![],
        )
        .await
    }

    /// The registered contacts of a person (R29).
    pub async fn contacts(&mut self, person: PersonId) -> StoreResult<Vec<Email>> {
        let rows: Vec<(String, Vec<u8>)> = self
            .fetch_all(
                "SELECT id, email_sealed FROM contact WHERE person_id = $1 ORDER BY id",
                args![person],
            )
            .await?;
        rows.iter()
            .map(|(id, sealed)| {
                let text = self.sealer.open_text(contact_context(id), sealed)?;
                let name = RowName::new("contact", id);
                name.value("email_sealed", Email::parse(&text).ok())
            })
            .collect()
    }

    /// The confirmed personal email. Only mails about the factor may go to it (LGPD).
    pub async fn personal_email(&mut self, person: PersonId) -> StoreResult<Option<Email>> {
        let sealed: Option<Vec<u8>> = self
            .fetch_value(
                "SELECT email_sealed FROM person WHERE id = $1",
                args![person],
            )
            .await?;
        let id = person.to_string();
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let text = self.sealer.open_text(seal_context("email", &id), &sealed)?;
        let name = RowName::new("person", &id);
        name.value("email_sealed", Email::parse(&text).ok())
            .map(Some)
    }
}

impl Tx {
    /// Replaces the hash of a password by one with the present parameters, if it is still the hash that was verified. A
    /// password that was changed meanwhile stays.
    pub async fn upgrade_password(
        &mut self,
        person: PersonId,
        verified: &PasswordHash,
        fresh: &PasswordHash,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            args![person, verified.as_str(), fresh.as_str()],
        )
        .await
    }

    /// Stores the time of a sign-in and keeps the one before, which the home page shows.
    pub async fn note_sign_in(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET previous_sign_in_at = last_sign_in_at, last_sign_in_at = $2 \
             WHERE id = $1",
            args![person, now],
        )
        .await
    }
}
