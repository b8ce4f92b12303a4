//! Changes of people in the outbox: what other instances have answered, and what is under way (R24).

use super::outbox::{Channel, LeaseRow, NewRow};
use super::row::RowName;
use super::{Reader, StoreResult, Tx};
use crate::domain::{InstanceName, PersonChange, PersonId, Timestamp};
use app::model::{PeerSync, SyncOutcome};
use std::collections::HashSet;

/// How much waits for one other instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingChanges {
    pub peer: String,
    pub waiting: i64,
    /// When the oldest of them was made; `None` when nothing waits.
    pub oldest_at: Option<Timestamp>,
    /// Most attempts of one of them.
    pub attempts: i64,
    /// Why the newest attempt failed; empty when none did.
    pub last_error: String,
}

/// One change of a person for one other instance.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToldChange {
    pub revision: i64,
    pub peer: String,
    pub kind: String,
    pub made_at: Timestamp,
    pub state: String,
    /// What was answered; empty without an answer.
    pub outcome: String,
    pub attempts: i64,
    /// Why the last attempt failed; empty when it did not.
    pub last_error: String,
}

impl Reader {
    /// How much waits for each other instance for which anything does.
    pub async fn waiting_changes(&mut self) -> StoreResult<Vec<WaitingChanges>> {
        self.fetch_all(
            "SELECT destination AS peer, COUNT(*) AS waiting, MIN(created_at) AS oldest_at, \
             MAX(attempts) AS attempts, COALESCE(MAX(last_error), '') AS last_error FROM outbox \
             WHERE channel = 'sync' AND state = 'queued' GROUP BY destination ORDER BY destination",
            args![],
        )
        .await
    }

    /// Those of these people of whom changes wait for a peer.
    pub async fn people_waiting_for(
        &mut self,
        peer: &str,
        people: &[PersonId],
    ) -> StoreResult<HashSet<PersonId>> {
        let (Some(first), Some(last)) = (people.iter().min(), people.iter().max()) else {
            return Ok(HashSet::new());
        };
        let people = self
            .fetch_column(
                "SELECT DISTINCT person_id FROM outbox WHERE channel = 'sync' AND destination = $1 \
                 AND state = 'queued' AND person_id >= $2 AND person_id <= $3",
                args![peer, *first, *last],
            )
            .await?;
        Ok(people.into_iter().collect())
    }

    /// Up to `most` changes of a person, the newest first.
    pub async fn told_changes(
        &mut self,
        person: PersonId,
        most: i64,
    ) -> StoreResult<Vec<ToldChange>> {
        self.fetch_all(
            "SELECT revision, destination AS peer, kind, created_at AS made_at, state, \
             COALESCE(outcome, '') AS outcome, attempts, COALESCE(last_error, '') AS last_error \
             FROM outbox WHERE person_id = $1 AND channel = 'sync' \
             ORDER BY revision DESC, destination LIMIT $2",
            args![person, most],
        )
        .await
    }

    /// Whether the newest change that made a factor of this person active was applied by this peer, or is under way to it. False
    /// without such a change.
    pub async fn has_applied(
        &mut self,
        person: PersonId,
        peer: &InstanceName,
    ) -> StoreResult<bool> {
        let newest: Option<(String, String)> = self
            .fetch_optional(
                "SELECT state, COALESCE(outcome, '') FROM outbox WHERE person_id = $1 \
                 AND channel = 'sync' AND destination = $2 AND factor_id IS NOT NULL \
                 AND state <> 'withdrawn' ORDER BY revision DESC LIMIT 1",
                args![person, peer.as_str()],
            )
            .await?;
        Ok(newest.is_some_and(|(state, outcome)| state == "queued" || outcome == "synchronised"))
    }

    /// The outcome at each other instance of this person's newest change that made a factor active; `None` also while any other change is
    /// under way. With `factor`, of the change that made it active.
    pub async fn sync_of(
        &mut self,
        person: PersonId,
        factor: Option<&str>,
    ) -> StoreResult<Vec<PeerSync>> {
        let rows: Vec<(String, String, Option<String>)> = self
            .fetch_all(
                "SELECT id, destination, outcome FROM outbox \
                 WHERE person_id = $1 AND channel = 'sync' AND state <> 'withdrawn' \
                 AND (factor_id = $2 OR CAST($2 AS TEXT) IS NULL \
                 AND (factor_id IS NOT NULL OR state = 'queued')) ORDER BY destination, revision",
                args![person, factor],
            )
            .await?;
        let mut newest: Vec<PeerSync> = Vec::new();
        for (id, peer, outcome) in rows {
            let name = RowName::new("outbox", &id);
            let outcome = outcome
                .map(|code| name.value("outcome", SyncOutcome::from_code(&code)))
                .transpose()?;
            match newest.last_mut().filter(|sync| sync.peer == peer) {
                Some(sync) => sync.outcome = outcome,
                None => newest.push(PeerSync { peer, outcome }),
            }
        }
        Ok(newest)
    }

