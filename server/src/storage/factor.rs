//! Factors. The time steps of an active factor are used up here only, those of a pending enrolment in
//! `storage::enrolment` (R1).

use super::row::{RowName, code_of};
use super::sync_change::to_json;
use super::{Reader, Sealer, StoreResult, Tx};
use crate::domain::{
    ClockDrift, EndedAs, FactorName, FactorSource, NewTotpFactor, PersonId, Revision, SealContext,
    Timestamp, TotpFactor, TotpSecret,
};

#[derive(sqlx::FromRow)]
pub(super) struct TotpRow {
    id: String,
    label: String,
    secret_sealed: Vec<u8>,
    last_step: i64,
    drift_step: Option<i64>,
    drift_ahead: Option<i64>,
    home_instance: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl TotpRow {
    pub(super) fn open(self, sealer: &Sealer) -> StoreResult<TotpFactor> {
        let opened = sealer.open(secret_context(&self.id), &self.secret_sealed)?;
        let name = RowName::new("totp", &self.id);
        Ok(TotpFactor {
            label: self.label,
            secret: name.value("secret_sealed", TotpSecret::from_bytes(opened))?,
            last_step: self.last_step,
            drift: self
                .drift_step
                .zip(self.drift_ahead)
                .map(|(step, ahead)| ClockDrift { step, ahead }),
            home_instance: self.home_instance,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            id: self.id,
        })
    }
}

fn secret_context(factor: &str) -> SealContext<'_> {
    SealContext::new("totp", "secret", factor)
}

impl Reader {
    /// The person's active TOTP authenticators, oldest first.
    pub async fn active_totps(&mut self, person: PersonId) -> StoreResult<Vec<TotpFactor>> {
        let rows: Vec<TotpRow> = self
            .fetch_all(
                "SELECT f.id, f.label, t.secret_sealed, t.last_step, t.drift_step, t.drift_ahead, \
                 f.home_instance, f.created_at, t.last_used_at \
                 FROM factor f JOIN totp t ON t.factor_id = f.id \
                 WHERE f.person_id = $1 AND f.state = 'active' ORDER BY f.created_at, f.id",
                args![person],
            )
            .await?;
        rows.into_iter().map(|row| row.open(&self.sealer)).collect()
    }

    /// Ids of the person's active factors that became active after `since`, with the enrolment that made each.
    pub async fn factors_since(
        &mut self,
        person: PersonId,
        since: Timestamp,
    ) -> StoreResult<Vec<(String, Option<String>)>> {
        self.fetch_all(
            "SELECT id, enrolment_id FROM factor \
             WHERE person_id = $1 AND state = 'active' AND created_at > $2",
            args![person, since],
        )
        .await
    }

    /// The factor that an enrolment made; `None` when it made none.
    pub async fn factor_of_enrolment(&mut self, enrolment: &str) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = self
            .fetch_optional(
                "SELECT id FROM factor WHERE enrolment_id = $1",
                args![enrolment],
            )
            .await?;
        Ok(row.map(|(id,)| id))
    }
}

