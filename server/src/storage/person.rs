//! People, their profiles and registered contacts. CPF, sigla and addresses are sealed and found
//! by blind index (R30).

use super::{StoreError, StoreResult, Tx, tx::known};
use crate::domain::{
    cpf::Cpf,
    language::Language,
    password::PasswordHash,
    person::{LoginKeys, PersonId, ProfileKind},
    time::Timestamp,
    vault::Place,
};

/// A person as sign-in and the pages need them.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Sigla as registered.
    pub sigla: String,
    /// CPF, where known.
    pub cpf: Option<Cpf>,
    /// Password hash.
    pub password: PasswordHash,
    /// Language of mails.
    pub language: Language,
    /// Whether a factor is active.
    pub factor_active: bool,
    /// Blocked since.
    pub blocked_at: Option<Timestamp>,
    /// An operator allowed a first enrolment until then (`first_enrolment = approved`).
    pub enrolment_approved_until: Option<Timestamp>,
    /// The sign-in before this session's.
    pub previous_sign_in_at: Option<Timestamp>,
    /// Profiles.
    pub profiles: Vec<ProfileKind>,
}

/// What is written when a person is registered.
#[derive(Clone, Debug)]
pub struct RegisteredPerson {
    /// Id.
    pub id: PersonId,
    /// Everything else, as imported.
    pub person: crate::domain::new_person::NewPerson,
}

