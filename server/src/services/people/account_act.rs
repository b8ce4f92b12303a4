//! What an operator may do to one account, each in one transaction (R18, R33).

use crate::domain::{
    AccountChange, Actor, AuditEvent, Change, LoginKeys, PasswordHash, Person, PersonId, Proof,
    Seconds, Timestamp,
};
use crate::services::Settings;
use crate::services::account_changes::{
    audit_alone, block_everywhere, revoke_everywhere, shut_clients_out, take_back_factors_since,
};
use crate::services::security_alerts::alert_account_changed;
use crate::storage::{StoreResult, Tx, UnitOfWork};
use std::sync::Arc;

/// How long an operator's approval of an enrolment is valid.
pub const APPROVAL: Seconds = Seconds::hours(24);

/// An act on one account.
#[derive(Clone)]
pub enum AccountAct {
    /// Ends all sessions, forgets the known browsers, cancels a pending enrolment, and blocks until a new password is set.
    /// Authenticators that became active within the time of **Não fui eu** are taken back, unless `keep_factor`.
    Block {
        keep_factor: bool,
    },
    /// Opens a blocked account that has a new password, and forgets the failed attempts.
    Unblock,
    /// Allows an enrolment for [`APPROVAL`]: a first one (`first_enrolment = approved`), or the next one of a person whose
    /// factor was revoked.
    ApproveEnrolment,
    /// Revokes the authenticator with this id.
    RevokeFactor(String),
    /// Revokes every authenticator; the password alone opens nothing afterwards.
    ResetFactor,
    SetPassword(PasswordHash),
}

/// An act that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneAct {
    pub person: PersonId,
    /// Whether an authenticator was taken back.
    pub took_factor_back: bool,
    /// Other instances at which an authenticator that was taken back here may work until they have answered.
    pub still_active_at: Vec<String>,
}

/// Why an act was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActRefusal {
    UnknownLogin,
    /// The account is blocked and has no new password since.
    NewPasswordNeeded,
    /// There is no factor that could be revoked.
    NoActiveFactor,
    /// The person has no active factor with this id.
    UnknownFactor,
}

pub(super) struct RequestedAct {
    pub login: LoginKeys,
    pub act: AccountAct,
    pub actor: Actor,
    pub reason: String,
    pub settings: Arc<Settings>,
    pub now: Timestamp,
}

impl UnitOfWork for RequestedAct {
    type Output = Result<DoneAct, ActRefusal>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let Some(found) = tx.find_by_login(&self.login).await? else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        tx.lock_person(found.id).await?;
        // read again behind the lock: an activation at the same time comes before or after
        let person = tx.person(found.id).await?;
        let took_factor_back = match self.apply(tx, &person).await? {
            Ok(took_factor_back) => took_factor_back,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (event, id) = (self.event(), Some(person.id));
        audit_alone(tx, &self.actor, event, id, &self.reason, self.now).await?;
        let still_active_at = if took_factor_back {
            tx.instances_of_ended(person.id).await?
        } else {
            Vec::new()
        };
        Ok(Ok(DoneAct {
            person: person.id,
            took_factor_back,
            still_active_at,
        }))
    }
}

impl RequestedAct {
    const fn event(&self) -> AuditEvent {
        match self.act {
            AccountAct::Block { .. } => AuditEvent::BlockedByOperator,
            AccountAct::Unblock => AuditEvent::Unblocked,
            AccountAct::ApproveEnrolment => AuditEvent::EnrolmentApproved,
            AccountAct::RevokeFactor(_) | AccountAct::ResetFactor => {
                AuditEvent::FactorRevokedByOperator
            }
            AccountAct::SetPassword(_) => AuditEvent::PasswordSetByOperator,
        }
    }

    /// Whether an authenticator was taken back.
    async fn apply(&self, tx: &mut Tx, person: &Person) -> StoreResult<Result<bool, ActRefusal>> {
        let (id, now, proof) = (person.id, self.now, Proof::Operator);
        let took_back = match &self.act {
            AccountAct::Block { keep_factor } => {
                // written before the factor goes, because the personal email goes with it
                alert_account_changed(tx, person, AccountChange::Blocked, now).await?;
                let since = now - self.settings.enrolments.not_me;
                let took_back = !keep_factor
                    && take_back_factors_since(tx, id, since, None, &proof, now).await?;
                tx.forget_recovery_codes_since(id, since).await?;
                block_everywhere(tx, id, proof, now).await?;
                took_back
            }
            AccountAct::Unblock => {
                if !tx.unblock_account(id).await? {
                    return Ok(Err(ActRefusal::NewPasswordNeeded));
                }
                tx.forget_attempts(id).await?;
                let revision = tx.begin_change(id).await?;
                tx.forget_blocks(id).await?;
                let told = (proof, Change::Unblocked);
                tx.tell_peers(id, &revision, told, None, now).await?;
                return Ok(Ok(false));
            }
            AccountAct::ApproveEnrolment => {
                tx.approve_enrolment(id, now + APPROVAL).await?;
                return Ok(Ok(false));
            }
            AccountAct::RevokeFactor(factor) => {
                let factors = tx.factors_since(id, Timestamp(0)).await?;
                let Some((_, enrolment)) = factors.iter().find(|(id, _)| id == factor) else {
                    return Ok(Err(ActRefusal::UnknownFactor));
                };
                let is_last = factors.len() == 1;
                let change = if is_last {
                    AccountChange::FactorRevoked
                } else {
                    AccountChange::AuthenticatorRevoked
                };
                alert_account_changed(tx, person, change, now).await?;
                if let Some(enrolment) = enrolment {
                    tx.take_back_activation(enrolment, now).await?;
                }
                if is_last {
                    // as reset-factor: the password alone opens nothing afterwards
                    revoke_everywhere(tx, id, proof, false, now).await?;
                    tx.delete_personal_email(id).await?;
                } else {
                    let revision = tx.begin_change(id).await?;
                    tx.take_back_factor(id, factor, &revision, now).await?;
                    let ended = Change::some_revoked(tx.ended_factors(id).await?);
                    tx.tell_peers(id, &revision, (proof, ended), None, now)
                        .await?;
                }
                true
            }
            AccountAct::ResetFactor => {
                if !person.has_active_factor() {
                    return Ok(Err(ActRefusal::NoActiveFactor));
                }
                alert_account_changed(tx, person, AccountChange::FactorRevoked, now).await?;
                for (_, enrolment) in tx.factors_since(id, Timestamp(0)).await? {
                    if let Some(enrolment) = enrolment {
                        tx.take_back_activation(&enrolment, now).await?;
                    }
                }
                revoke_everywhere(tx, id, proof, false, now).await?;
                tx.delete_personal_email(id).await?;
                tx.forget_recovery_codes_since(id, Timestamp(0)).await?;
                true
            }
            AccountAct::SetPassword(password) => {
                alert_account_changed(tx, person, AccountChange::PasswordSet, now).await?;
                let revision = tx.begin_change(id).await?;
                tx.set_password(id, password, &revision).await?;
                let hash = password.clone();
                let told = (proof, Change::PasswordChanged { hash });
                tx.tell_peers(id, &revision, told, None, now).await?;
                false
            }
        };
        // whoever is in, or has begun something, with the password or factor of before is out
        shut_clients_out(tx, id, &self.settings.sessions, now).await?;
        // alerts and links of before were dealt with: what comes now is told anew
        tx.void_alert_links(id).await?;
        tx.forget_sign_ins_without_code(id).await?;
        Ok(Ok(took_back))
    }
}
