//! What several use cases change in an account, in one transaction. What holds at every instance is told to the others in it (R24).

use super::request::circumstances;
use super::security_alerts::SecurityAlert;
use super::{Services, Settings};
use crate::domain::{
    Actor, AuditEvent, Change, ClientInfo, EnrolmentState, PersonId, Proof, Session, SessionLimits,
    Timestamp, TokenHash,
};
use crate::storage::{LockedSession, StoreResult, Tx};
use app::api::backend::RequestContext;
use std::sync::Arc;

/// A change of the own account, from a full session.
pub(super) struct OwnChange {
    pub session: TokenHash,
    pub settings: Arc<Settings>,
    pub alert: SecurityAlert,
}

impl Services {
    /// Prepares a change in this session of the request.
    pub(super) fn own_change(&self, context: &RequestContext, session: Session) -> OwnChange {
        OwnChange {
            session: session.id_hash,
            settings: self.settings.clone(),
            alert: self.security_alert(circumstances(context, self.now())),
        }
    }
}

impl OwnChange {
    /// Locks the person; `None` when the session ended meanwhile, as by a block.
    pub(super) async fn lock(&self, tx: &mut Tx) -> StoreResult<Option<LockedSession>> {
        let (limits, now) = (&self.settings.sessions, self.alert.now());
        tx.lock_session(&self.session, None, limits, now).await
    }
}

/// Audits what no client of this instance did: an operator, a peer, or this program.
pub(super) async fn audit_alone(
    tx: &mut Tx,
    actor: &Actor,
    event: AuditEvent,
    person: Option<PersonId>,
    detail: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let client = ClientInfo::default();
    tx.audit(actor, event, person, &client, detail, now).await
}

/// Whoever is in, or has begun something, is out.
pub(super) async fn shut_clients_out(
    tx: &mut Tx,
    person: PersonId,
    limits: &SessionLimits,
    now: Timestamp,
) -> StoreResult<()> {
    tx.end_pending_enrolment(person, EnrolmentState::Cancelled, limits, now)
        .await?;
    tx.end_sessions_of(person, now).await?;
    tx.end_entry_requests(person).await?;
    tx.forget_browsers(person).await
}

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