type Row = (
    i64,
    String,
    Vec<u8>,
    Option<Vec<u8>>,
    String,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

const COLUMNS: &str = "SELECT id, name, sigla_sealed, cpf_sealed, password_hash, language, \
    factor_state, blocked_at, enrolment_approved_until, previous_sign_in_at FROM person";

fn place<'a>(purpose: &'static str, row: &'a str) -> Place<'a> {
    Place {
        table: "person",
        purpose,
        row,
    }
}

impl Tx {
    /// The index under which a login's sigla is found; also the throttle's key for nobody.
    pub fn sigla_index(&self, key: &str) -> Vec<u8> {
        self.sealer.index("sigla", key)
    }

    /// Registers a person. A unique violation means that id, sigla or CPF is taken.
    pub async fn insert_person(
        &mut self,
        new: &RegisteredPerson,
        now: Timestamp,
    ) -> StoreResult<()> {
        let (id, person) = (new.id.get(), &new.person);
        let row = id.to_string();
        let sigla = self
            .sealer
            .seal(place("sigla", &row), person.sigla.as_typed().as_bytes());
        let sigla_index = self.sigla_index(&person.sigla.key());
        let cpf = person.cpf.as_ref().map(|cpf| {
            let sealed = self
                .sealer
                .seal(place("cpf", &row), cpf.digits().as_bytes());
            (sealed, self.sealer.index("cpf", &cpf.digits()))
        });
        let (cpf, cpf_index) = cpf.unzip();
        sqlx::query(
            "INSERT INTO person (id, name, sigla_sealed, sigla_index, cpf_sealed, cpf_index, \
             password_hash, language, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(&person.name)
        .bind(sigla)
        .bind(sigla_index)
        .bind(cpf)
        .bind(cpf_index)
        .bind(person.password.as_str())
        .bind(person.language.code())
        .bind(now.0)
        .execute(self.conn())
        .await?;
        for profile in &person.profiles {
            sqlx::query(
                "INSERT INTO profile (person_id, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(id)
            .bind(profile.as_str())
            .execute(self.conn())
            .await?;
        }
        for contact in &person.contacts {
            let contact_id = self.sealer.row_id();
            let place = Place {
                table: "contact",
                purpose: "address",
                row: &contact_id,
            };
            let sealed = self.sealer.seal(place, contact.as_typed().as_bytes());
            let index = self.sealer.index("address", &contact.key());
            sqlx::query(
                "INSERT INTO contact (id, person_id, address_sealed, address_index) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(&contact_id)
            .bind(id)
            .bind(sealed)
            .bind(index)
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    /// The people that a login names: by sigla first, else by CPF.
    pub async fn find_by_login(&mut self, login: &LoginKeys) -> StoreResult<Option<PersonRow>> {
        if let Some(person) = self.find_by_sigla(&login.sigla_key).await? {
            return Ok(Some(person));
        }
        match &login.cpf {
            Some(cpf) => self.find_by_cpf(cpf).await,
            None => Ok(None),
        }
    }

    /// The person with this sigla key.
    pub async fn find_by_sigla(&mut self, key: &str) -> StoreResult<Option<PersonRow>> {
        let index = self.sigla_index(key);
        self.one_person("sigla_index = $1", index).await
    }

    /// The person with this CPF.
    pub async fn find_by_cpf(&mut self, cpf: &Cpf) -> StoreResult<Option<PersonRow>> {
        let index = self.sealer.index("cpf", &cpf.digits());
        self.one_person("cpf_index = $1", index).await
    }

    async fn one_person(
        &mut self,
        by: &'static str,
        index: Vec<u8>,
    ) -> StoreResult<Option<PersonRow>> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE {by}"));
        let row: Option<Row> = sqlx::query_as(sql)
            .bind(index)
            .fetch_optional(self.conn())
            .await?;
        match row {
            Some(row) => self.complete_person(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The person with this id.
    pub async fn person(&mut self, id: PersonId) -> StoreResult<PersonRow> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
        let row: Row = sqlx::query_as(sql)
            .bind(id.get())
            .fetch_one(self.conn())
            .await?;
        self.complete_person(row).await
    }

    /// Everybody, by id, for the command line.
    pub async fn people(&mut self) -> StoreResult<Vec<PersonRow>> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY id"));
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(self.conn()).await?;
        let mut people = Vec::with_capacity(rows.len());
        for row in rows {
            people.push(self.complete_person(row).await?);
        }
        Ok(people)
    }

    async fn complete_person(&mut self, row: Row) -> StoreResult<PersonRow> {
        let (id, name, sigla, cpf, password, language, factor, blocked, approved, previous) = row;
        let text = id.to_string();
        let sigla = self.sealer.open_text(place("sigla", &text), &sigla)?;
        let cpf = match cpf {
            Some(sealed) => {
                let digits = self.sealer.open_text(place("cpf", &text), &sealed)?;
                Some(Cpf::parse(&digits).map_err(|_| StoreError::Corrupt("person.cpf"))?)
            }
            None => None,
        };
        let profiles: Vec<(String,)> =
            sqlx::query_as("SELECT kind FROM profile WHERE person_id = $1 ORDER BY kind")
                .bind(id)
                .fetch_all(self.conn())
                .await?;
        Ok(PersonRow {
            id: known(PersonId::new(id).ok(), "person id")?,
            name,
            sigla,
            cpf,
            password: PasswordHash::parse(&password)
                .map_err(|_| StoreError::Corrupt("person.password_hash"))?,
            language: Language::from_code(&language),
            factor_active: factor == "active",
            blocked_at: blocked.map(Timestamp),
            enrolment_approved_until: approved.map(Timestamp),
            previous_sign_in_at: previous.map(Timestamp),
            profiles: profiles
                .into_iter()
                .map(|(kind,)| known(ProfileKind::parse(&kind).ok(), "profile.kind"))
                .collect::<StoreResult<_>>()?,
        })
    }

    /// Whether this number is somebody's.
    pub async fn knows_person(&mut self, id: PersonId) -> StoreResult<bool> {
        let found: Option<(i64,)> = sqlx::query_as("SELECT id FROM person WHERE id = $1")
            .bind(id.get())
            .fetch_optional(self.conn())
            .await?;
        Ok(found.is_some())
    }

    /// How many contact addresses are registered for a person.
    pub async fn count_contacts(&mut self, person: PersonId) -> StoreResult<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM contact WHERE person_id = $1")
            .bind(person.get())
            .fetch_one(self.conn())
            .await?;
        Ok(count)
    }

    /// The registered contact addresses of a person (R29).
    pub async fn contacts(&mut self, person: PersonId) -> StoreResult<Vec<String>> {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, address_sealed FROM contact WHERE person_id = $1 ORDER BY id",
        )
        .bind(person.get())
        .fetch_all(self.conn())
        .await?;
        rows.iter()
            .map(|(id, sealed)| {
                let place = Place {
                    table: "contact",
                    purpose: "address",
                    row: id,
                };
                self.sealer.open_text(place, sealed)
            })
            .collect()
    }

    /// The confirmed personal address, which only mails of the factor go to (LGPD).
    pub async fn personal_email(&mut self, person: PersonId) -> StoreResult<Option<String>> {
        let (sealed,): (Option<Vec<u8>>,) =
            sqlx::query_as("SELECT email_sealed FROM person WHERE id = $1")
                .bind(person.get())
                .fetch_one(self.conn())
                .await?;
        let row = person.get().to_string();
        sealed
            .map(|sealed| self.sealer.open_text(place("email", &row), &sealed))
            .transpose()
    }

    /// Replaces the hash, if it is still the one that was verified.
    pub async fn upgrade_password(
        &mut self,
        person: PersonId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> StoreResult<()> {
        sqlx::query("UPDATE person SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(person.get())
            .bind(old.as_str())
            .bind(new.as_str())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Turns the one switch from *no factor* to *active*, and uses an approval up; false when
    /// another activation did.
    pub async fn switch_factor_on(&mut self, person: PersonId, email: &str) -> StoreResult<bool> {
        let row = person.get().to_string();
        let sealed = self.sealer.seal(place("email", &row), email.as_bytes());
        let done = sqlx::query(
            "UPDATE person SET factor_state = 'active', email_sealed = $2, \
             enrolment_approved_until = NULL WHERE id = $1 AND factor_state = 'none' AND blocked_at IS NULL",
        )
        .bind(person.get())
        .bind(sealed)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Makes transactions about one person wait for each other: what is read after it stays true
    /// until the commit. (On SQLite they do so anyway.)
    pub async fn lock_person(&mut self, person: PersonId) -> StoreResult<()> {
        sqlx::query("UPDATE person SET created_at = created_at WHERE id = $1")
            .bind(person.get())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Notes a sign-in, keeping the one before for the home page.
    pub async fn note_sign_in(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE person SET previous_sign_in_at = last_sign_in_at, last_sign_in_at = $2 \
             WHERE id = $1",
        )
        .bind(person.get())
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Blocks or unblocks. An approval of an enrolment does not outlive a block.
    pub async fn set_blocked(
        &mut self,
        person: PersonId,
        at: Option<Timestamp>,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE person SET blocked_at = $2, enrolment_approved_until = \
             CASE WHEN $2 IS NULL THEN enrolment_approved_until ELSE NULL END WHERE id = $1",
        )
        .bind(person.get())
        .bind(at.map(|t| t.0))
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Allows a first enrolment until then, where the policy asks for approval.
    pub async fn approve_enrolment(
        &mut self,
        person: PersonId,
        until: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query("UPDATE person SET enrolment_approved_until = $2 WHERE id = $1")
            .bind(person.get())
            .bind(until.0)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
