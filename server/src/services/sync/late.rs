//! People who are registered here after another instance has told of them: it is asked, and tells its state again by itself.

use crate::domain::sync::TOLD_AGAIN;
use crate::domain::{Change, InstanceName, PersonId, Proof, SharedFactor, Timestamp};
use crate::services::Services;
use crate::storage::{LatePerson, StoreResult, Tx};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two looks for people who were registered.
const EVERY: Duration = Duration::from_secs(30);
/// Most people asked for in one round; the others follow in the next.
const AT_ONCE: i64 = 100;

impl Services {
    /// Looks until the process ends. Replicas may all look: a statement decides which of them asks.
    pub(crate) fn start_asking_for_late_people(self: &Arc<Self>) {
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                if let Err(error) = services.ask_for_late_people().await {
                    tracing::warn!(%error, "people who were registered late could not be asked for");
                }
            }
        });
    }

    /// Asks the instances that have told of somebody who is registered now. Returns how many people that were.
    pub async fn ask_for_late_people(&self) -> StoreResult<usize> {
        let late = self.store.reader().await?.late_people(AT_ONCE).await?;
        let mut asked = 0;
        for late in late {
            let written = self
                .store
                .write_with((late, self.now()), |tx, (late, now)| {
                    Box::pin(ask_for_late_person(tx, late, *now))
                });
            asked += usize::from(written.await?);
        }
        Ok(asked)
    }
}

/// Asks the instance that has told of somebody who is registered now. False when another process has asked.
async fn ask_for_late_person(tx: &mut Tx, late: &LatePerson, now: Timestamp) -> StoreResult<bool> {
    if !tx.forget_unknown_person(late).await? {
        return Ok(false);
    }
    let Ok(issuer) = InstanceName::parse(&late.issuer) else {
        return Ok(false);
    };
    ask_for_state(tx, late.person_id, &issuer, now).await?;
    Ok(true)
}

/// Tells one peer the authenticators of a person that were enrolled here and work, as changes of their own. The peer applies them as it
/// would have when they were made: to an account that has none. Returns how many changes that were.
pub(super) async fn tell_state(
    tx: &mut Tx,
    person: PersonId,
    peer: &InstanceName,
    now: Timestamp,
) -> StoreResult<usize> {
    let Some(email) = tx.personal_email(person).await? else {
        return Ok(0);
    };
    let known = tx.known_factors(person).await?;
    let own = tx.own_instance().clone();
    let mut told_changes = 0;
    for totp in tx.active_totps(person).await? {
        // each instance tells of what was enrolled there
        let Some(known) = known
            .iter()
            .find(|known| known.id == totp.id && known.name.home == own)
        else {
            continue;
        };
        let shared = SharedFactor {
            factor: known.name.clone(),
            label: totp.label,
            secret: totp.secret,
            last_step: totp.last_step,
            email: email.clone(),
        };
        let told = if told_changes == 0 {
            (Proof::FirstEnrolment, Change::FactorActivated(shared))
        } else {
            let active = Vec::new();
            (Proof::ToldAgain { active }, Change::FactorAdded(shared))
        };
        let revision = tx.begin_change(person).await?;
        tx.tell_peer(person, peer, &revision, told, Some(&totp.id), now)
            .await?;
        told_changes += 1;
    }
    let own_block = tx.instance_revisions(person).await?.get(&own).copied();
    if own_block.is_some_and(|known| known.blocked > 0) {
        tell_one(tx, person, peer, (Proof::Operator, Change::Blocked), now).await?;
        told_changes += 1;
    }
    Ok(told_changes)
}

/// Tells one peer a change that makes no factor active.
async fn tell_one(
    tx: &mut Tx,
    person: PersonId,
    peer: &InstanceName,
    told: (Proof, Change),
    now: Timestamp,
) -> StoreResult<()> {
    let revision = tx.begin_change(person).await?;
    tx.tell_peer(person, peer, &revision, told, None, now).await
}

/// A peer has lost what it knew of this person, as after a restore: it is told again what has ended, so that nothing of it becomes or stays
/// active there, nor what was proven by it.
pub(super) async fn tell_ends_after_loss(
    tx: &mut Tx,
    person: PersonId,
    peer: &InstanceName,
    now: Timestamp,
) -> StoreResult<()> {
    let known = tx.known_factors(person).await?.into_iter();
    let active = known.filter(|factor| factor.end.is_none());
    let proof = Proof::ToldAgain {
        active: active.map(|factor| factor.name).collect(),
    };
    tell_ends(tx, person, peer, proof, now).await
}

/// Tells a peer what has ended here, unless the same waits for it already: once is enough until it is answered.
pub(super) async fn tell_ends(
    tx: &mut Tx,
    person: PersonId,
    peer: &InstanceName,
    proof: Proof,
    now: Timestamp,
) -> StoreResult<()> {
    let change = Change::some_revoked(tx.ended_factors(person).await?);
    let kind = match proof {
        Proof::ToldAgain { .. } => TOLD_AGAIN,
        _ => change.kind(),
    };
    if change.ended().is_empty() || tx.is_telling(person, peer, kind).await? {
        return Ok(());
    }
    tell_one(tx, person, peer, (proof, change), now).await
}

/// Asks a peer how it stands with this person by an ordinary change, which is answered in its order. Where this instance has lost changes
/// the answer is *stale*, and what follows from that does the rest.
pub(super) async fn ask_for_state(
    tx: &mut Tx,
    person: PersonId,
    peer: &InstanceName,
    now: Timestamp,
) -> StoreResult<()> {
    let change = Change::Registered;
    if tx.is_telling(person, peer, change.kind()).await? {
        return Ok(());
    }
    tell_one(tx, person, peer, (Proof::Operator, change), now).await
}