impl Tx {
    /// Stores an active authenticator and returns the id of the factor.
    pub async fn insert_totp(
        &mut self,
        new: &NewTotpFactor,
        now: Timestamp,
    ) -> StoreResult<String> {
        let id = self.sealer.row_id();
        let sealed = self
            .sealer
            .seal(secret_context(&id), new.secret.bytes().expose());
        let name = match &new.source {
            FactorSource::Enrolment(_) => FactorName {
                home: self.names.own.clone(),
                id: id.clone(),
            },
            FactorSource::Sync(name) => name.clone(),
        };
        // the unique keys allow one factor for each enrolment, and for each name
        self.execute(
            "INSERT INTO factor (id, person_id, kind, label, state, source, enrolment_id, \
             home_instance, home_id, proof, added_counter, replaced_all, created_at, seen) \
             VALUES ($1, $2, 'totp', $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                &*id,
                new.person,
                &*new.label,
                new.source.code(),
                new.source.enrolment(),
                name.home.as_str(),
                &*name.id,
                to_json(&new.proof)?,
                new.added_counter,
                i64::from(new.replaces_all),
                now,
                to_json(&new.seen)?
            ],
        )
        .await?;
        self.execute(
            "INSERT INTO totp (factor_id, secret_sealed, last_step) VALUES ($1, $2, $3)",
            args![&*id, sealed, new.last_step],
        )
        .await?;
        Ok(id)
    }

    /// Ends one active factor (R29), deletes its secret, and withdraws what other instances have not received of it. False when it was
    /// not active. No other factor is changed.
    pub async fn end_factor(
        &mut self,
        person: PersonId,
        factor: &str,
        ended_as: EndedAs,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let ended = self
            .execute_if(
                "UPDATE factor SET state = 'revoked', revoked_at = $3, ended_as = $4, \
                 ended_counter = $5, ended_instance = $6 \
                 WHERE id = $2 AND person_id = $1 AND state = 'active'",
                args![
                    person,
                    factor,
                    now,
                    code_of(ended_as),
                    revision.counter,
                    revision.instance.as_str()
                ],
            )
            .await?;
        if ended {
            self.forget_secrets_of_ended(person, now).await?;
        }
        Ok(ended)
    }

    /// Revokes one factor as [`Tx::end_factor`] does; with the last factor it also deletes the personal email.
    pub async fn take_back_factor(
        &mut self,
        person: PersonId,
        factor: &str,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let revoked = self
            .end_factor(person, factor, EndedAs::Revoked, revision, now)
            .await?;
        if revoked {
            self.forget_last_factor(person, &revision.instance).await?;
        }
        Ok(revoked)
    }

    /// Revokes every active factor of a person but `kept`, and deletes their secrets.
    pub async fn revoke_other_factors(
        &mut self,
        person: PersonId,
        kept: &str,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE factor SET state = 'revoked', revoked_at = $3, ended_as = 'revoked', \
             ended_counter = $4, ended_instance = $5 \
             WHERE person_id = $1 AND id <> $2 AND state = 'active'",
            args![
                person,
                kept,
                now,
                revision.counter,
                revision.instance.as_str()
            ],
        )
        .await?;
        self.forget_secrets_of_ended(person, now).await
    }

    /// Deletes the secrets of a person's ended factors, and withdraws what other instances have not received of them: an instance that
    /// was down must not be given a phone that was stolen meanwhile.
    pub(super) async fn forget_secrets_of_ended(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "DELETE FROM totp WHERE factor_id IN \
             (SELECT id FROM factor WHERE person_id = $1 AND state = 'revoked')",
            args![person],
        )
        .await?;
        self.withdraw_changes_of_revoked(person, now).await
    }

    /// Gives an active factor of a person another name. False when the person has no such factor.
    pub async fn rename_factor(
        &mut self,
        person: PersonId,
        factor: &str,
        label: &str,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE factor SET label = $3 WHERE id = $2 AND person_id = $1 AND state = 'active'",
            args![person, factor, label],
        )
        .await
    }

    /// Revokes every active factor of a person and deletes their secrets; the state is *revoked* afterwards (R33). False when
    /// there was none.
    pub async fn revoke_all_factors(
        &mut self,
        person: PersonId,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<bool> {
        if !self.revoke_second_factor(person).await? {
            return Ok(false);
        }
        // an id that no factor has
        self.revoke_other_factors(person, "", revision, now).await?;
        self.note_revoked_all(person, &revision.instance, revision.counter)
            .await?;
        Ok(true)
    }

    /// Uses up a time step. False when this or a later step was used before, or a hint about the clock was given for its
    /// code. This one statement decides between parallel posts of the same code (R1).
    pub async fn use_time_step(
        &mut self,
        factor: &str,
        step: i64,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE totp SET last_step = $2, drift_step = NULL, last_used_at = $3 \
             WHERE factor_id = $1 AND last_step < $2 AND NOT EXISTS (SELECT 1 FROM revealed_step r \
             WHERE r.factor_id = $1 AND r.step = $2)",
            args![factor, step, now],
        )
        .await
    }

    /// Stores that a code was right for a wrong clock. Its time step is never accepted afterwards, so that the hint about the
    /// clock is of no use to a guesser.
    pub async fn reveal_time_step(&mut self, factor: &str, drift: ClockDrift) -> StoreResult<()> {
        // the same code may be typed again: its step is revealed already
        self.execute(
            "INSERT INTO revealed_step (factor_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            args![factor, drift.step],
        )
        .await?;
        self.execute(
            "UPDATE totp SET drift_step = $2, drift_ahead = $3 WHERE factor_id = $1",
            args![factor, drift.step, drift.ahead],
        )
        .await
    }
}
