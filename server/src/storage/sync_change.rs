//! Changes of people as other instances are told, in their order, and what those made elsewhere leave here (R24).

use super::handle::encode_error;
use super::row::code_of;
use super::{LeasedRow, StoreResult, Tx};
use crate::domain::sync::GREATEST_LEAP;
use crate::domain::{
    Change, EndedAs, FactorName, InstanceName, PersonChange, PersonId, Proof, Revision, Seconds,
    Timestamp,
};
use serde::Serialize;

/// The instances among which changes travel.
#[derive(Clone, Debug)]
pub struct InstanceNames {
    /// The name of this one.
    pub own: InstanceName,
    /// Those that are told of every change here.
    pub peers: Vec<InstanceName>,
    /// Those of them that are told of new passwords.
    pub password_peers: Vec<InstanceName>,
}

/// Pause before a peer is told again what was stale.
const TOLD_AGAIN_PAUSE: Seconds = Seconds(2);

/// A value of the domain in a column of text.
pub(super) fn to_json(value: &impl Serialize) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| encode_error(error.into()))
}

impl Tx {
    /// Begins a change of a person's account here: counts up, and returns its place in the order of this person's changes.
    pub async fn begin_change(&mut self, person: PersonId) -> StoreResult<Revision> {
        let (counter,) = self
            .fetch_one(
                "UPDATE person_security SET revision_counter = revision_counter + 1, \
                 version = version + 1 WHERE person_id = $1 RETURNING revision_counter",
                args![person],
            )
            .await?;
        Ok(Revision {
            counter,
            instance: self.names.own.clone(),
        })
    }

    /// Queues a change that was begun for every peer. `factor` is the id of the one that it makes active.
    pub async fn tell_peers(
        &mut self,
        person: PersonId,
        revision: &Revision,
        (proof, change): (Proof, Change),
        factor: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let names = self.names.clone();
        let peers = match change {
            Change::PasswordChanged { .. } => &names.password_peers,
            _ => &names.peers,
        };
        if peers.is_empty() {
            return Ok(());
        }
        let told = self.told(person, revision, proof, change, now).await?;
        for peer in peers {
            self.enqueue_change(peer.as_str(), person, &told, factor, now)
                .await?;
        }
        Ok(())
    }

    /// Queues a change that was begun for one peer. `factor` is the id of the one that it makes active.
    pub async fn tell_peer(
        &mut self,
        person: PersonId,
        peer: &InstanceName,
        revision: &Revision,
        (proof, change): (Proof, Change),
        factor: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let told = self.told(person, revision, proof, change, now).await?;
        self.enqueue_change(peer.as_str(), person, &told, factor, now)
            .await
    }

    /// A change of this person as it travels.
    async fn told(
        &mut self,
        person: PersonId,
        revision: &Revision,
        proof: Proof,
        change: Change,
        now: Timestamp,
    ) -> StoreResult<PersonChange> {
        let (sigla, cpf) = self.login_of(person).await?;
        Ok(PersonChange {
            cpf,
            sigla,
            counter: revision.counter,
            seen: self.seen_of_others(person).await?,
            made_at: now,
            proof,
            change,
        })
    }

    /// Tells a peer again, as newer changes, what it has answered as stale and what waits behind it: this instance has lost what it had
    /// told that peer since. False when the peer claims to know what cannot be.
    pub async fn tell_as_newer(
        &mut self,
        row: &LeasedRow<PersonChange>,
        known: i64,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.lock_person(row.person).await?;
        if known > row.payload.counter.saturating_add(GREATEST_LEAP) {
            return Ok(false);
        }
        let own = self.names.own.clone();
        self.note_seen(row.person, &own, known).await?;
        // what waits behind it keeps its place behind it
        let mut rows = vec![(row.payload.clone(), row.factor.clone())];
        rows.extend(self.take_queued(row.person, &row.destination).await?);
        self.delete_row(&row.id).await?;
        for (change, factor) in rows {
            let revision = self.begin_change(row.person).await?;
            let change = PersonChange {
                counter: revision.counter,
                ..change
            };
            // not at once: a peer that always answers so must not keep this instance busy
            let at = now + TOLD_AGAIN_PAUSE;
            self.enqueue_change(&row.destination, row.person, &change, factor.as_deref(), at)
                .await?;
        }
        Ok(true)
    }

    /// Whether a row of this kind waits for a peer.
    pub async fn is_telling(
        &mut self,
        person: PersonId,
        peer: &InstanceName,
        kind: &str,
    ) -> StoreResult<bool> {
        self.has_row(
            "SELECT id FROM outbox WHERE person_id = $1 AND channel = 'sync' \
                 AND destination = $2 AND state = 'queued' AND kind = $3 LIMIT 1",
            args![person, peer.as_str(), kind],
        )
        .await
    }

