//! What was received from other instances: the key of idempotency, and the answer given (R24).

use super::row::RowName;
use super::{Reader, StoreResult, Tx};
use crate::domain::{SyncAnswer, Timestamp};
use app::model::SyncOutcome;

impl Reader {
    /// The answer that was recorded for this message of a peer; `None` when the message is new.
    pub async fn answered(
        &mut self,
        issuer: &str,
        message: &str,
    ) -> StoreResult<Option<SyncAnswer>> {
        let row: Option<(String, Option<i64>)> = self
            .fetch_optional(
                "SELECT outcome, known FROM sync_inbox WHERE issuer = $1 AND message_id = $2",
                args![issuer, message],
            )
            .await?;
        let name = RowName::new("sync_inbox", message);
        row.map(|(code, known)| {
            let outcome = name.value("outcome", SyncOutcome::from_code(&code))?;
            Ok(SyncAnswer {
                known,
                ..SyncAnswer::of(outcome)
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Records the answer to a peer's message. A unique violation means that another worker answered it at the same time; the
    /// caller runs again and reads that answer.
    pub async fn remember_answer(
        &mut self,
        issuer: &str,
        message: &str,
        answer: SyncAnswer,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO sync_inbox (issuer, message_id, outcome, known, received_at) \
             VALUES ($1, $2, $3, $4, $5)",
            args![issuer, message, answer.outcome.code(), answer.known, now],
        )
        .await
    }
}