    /// The other instances at which an authenticator that ended here may still work: what ends it there is not confirmed, and they
    /// had it.
    pub async fn instances_of_ended(&mut self, person: PersonId) -> StoreResult<Vec<String>> {
        self.fetch_column(
                "SELECT DISTINCT o.destination FROM outbox o \
                 WHERE o.person_id = $1 AND o.channel = 'sync' AND o.kind IN \
                 ('factor_replaced', 'factors_revoked', 'factors_taken_back', 'factor_deactivated') \
                 AND (o.state = 'queued' OR o.outcome = 'refused') AND NOT EXISTS \
                 (SELECT 1 FROM outbox l WHERE l.person_id = $1 AND l.channel = 'sync' \
                 AND l.destination = o.destination AND l.revision > o.revision \
                 AND l.outcome = 'synchronised' AND l.kind IN ('factors_revoked', \
                 'factors_taken_back', 'factor_deactivated')) \
                 AND (EXISTS (SELECT 1 FROM outbox b WHERE b.person_id = $1 AND b.channel = 'sync' \
                 AND b.destination = o.destination AND b.revision < o.revision \
                 AND (b.outcome = 'synchronised' OR b.attempts > 0)) \
                 OR EXISTS (SELECT 1 FROM factor f WHERE f.person_id = $1 \
                 AND f.home_instance = o.destination AND f.state = 'revoked')) \
                 ORDER BY o.destination",
                args![person],
            ).await
    }
}

impl Tx {
    /// Makes every change that waits due now. A lease stays, so that nothing is sent twice.
    pub async fn retry_changes(&mut self, now: Timestamp) -> StoreResult<u64> {
        self.execute_counted(
            "UPDATE outbox SET next_at = $1 WHERE channel = 'sync' AND state = 'queued'",
            args![now],
        )
        .await
    }

    /// Writes a change of a person for one peer. `factor` is the one whose secret is in it.
    pub(super) async fn enqueue_change(
        &mut self,
        peer: &str,
        person: PersonId,
        change: &PersonChange,
        factor: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let row = NewRow {
            channel: Channel::Sync,
            destination: peer,
            person,
            revision: change.counter,
            kind: change.kind(),
            enrolment: None,
            factor,
            email_index: None,
            payload: change,
            give_up_at: None,
        };
        self.enqueue(row, now).await
    }

    /// Takes the queued changes of a person for one destination out of the outbox, in their order; those that cannot be read stay.
    pub(super) async fn take_queued(
        &mut self,
        person: PersonId,
        destination: &str,
    ) -> StoreResult<Vec<(PersonChange, Option<String>)>> {
        let rows: Vec<LeaseRow> = self
            .fetch_all(
                "SELECT id, person_id, factor_id, payload_sealed, attempts, give_up_at FROM outbox \
                 WHERE person_id = $1 AND channel = 'sync' AND destination = $2 \
                 AND state = 'queued' ORDER BY revision",
                args![person, destination],
            )
            .await?;
        let mut taken = Vec::new();
        for row in rows {
            if let Ok(change) = self.open_payload(&row) {
                self.delete_row(&row.id).await?;
                taken.push((change, row.factor_id));
            }
        }
        Ok(taken)
    }

    /// Withdraws the changes that make a person's revoked factors active elsewhere and were not delivered yet. The change that revokes
    /// names everything that has ended, so that nothing is lost with them; what was only replaced is told in its order.
    pub(super) async fn withdraw_changes_of_revoked(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<()> {
        // an outcome that a peer gave stays recorded
        self.execute(
            "UPDATE outbox SET state = 'withdrawn', payload_sealed = NULL, done_at = $2 \
             WHERE person_id = $1 AND channel = 'sync' AND state = 'queued' AND factor_id IN \
             (SELECT f.id FROM factor f WHERE f.person_id = $1 AND f.ended_as = 'revoked')",
            args![person, now],
        )
        .await
    }
}
