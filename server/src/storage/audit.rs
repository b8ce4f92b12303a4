//! Audit rows: plain inserts, written with the act (decision 9).

use super::{StoreResult, Tx};
use crate::domain::{person::PersonId, time::Timestamp};

impl Tx {
    /// Writes one row: what happened, to whom, whence and how it ended. `detail` holds no secret,
    /// code, token or full address.
    pub async fn audit(
        &mut self,
        now: Timestamp,
        person: Option<PersonId>,
        action: &str,
        outcome: &str,
        address: &str,
        detail: &str,
    ) -> StoreResult<()> {
        let id = self.sealer.row_id();
        sqlx::query(
            "INSERT INTO audit_detail (id, at, person_id, action, outcome, address, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(now.0)
        .bind(person.map(PersonId::get))
        .bind(action)
        .bind(outcome)
        .bind(address)
        .bind(detail)
        .execute(self.conn())
        .await?;
        Ok(())
    }
}
