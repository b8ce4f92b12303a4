//! An import on its way: people stand in tables of their own, portion by portion, until one transaction registers them all.

use super::{AT_ONCE, Engine, Reader, StoreResult, Tx, person::PersonColumns, row::code_of};
use crate::domain::{
    audit::{Actor, AuditEvent},
    cpf::Cpf,
    new_person::{NewPerson, UniqueField},
    person::{FactorState, PersonId},
    time::Timestamp,
};

/// A person of an import.
#[derive(Clone, Debug)]
pub struct StagedPerson {
    /// Names the row to whoever imports: its line in the file, or its place in a list.
    pub line: i64,
    /// The id that the person brings, or one that was drawn.
    pub id: PersonId,
    pub person: NewPerson,
}

impl Reader {
    /// The values of an import that somebody who is registered has already, each with its line, up to `most`. A CPF and a sigla
    /// with the same digits are one login, at sign-in and in a sync, so both are compared with both (R24).
    pub async fn staged_conflicts(
        &mut self,
        import: &str,
        most: i64,
    ) -> StoreResult<Vec<(i64, UniqueField)>> {
        let rows: Vec<(i64, i64)> = self
            .fetch_all(
                "SELECT line, field FROM (\
                 SELECT s.line, CAST(0 AS BIGINT) AS field FROM staged_person s \
                 WHERE s.import_id = $1 AND EXISTS (SELECT 1 FROM person p WHERE p.id = s.id) \
                 UNION ALL SELECT s.line, CAST(1 AS BIGINT) FROM staged_person s \
                 WHERE s.import_id = $1 \
                 AND (EXISTS (SELECT 1 FROM person p WHERE p.sigla_index = s.sigla_index) \
                 OR EXISTS (SELECT 1 FROM person p WHERE p.cpf_index = s.sigla_as_cpf)) \
                 UNION ALL SELECT s.line, CAST(2 AS BIGINT) FROM staged_person s \
                 WHERE s.import_id = $1 \
                 AND (EXISTS (SELECT 1 FROM person p WHERE p.cpf_index = s.cpf_index) \
                 OR EXISTS (SELECT 1 FROM person p WHERE p.sigla_index = s.cpf_as_sigla))) found \
                 ORDER BY line, field LIMIT $2",
                args![import, most],
            )
            .await?;
        let field = |number| match number {
            0 => UniqueField::Id,
            1 => UniqueField::Sigla,
            _ => UniqueField::Cpf,
        };
        Ok(rows
            .into_iter()
            .map(|(line, number)| (line, field(number)))
            .collect())
    }
}

impl Tx {
    /// Makes registrations wait for each other until the commit.
    pub async fn lock_registration(&mut self) -> StoreResult<()> {
        // on PostgreSQL the row is locked; SQLite has one writer
        self.execute(
            "UPDATE instance_mark SET name = name WHERE name = 'key'",
            args![],
        )
        .await
    }

    pub async fn begin_import(&mut self, import: &str, now: Timestamp) -> StoreResult<()> {
        self.execute(
            "INSERT INTO import (id, begun_at) VALUES ($1, $2)",
            args![import, now],
        )
        .await
    }

