//! Audit rows: plain inserts in the transaction of the act (decision 9).

use super::{StoreResult, Tx};
use crate::domain::{
    audit::{Actor, AuditEvent},
    client::ClientInfo,
    person::PersonId,
    time::Timestamp,
};

impl Tx {
    /// Writes one audit row. `detail` must hold no secret, code, token or full email.
    pub async fn audit(
        &mut self,
        actor: &Actor,
        event: AuditEvent,
        person: Option<PersonId>,
        client: &ClientInfo,
        detail: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        let (actor_kind, actor) = actor.parts();
        let (event, outcome) = event.parts();
        self.execute(
            "INSERT INTO audit (at, actor_kind, actor, person_id, event, outcome, ip, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                now,
                actor_kind,
                &*actor,
                person,
                event,
                outcome,
                client.ip_text(),
                detail
            ],
        )
        .await?;
        Ok(())
    }
}
