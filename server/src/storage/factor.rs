//! Factors: the one place where a step is used up (R1).

use super::{StoreResult, Tx, tx::known};
use crate::domain::{person::PersonId, time::Timestamp, totp::TotpSecret, vault::Place};

/// A factor to be stored.
#[derive(Clone, Debug)]
pub struct NewFactor {
    /// Whose.
    pub person: PersonId,
    /// Its secret.
    pub secret: TotpSecret,
    /// The newest step used up before (at enrolment, or at the instance it came from).
    pub last_step: i64,
    /// Instance at which it was enrolled.
    pub origin: String,
}

/// An active authenticator.
#[derive(Clone, Debug)]
pub struct FactorRow {
    /// Row id.
    pub id: String,
    /// Its secret.
    pub secret: TotpSecret,
    /// The newest step accepted.
    pub last_step: i64,
    /// The newest step that matched a clock that is off, and by how many steps.
    pub drift: Option<(i64, i64)>,
    /// Instance at which it was enrolled.
    pub origin: String,
    /// Active since.
    pub created_at: Timestamp,
    /// Last accepted code.
    pub last_used_at: Option<Timestamp>,
}

type Row = (
    String,
    Vec<u8>,
    i64,
    Option<i64>,
    Option<i64>,
    String,
    i64,
    Option<i64>,
);

fn place(id: &str) -> Place<'_> {
    Place {
        table: "factor",
        purpose: "secret",
        row: id,
    }
}

impl Tx {
    /// Stores an active authenticator.
    pub async fn insert_factor(&mut self, new: &NewFactor, now: Timestamp) -> StoreResult<()> {
        let id = self.sealer.row_id();
        let sealed = self.sealer.seal(place(&id), new.secret.bytes().expose());
        sqlx::query(
            "INSERT INTO factor (id, person_id, kind, label, state, secret_sealed, last_step, \
             origin, created_at) VALUES ($1, $2, 'totp', '', 'active', $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(new.person.get())
        .bind(sealed)
        .bind(new.last_step)
        .bind(&new.origin)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Takes back the activation of that very moment (R29): the factor, its secret and the personal
    /// address go. False when no such factor is there (any more); another one is never touched.
    pub async fn switch_factor_off(
        &mut self,
        person: PersonId,
        activated_at: Timestamp,
    ) -> StoreResult<bool> {
        let gone = sqlx::query("DELETE FROM factor WHERE person_id = $1 AND created_at = $2")
            .bind(person.get())
            .bind(activated_at.0)
            .execute(self.conn())
            .await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE person SET factor_state = 'none', email_sealed = NULL WHERE id = $1")
            .bind(person.get())
            .execute(self.conn())
            .await?;
        Ok(true)
    }

    /// A person's active authenticators, oldest first.
    pub async fn active_totps(&mut self, person: PersonId) -> StoreResult<Vec<FactorRow>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, secret_sealed, last_step, drift_step, drift_ahead, origin, created_at, \
             last_used_at FROM factor \
             WHERE person_id = $1 AND kind = 'totp' AND state = 'active' ORDER BY created_at, id",
        )
        .bind(person.get())
        .fetch_all(self.conn())
        .await?;
        rows.into_iter()
            .map(
                |(id, sealed, last_step, step, ahead, origin, created_at, used)| {
                    let secret = TotpSecret::from_bytes(self.sealer.open(place(&id), &sealed)?);
                    Ok(FactorRow {
                        secret: known(secret, "factor.secret")?,
                        id,
                        last_step,
                        drift: step.zip(ahead),
                        origin,
                        created_at: Timestamp(created_at),
                        last_used_at: used.map(Timestamp),
                    })
                },
            )
            .collect()
    }

    /// Uses up a step: one statement decides (R1). False when this step or a later one was used,
    /// or it was given away as a hint.
    pub async fn use_step(&mut self, factor: &str, step: i64, now: Timestamp) -> StoreResult<bool> {
        let won: Option<(i64,)> = sqlx::query_as(
            "UPDATE factor SET last_step = $2, last_used_at = $3, drift_step = NULL \
             WHERE id = $1 AND state = 'active' AND last_step < $2 AND NOT EXISTS \
             (SELECT 1 FROM burnt_step b WHERE b.factor_id = $1 AND b.step = $2) \
             RETURNING last_step",
        )
        .bind(factor)
        .bind(step)
        .bind(now.0)
        .fetch_optional(self.conn())
        .await?;
        Ok(won.is_some())
    }

    /// Notes that a code was right for a clock that is off, and burns its step, so that the hint
    /// is no oracle.
    pub async fn burn_step(&mut self, factor: &str, step: i64, ahead: i64) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO burnt_step (factor_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(factor)
        .bind(step)
        .execute(self.conn())
        .await?;
        sqlx::query("UPDATE factor SET drift_step = $2, drift_ahead = $3 WHERE id = $1")
            .bind(factor)
            .bind(step)
            .bind(ahead)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