    /// Adds people to an import.
    pub async fn stage_people(&mut self, import: &str, people: &[StagedPerson]) -> StoreResult<()> {
        // table by table, so that the statements that are sent together are the same ones again and again
        for StagedPerson { line, id, person } in people {
            let columns = PersonColumns::of(&self.sealer, *id, person);
            let digits = person.cpf.as_ref().map(Cpf::digits);
            let sigla_digits = person.sigla.cpf().map(|cpf| cpf.digits());
            let cpf_as_sigla = digits.map(|digits| self.sigla_index(&digits));
            let sigla_as_cpf = sigla_digits.map(|digits| self.sealer.index("cpf", &digits));
            self.execute(
                "INSERT INTO staged_person (import_id, line, id, name, sigla_sealed, sigla_index, \
                 sigla_as_cpf, cpf_sealed, cpf_index, cpf_as_sigla, password_hash, language) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                args![
                    import,
                    *line,
                    *id,
                    &*person.name,
                    columns.sigla_sealed,
                    columns.sigla_index,
                    sigla_as_cpf,
                    columns.cpf_sealed,
                    columns.cpf_index,
                    cpf_as_sigla,
                    person.password.as_str(),
                    person.language.code()
                ],
            )
            .await?;
        }
        for StagedPerson { line, person, .. } in people {
            for profile in &person.profiles {
                // a profile that is listed twice is stored once
                self.execute(
                    "INSERT INTO staged_profile (import_id, line, kind) VALUES ($1, $2, $3) \
                     ON CONFLICT DO NOTHING",
                    args![import, *line, profile.as_str()],
                )
                .await?;
            }
        }
        for StagedPerson { line, person, .. } in people {
            for contact in &person.contacts {
                let (id, sealed, index) = self.contact_columns(contact);
                // two spellings of one email are stored as one contact
                self.execute(
                    "INSERT INTO staged_contact (import_id, line, id, email_sealed, email_index) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    args![import, *line, id, sealed, index],
                )
                .await?;
            }
        }
        Ok(())
    }

    /// Registers and audits everybody of an import, and ends it. A unique violation means that a value was taken meanwhile.
    /// Returns how many people there were.
    pub async fn register_staged(
        &mut self,
        import: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> StoreResult<u64> {
        self.run_plain(match self.engine {
            // pages of random indexes stay in memory until the commit
            Engine::Sqlite => "PRAGMA cache_size = -65536",
            // a million rows take longer than what any other statement may
            Engine::Postgres => "SET LOCAL statement_timeout = 0",
        })
        .await?;
        let people = self
            .execute_counted(
                "INSERT INTO person (id, name, sigla_sealed, sigla_index, cpf_sealed, cpf_index, \
                 password_hash, language, created_at) SELECT id, name, sigla_sealed, sigla_index, \
                 cpf_sealed, cpf_index, password_hash, language, CAST($2 AS BIGINT) \
                 FROM staged_person WHERE import_id = $1",
                args![import, now],
            )
            .await?;
        self.execute(
            "INSERT INTO person_security (person_id, version, factor_state, revision_counter, \
             revision_instance) SELECT id, 0, CAST($2 AS TEXT), 0, '' \
             FROM staged_person WHERE import_id = $1",
            args![import, code_of(FactorState::None)],
        )
        .await?;
        self.execute(
            "INSERT INTO profile (person_id, kind) SELECT s.id, p.kind FROM staged_profile p \
             JOIN staged_person s ON s.import_id = p.import_id AND s.line = p.line \
             WHERE p.import_id = $1",
            args![import],
        )
        .await?;
        self.execute(
            "INSERT INTO contact (id, person_id, email_sealed, email_index) \
             SELECT c.id, s.id, c.email_sealed, c.email_index FROM staged_contact c \
             JOIN staged_person s ON s.import_id = c.import_id AND s.line = c.line \
             WHERE c.import_id = $1",
            args![import],
        )
        .await?;
        let ((actor_kind, actor), (event, outcome)) =
            (actor.parts(), AuditEvent::Registered.parts());
        self.execute(
            "INSERT INTO audit (at, actor_kind, actor, person_id, event, outcome, ip, network, detail) \
             SELECT CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), id, CAST($5 AS TEXT), \
             CAST($6 AS TEXT), '', '', '' FROM staged_person WHERE import_id = $1 ORDER BY line",
            args![import, now, actor_kind, &*actor, event, outcome],
        )
        .await?;
        // what is too much for one transaction is left to the rules of retention
        if people <= AT_ONCE.cast_unsigned() {
            for table in [
                "DELETE FROM staged_contact WHERE import_id = $1",
                "DELETE FROM staged_profile WHERE import_id = $1",
                "DELETE FROM staged_person WHERE import_id = $1",
            ] {
                self.execute(table, args![import]).await?;
            }
        }
        self.end_import(import).await?;
        Ok(people)
    }

    /// Ends an import; its staged rows go by the rules of retention.
    pub async fn end_import(&mut self, import: &str) -> StoreResult<()> {
        self.execute("DELETE FROM import WHERE id = $1", args![import])
            .await
    }
}