    /// Ends a factor because of another instance's change. One that has ended before ends as this now, unless it is revoked.
    pub async fn end_known_factor(
        &mut self,
        person: PersonId,
        factor: &str,
        ended_as: EndedAs,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE factor SET state = 'revoked', revoked_at = COALESCE(revoked_at, $3), \
             ended_as = $4, ended_counter = $5, ended_instance = $6 \
             WHERE id = $2 AND person_id = $1 AND (ended_as IS NULL OR ended_as <> 'revoked')",
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
        // what is queued of it is told all the same: it names what it ended, which nothing else would tell
        self.execute(
            "DELETE FROM totp WHERE factor_id IN \
             (SELECT id FROM factor WHERE person_id = $1 AND state = 'revoked')",
            args![person],
        )
        .await
    }

    /// Stores that a factor has ended which never was active here, so that no late message makes it active.
    pub async fn note_ended_factor(
        &mut self,
        person: PersonId,
        name: &FactorName,
        proof: &Proof,
        (ended_as, revision): (EndedAs, &Revision),
        now: Timestamp,
    ) -> StoreResult<()> {
        let id = self.sealer.row_id();
        // whoever names it again changes nothing
        self.execute(
            "INSERT INTO factor (id, person_id, kind, label, state, source, home_instance, home_id, \
             proof, added_counter, replaced_all, seen, created_at, revoked_at, ended_as, \
             ended_counter, ended_instance) VALUES ($1, $2, 'totp', '', 'revoked', 'sync', $3, $4, \
             $5, 0, 0, '{}', $6, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            args![
                id,
                person,
                name.home.as_str(),
                &*name.id,
                to_json(proof)?,
                now,
                code_of(ended_as),
                revision.counter,
                revision.instance.as_str()
            ],
        )
        .await
    }

    /// Stores the newest change of an instance that revoked every factor.
    pub async fn note_revoked_all(
        &mut self,
        person: PersonId,
        instance: &InstanceName,
        counter: i64,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO person_revision (person_id, instance, revoked_all) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id, instance) DO UPDATE SET revoked_all = excluded.revoked_all",
            args![person, instance.as_str(), counter],
        )
        .await
    }

    /// Stores the newest change of an instance that replaced every factor by one; 0: another change has beaten it.
    pub async fn note_replaced_all(
        &mut self,
        person: PersonId,
        instance: &InstanceName,
        counter: i64,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO person_revision (person_id, instance, replaced_all) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id, instance) DO UPDATE SET replaced_all = excluded.replaced_all",
            args![person, instance.as_str(), counter],
        )
        .await
    }

    /// Stores the block of an instance; 0: it was lifted.
    pub async fn note_block(
        &mut self,
        person: PersonId,
        instance: &InstanceName,
        counter: i64,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO person_revision (person_id, instance, blocked) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id, instance) DO UPDATE SET blocked = excluded.blocked",
            args![person, instance.as_str(), counter],
        )
        .await
    }

    /// Forgets the blocks of all instances: an operator here has opened the account.
    pub async fn forget_blocks(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE person_revision SET blocked = 0 WHERE person_id = $1",
            args![person],
        )
        .await
    }

    /// Stores that a change of another instance was answered. Changes that are made here from now on come after it.
    pub async fn note_seen(
        &mut self,
        person: PersonId,
        instance: &InstanceName,
        counter: i64,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO person_revision (person_id, instance, seen) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id, instance) DO UPDATE SET seen = excluded.seen",
            args![person, instance.as_str(), counter],
        )
        .await?;
        self.execute(
            "UPDATE person_security SET version = version + 1, revision_counter = \
             CASE WHEN revision_counter < $2 THEN $2 ELSE revision_counter END WHERE person_id = $1",
            args![person, counter],
        )
        .await
    }

    /// Sets the factor state to *revoked* where no factor is active any more.
    pub async fn close_without_factor(
        &mut self,
        person: PersonId,
        closed_by: &InstanceName,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE person_security SET factor_state = 'revoked', version = version + 1, \
             closed_by = $2, enrolment_approved_until = NULL WHERE person_id = $1 AND factor_state = 'active' \
             AND NOT EXISTS (SELECT 1 FROM factor f WHERE f.person_id = $1 AND f.state = 'active')",
            args![person, closed_by.as_str()],
        )
        .await
    }

    /// Stores which instance has closed an account without a factor.
    pub async fn note_closed_by(
        &mut self,
        person: PersonId,
        instance: &InstanceName,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE person_security SET closed_by = $2 WHERE person_id = $1",
            args![person, instance.as_str()],
        )
        .await
    }
}
