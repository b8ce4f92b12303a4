//! The sync outbox and inbox: activation writes one row a peer in its own transaction; the
//! destination remembers what it answered (R24, first version).

use super::{
    StoreError, StoreResult, Tx,
    mail_outbox::{UNREADABLE, UNREADABLE_FOR},
};
use crate::domain::{
    person::PersonId,
    sync::SyncOutcome,
    time::{Seconds, Timestamp},
    vault::Place,
};

/// A message that is due, leased to this worker.
#[derive(Debug)]
pub struct DueSync {
    /// Row id; also the message's `jti`.
    pub id: String,
    /// Destination.
    pub peer: String,
    /// Payload as it was enqueued.
    pub payload: Vec<u8>,
    /// Attempts before this one.
    pub attempts: i64,
}

/// One destination's state, for the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRow {
    /// Destination.
    pub peer: String,
    /// Its final answer, once it gave one.
    pub outcome: Option<SyncOutcome>,
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: "sync_outbox",
        purpose: "payload",
        row: id,
    }
}

impl Tx {
    /// Writes a message for one destination.
    pub async fn enqueue_sync(
        &mut self,
        peer: &str,
        person: PersonId,
        enrolment: &str,
        payload: &[u8],
        now: Timestamp,
    ) -> StoreResult<()> {
        let id = self.sealer.row_id();
        let sealed = self.sealer.seal(place(&id), payload);
        sqlx::query(
            "INSERT INTO sync_outbox (id, peer, person_id, enrolment_id, kind, payload_sealed, \
             state, next_at, created_at) \
             VALUES ($1, $2, $3, $4, 'factor_activated', $5, 'queued', $6, $6)",
        )
        .bind(&id)
        .bind(peer)
        .bind(person.get())
        .bind(enrolment)
        .bind(sealed)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Leases the next due message until `now + lease`.
    pub async fn lease_sync(
        &mut self,
        lease: Seconds,
        now: Timestamp,
    ) -> StoreResult<Option<DueSync>> {
        loop {
            let row: Option<(String, String, Option<Vec<u8>>, i64)> = sqlx::query_as(
                "UPDATE sync_outbox SET lease_until = $2, attempts = attempts + 1 WHERE id = \
                 (SELECT id FROM sync_outbox WHERE state = 'queued' AND next_at <= $1 \
                  AND lease_until <= $1 ORDER BY next_at, id LIMIT 1) \
                 AND state = 'queued' AND lease_until <= $1 \
                 RETURNING id, peer, payload_sealed, attempts",
            )
            .bind(now.0)
            .bind((now + lease).0)
            .fetch_optional(self.conn())
            .await?;
            let Some((id, peer, sealed, attempts)) = row else {
                return Ok(None);
            };
            let opened = sealed
                .ok_or(StoreError::Corrupt("sync_outbox.payload"))
                .and_then(|sealed| self.sealer.open(place(&id), &sealed));
            match opened {
                Ok(payload) => {
                    return Ok(Some(DueSync {
                        id,
                        peer,
                        payload: payload.expose().to_vec(),
                        attempts: attempts - 1,
                    }));
                }
                // a damaged one holds up no other
                Err(error) => {
                    tracing::error!(message = %id, %error, "a message cannot be read");
                    self.retry_sync(&id, UNREADABLE, now + UNREADABLE_FOR)
                        .await?;
                }
            }
        }
    }

    /// Keeps the destination's final answer and wipes the payload.
    pub async fn finish_sync(
        &mut self,
        id: &str,
        outcome: SyncOutcome,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE sync_outbox SET state = 'final', outcome = $2, done_at = $3, \
             payload_sealed = NULL WHERE id = $1 AND state = 'queued'",
        )
        .bind(id)
        .bind(outcome.code())
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// To be tried again at `next_at`.
    pub async fn retry_sync(
        &mut self,
        id: &str,
        fault: &str,
        next_at: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE sync_outbox SET next_at = $2, lease_until = 0, last_fault = $3 \
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(id)
        .bind(next_at.0)
        .bind(fault)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Where each destination stands with this person's newest message.
    pub async fn sync_of(&mut self, person: PersonId) -> StoreResult<Vec<SyncRow>> {
        let rows: Vec<(String, Option<String>)> = sqlx::query_as(
            "SELECT peer, outcome FROM sync_outbox WHERE person_id = $1 ORDER BY peer, created_at",
        )
        .bind(person.get())
        .fetch_all(self.conn())
        .await?;
        let mut newest: Vec<SyncRow> = Vec::new();
        for (peer, outcome) in rows {
            let outcome = outcome.as_deref().and_then(SyncOutcome::from_code);
            match newest.last_mut().filter(|row| row.peer == peer) {
                Some(row) => row.outcome = outcome,
                None => newest.push(SyncRow { peer, outcome }),
            }
        }
        Ok(newest)
    }

    /// What was answered to this message before, if it came before.
    pub async fn answered(
        &mut self,
        origin: &str,
        message: &str,
    ) -> StoreResult<Option<SyncOutcome>> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT outcome FROM sync_inbox WHERE origin = $1 AND message_id = $2")
                .bind(origin)
                .bind(message)
                .fetch_optional(self.conn())
                .await?;
        Ok(row.and_then(|(code,)| SyncOutcome::from_code(&code)))
    }

    /// Remembers the answer to a message. A unique violation means that another worker answered
    /// it at the same time: run again and read that answer.
    pub async fn remember_answer(
        &mut self,
        origin: &str,
        message: &str,
        outcome: SyncOutcome,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO sync_inbox (origin, message_id, outcome, received_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(origin)
        .bind(message)
        .bind(outcome.code())
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }
}
