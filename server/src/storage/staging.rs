//! An import on its way: people stand in tables of their own until the import is decided by one statement. Then they are moved portion
//! by portion, so that sign-ins do not wait long, and a process that ends on the way leaves the rest to the next one.

use super::person::PersonColumns;
use super::row::code_of;
use super::{Engine, Reader, StoreError, StoreResult, Tx};
use crate::domain::{
    Actor, AuditEvent, Cpf, FactorState, NewPerson, PersonId, Timestamp, UniqueField,
};

/// How many people one transaction moves. More of them hold up sign-ins on SQLite for longer; fewer write the pages of the random
/// indexes more often.
pub const MOVED_AT_ONCE: i64 = 20_000;

/// An import that is carried through.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DecidedImport {
    pub id: String,
    /// The operator who imports.
    pub actor: String,
}

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
    /// How many imports were decided, and one of them that still has people to be moved.
    pub async fn decided_imports(&mut self) -> StoreResult<(i64, Option<DecidedImport>)> {
        let (decided,) = self
            .fetch_one("SELECT decided FROM import_counter", args![])
            .await?;
        let unfinished = self
            .fetch_optional(
                "SELECT id, actor FROM import WHERE decided_at IS NOT NULL ORDER BY id LIMIT 1",
                args![],
            )
            .await?;
        Ok((decided, unfinished))
    }

    /// The values of an import that somebody who is registered has already, or that it has twice, each with its line, up to
    /// `most`: without any, nothing can stop the import. A CPF and a sigla with the same digits are one login, at sign-in and in a sync, so both are compared with both (R24).
    pub async fn staged_conflicts(
        &mut self,
        import: &str,
        most: i64,
    ) -> StoreResult<Vec<(i64, UniqueField)>> {
        let for_a_million_rows = match self.engine {
            // sorting them would take a hundred megabytes
            Engine::Sqlite => "PRAGMA temp_store = FILE",
            // they take longer than what any other statement may
            Engine::Postgres => "SELECT set_config('statement_timeout', '0', true)",
        };
        self.fetch_optional::<(String,)>(for_a_million_rows, args![])
            .await?;
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
                 OR EXISTS (SELECT 1 FROM person p WHERE p.sigla_index = s.cpf_as_sigla)) \
                 UNION ALL SELECT MAX(line), CAST(0 AS BIGINT) FROM staged_person \
                 WHERE import_id = $1 GROUP BY id HAVING COUNT(*) > 1 \
                 UNION ALL SELECT MAX(line), CAST(1 AS BIGINT) FROM staged_person \
                 WHERE import_id = $1 GROUP BY sigla_index HAVING COUNT(*) > 1 \
                 UNION ALL SELECT MAX(line), CAST(2 AS BIGINT) FROM staged_person \
                 WHERE import_id = $1 AND cpf_index IS NOT NULL \
                 GROUP BY cpf_index HAVING COUNT(*) > 1) found \
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
    pub async fn begin_import(
        &mut self,
        import: &str,
        actor: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        if self.engine == Engine::Sqlite {
            // from the next transaction on, what a statement would undo is kept in a file: 20,000 rows touch as many pages
            self.run_plain("PRAGMA temp_store = FILE").await?;
        }
        self.execute(
            "INSERT INTO import (id, actor, begun_at) VALUES ($1, $2, $3)",
            args![import, actor, now],
        )
        .await
    }

    /// Decides an import, if no other was decided since `decided` of them were: it was compared with those only. This one
    /// statement decides between two.
    pub async fn decide_import(
        &mut self,
        import: &str,
        decided: i64,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let won = self
            .execute_if(
                "UPDATE import_counter SET decided = decided + 1 WHERE decided = $1",
                args![decided],
            )
            .await?;
        if !won {
            return Ok(false);
        }
        // an import of more than a day may have been given up by the rules of retention
        let is_there = self
            .execute_if(
                "UPDATE import SET decided_at = $2 WHERE id = $1",
                args![import, now],
            )
            .await?;
        is_there.then_some(true).ok_or(StoreError::Inconsistent(
            "an import is over before it is decided",
        ))
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

    /// Registers and audits the next people of a decided import, at most [`MOVED_AT_ONCE`], and ends it after the last ones.
    /// Returns how many people there were.
    pub async fn move_staged(
        &mut self,
        import: &DecidedImport,
        actor: &Actor,
        now: Timestamp,
    ) -> StoreResult<u64> {
        let id = &*import.id;
        // of two processes that move the same import the second waits here
        self.execute(
            "UPDATE import SET decided_at = decided_at WHERE id = $1",
            args![id],
        )
        .await?;
        let (until, people): (Option<i64>, i64) = self
            .fetch_one(
                "SELECT MAX(line), COUNT(*) FROM (SELECT line FROM staged_person \
                 WHERE import_id = $1 ORDER BY line LIMIT $2) next",
                args![id, MOVED_AT_ONCE],
            )
            .await?;
        let Some(until) = until else {
            self.end_import(id).await?;
            return Ok(0);
        };
        self.execute(
            "INSERT INTO person (id, name, sigla_sealed, sigla_index, cpf_sealed, cpf_index, \
             password_hash, language, created_at) SELECT id, name, sigla_sealed, sigla_index, \
             cpf_sealed, cpf_index, password_hash, language, CAST($3 AS BIGINT) \
             FROM staged_person WHERE import_id = $1 AND line <= $2",
            args![id, until, now],
        )
        .await?;
        self.execute(
            "INSERT INTO person_security (person_id, version, factor_state, revision_counter) \
             SELECT id, 0, CAST($3 AS TEXT), 0 \
             FROM staged_person WHERE import_id = $1 AND line <= $2",
            args![id, until, code_of(FactorState::None)],
        )
        .await?;
        self.execute(
            "INSERT INTO profile (person_id, kind) SELECT s.id, p.kind FROM staged_profile p \
             JOIN staged_person s ON s.import_id = p.import_id AND s.line = p.line \
             WHERE p.import_id = $1 AND p.line <= $2",
            args![id, until],
        )
        .await?;
        self.execute(
            "INSERT INTO contact (id, person_id, email_sealed, email_index) \
             SELECT c.id, s.id, c.email_sealed, c.email_index FROM staged_contact c \
             JOIN staged_person s ON s.import_id = c.import_id AND s.line = c.line \
             WHERE c.import_id = $1 AND c.line <= $2",
            args![id, until],
        )
        .await?;
        let ((actor_kind, actor), (event, outcome)) =
            (actor.parts(), AuditEvent::Registered.parts());
        self.execute(
            "INSERT INTO audit (at, actor_kind, actor, person_id, event, outcome, ip, network, detail) \
             SELECT CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT), id, CAST($6 AS TEXT), \
             CAST($7 AS TEXT), '', '', '' FROM staged_person \
             WHERE import_id = $1 AND line <= $2 ORDER BY line",
            args![id, until, now, actor_kind, &*actor, event, outcome],
        )
        .await?;
        for moved in [
            "DELETE FROM staged_contact WHERE import_id = $1 AND line <= $2",
            "DELETE FROM staged_profile WHERE import_id = $1 AND line <= $2",
            "DELETE FROM staged_person WHERE import_id = $1 AND line <= $2",
        ] {
            self.execute(moved, args![id, until]).await?;
        }
        if people < MOVED_AT_ONCE {
            self.end_import(id).await?;
        }
        Ok(people.cast_unsigned())
    }

    /// Ends an import. What is staged of it goes by the rules of retention.
    pub async fn end_import(&mut self, import: &str) -> StoreResult<()> {
        self.execute("DELETE FROM import WHERE id = $1", args![import])
            .await
    }
}
