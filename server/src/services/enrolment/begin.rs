//! **Prosseguir**: makes a secret for this browser and alerts the registered contacts (R6, R29).

use crate::domain::factor::MOST_AUTHENTICATORS;
use crate::domain::token::row_id;
use crate::domain::{
    AuditEvent, Authority, EnrolmentPurpose, Person, Policy, Proof, RecoveryWay, Session, Stage,
    Timestamp, Token, TotpSecret,
};
use crate::services::activation::was_used_since;
use crate::services::request::{circumstances, client_info, token_hash};
use crate::services::security_alerts::SecurityAlert;
use crate::services::{Services, Settings, Stop};
use crate::storage::{NewEnrolment, Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::routes;
use app::view::Problem;
use std::sync::Arc;

impl Services {
    /// Begins an enrolment and returns the token for the cookie of this browser. `None` when the enrolment of this browser
    /// still waits for its first code; its QR code is shown again.
    pub async fn begin_enrolment(&self, context: &RequestContext) -> Result<Option<Token>, Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.enrolling_person().await?;
        let now = self.now();
        let pending = db.pending_enrolment(person.id).await?;
        let (purpose, label) = match pending {
            _ if session.recovery.is_some() => (EnrolmentPurpose::Replacement(None), String::new()),
            // a newer QR code of an authenticator that is being added: as at its beginning, an open session alone is not enough
            Some(_) if person.has_active_factor() && !self.is_freshly_proven(&session, &person) => {
                return Err(Stop::Redirect(routes::NEW_PHONE));
            }
            Some(pending) if person.has_active_factor() => (pending.purpose, pending.label),
            _ => (EnrolmentPurpose::First, String::new()),
        };
        if purpose == EnrolmentPurpose::First
            && !is_allowed_to_begin(&mut db, &self.settings.policy, &person, now).await?
        {
            return Err(Stop::invalid("", Problem::NeedsApproval));
        }
        let own = db.own_enrolment(Some(person.id)).await?;
        if let (Some(own), Some(browser)) = (own, token_hash(context.cookies.enrolment.as_ref()))
            && own.shows_secret_to(&browser, now)
        {
            return Ok(None);
        }
        drop(db);
        self.start_enrolment(context, session, &person, purpose, label)
            .await
            .map(Some)
    }

    /// Begins an enrolment for this purpose and returns the token for the cookie of this browser. The caller has checked that the
    /// session may begin it.
    pub(in crate::services) async fn start_enrolment(
        &self,
        context: &RequestContext,
        session: Session,
        person: &Person,
        purpose: EnrolmentPurpose,
        label: String,
    ) -> Result<Token, Stop> {
        let now = self.now();
        let token = self.new_token();
        let new = NewEnrolment {
            id: row_id(self.entropy.bytes()),
            person: person.id,
            purpose,
            // replaced in the transaction, by what is true then
            proof: Proof::FirstEnrolment,
            label,
            browser_hash: token.hash(),
            secret: TotpSecret::new(self.entropy.bytes()),
            client: client_info(context),
            expires_at: now + self.settings.enrolments.scanning,
        };
        let start = EnrolmentStart {
            new,
            alert: self.security_alert(circumstances(context, now)),
            session,
            settings: self.settings.clone(),
        };
        let begun = self.store.write(start).await?;
        begun.then_some(token).ok_or(Stop::EnrolmentGone)
    }
}

struct EnrolmentStart {
    new: NewEnrolment,
    alert: SecurityAlert,
    session: Session,
    settings: Arc<Settings>,
}

/// Whether no approval is needed, or one is valid.
async fn is_allowed_to_begin(
    db: &mut Reader,
    policy: &Policy,
    person: &Person,
    now: Timestamp,
) -> StoreResult<bool> {
    let contacts = db.count_contacts(person.id).await?;
    Ok(!policy.needs_approval(contacts) || person.is_enrolment_approved(now))
}

impl UnitOfWork for EnrolmentStart {
    /// False when the person may not begin an enrolment any more: an approval may have ended meanwhile, too.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        let (new, now) = (&self.new, self.alert.now());
        tx.lock_person(new.person).await?;
        // read again behind the lock: a block or an activation may have been committed meanwhile
        let person = tx.person(new.person).await?;
        let is_allowed = match &new.purpose {
            EnrolmentPurpose::First => {
                !person.is_shut_out(now)
                    && !person.has_active_factor()
                    && is_allowed_to_begin(tx, &self.settings.policy, &person, now).await?
            }
            purpose => self.may_add_or_replace(tx, &person, purpose).await?,
        };
        if !is_allowed {
            return Ok(false);
        }
        let new = &NewEnrolment {
            proof: self.proof(tx, &person).await?,
            ..new.clone()
        };
        let limits = &self.settings.sessions;
        let voided = tx.begin_enrolment(new, limits, now).await?;
        tx.enrol_in_session(&self.session.id_hash, now + limits.enrolling)
            .await?;
        self.alert
            .alert_enrolment_started(tx, &person, &new.id)
            .await?;
        let detail = if voided { "voided an older one" } else { "" };
        let (event, done) = (AuditEvent::EnrolmentBegun, self.alert.circumstances());
        tx.audit_own(person.id, event, detail, done).await?;
        Ok(true)
    }
}

impl EnrolmentStart {
    /// What other instances are told of how the person was allowed to begin.
    async fn proof(&self, tx: &mut Tx, person: &Person) -> StoreResult<Proof> {
        if self.new.purpose != EnrolmentPurpose::First {
            return tx.proof_of_session(&self.session).await;
        }
        Ok(if person.is_enrolment_approved(self.alert.now()) {
            Proof::Support {
                approvals: vec![Authority::Operator],
            }
        } else {
            Proof::FirstEnrolment
        })
    }

    /// Whether the session is still alive and may still add or replace a factor of this person.
    async fn may_add_or_replace(
        &self,
        tx: &mut Tx,
        person: &Person,
        purpose: &EnrolmentPurpose,
    ) -> StoreResult<bool> {
        let now = self.alert.now();
        let (id_hash, limits) = (&self.session.id_hash, &self.settings.sessions);
        let Some(session) = tx.live_session(id_hash, limits, now).await? else {
            return Ok(false);
        };
        if session.recovery.is_some() {
            let may_begin = session.recovery != Some(RecoveryWay::Mailbox)
                || !was_used_since(tx, person.id, session.auth_time).await?;
            return Ok(may_begin && *purpose == EnrolmentPurpose::Replacement(None));
        }
        let factors = tx.active_totps(person.id).await?;
        Ok(session.stage == Stage::Full
            && match purpose {
                EnrolmentPurpose::First => false,
                EnrolmentPurpose::Additional => {
                    !factors.is_empty() && factors.len() < MOST_AUTHENTICATORS
                }
                EnrolmentPurpose::Replacement(replaced) => factors
                    .iter()
                    .any(|factor| Some(&factor.id) == replaced.as_ref()),
            })
    }
}
