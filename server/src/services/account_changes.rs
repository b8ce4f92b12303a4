//! Changes of an account that hold at every instance: made here in one transaction, and told to the others in it (R24).

use crate::domain::{Change, PersonId, Proof, Timestamp};
use crate::storage::{StoreResult, Tx};

/// Takes back every factor but `kept` that became active after `since`, here and where it was carried. False when there is none.
pub(super) async fn take_back_factors_since(
    tx: &mut Tx,
    person: PersonId,
    since: Timestamp,
    kept: Option<&str>,
    proof: &Proof,
    now: Timestamp,
) -> StoreResult<bool> {
    let mut factors = Vec::new();
    for (factor, enrolment) in tx.factors_since(person, since).await? {
        if Some(factor.as_str()) == kept {
            continue;
        }
        if let Some(enrolment) = enrolment {
            tx.take_back_activation(&enrolment, now).await?;
        }
        factors.push(factor);
    }
    take_back_factors(tx, person, &factors, proof, now).await
}

/// Takes these factors back, here and where they were carried. False when none of them was active.
pub(super) async fn take_back_factors(
    tx: &mut Tx,
    person: PersonId,
    factors: &[String],
    proof: &Proof,
    now: Timestamp,
) -> StoreResult<bool> {
    if factors.is_empty() {
        return Ok(false);
    }
    let revision = tx.begin_change(person).await?;
    let mut taken_back = false;
    for factor in factors {
        taken_back |= tx.take_back_factor(person, factor, &revision, now).await?;
    }
    if taken_back {
        let change = Change::FactorsTakenBack {
            ended: tx.ended_factors(person).await?,
        };
        tx.tell_peers(person, &revision, (proof.clone(), change), None, now)
            .await?;
    }
    Ok(taken_back)
}

/// Blocks an account here, and tells the other instances.
pub(super) async fn block_everywhere(
    tx: &mut Tx,
    person: PersonId,
    proof: Proof,
    now: Timestamp,
) -> StoreResult<()> {
    let revision = tx.begin_change(person).await?;
    tx.block_account(person, now).await?;
    tx.note_block(person, &revision.instance, revision.counter)
        .await?;
    tx.tell_peers(person, &revision, (proof, Change::Blocked), None, now)
        .await
}

/// Revokes every factor of a person here, and tells the other instances. `stolen` is told where the phone was.
pub(super) async fn revoke_everywhere(
    tx: &mut Tx,
    person: PersonId,
    proof: Proof,
    stolen: bool,
    now: Timestamp,
) -> StoreResult<()> {
    let revision = tx.begin_change(person).await?;
    if !tx.revoke_all_factors(person, &revision, now).await? {
        return Ok(());
    }
    let change = Change::FactorsRevoked {
        ended: tx.ended_factors(person).await?,
        all: true,
        stolen,
    };
    tx.tell_peers(person, &revision, (proof, change), None, now)
        .await
}
