//! After the right password: the session that the policy opens, decided and written in one transaction (R7, R9).

use super::SignedIn;
use super::attempt::AttemptContext;
use super::hashing::RightPassword;
use crate::domain::{
    AuditEvent, Circumstances, Demand, Enrolment, Person, RecoveryWay, Seconds, Session, Stage,
    TokenHash,
};
use crate::services::lost_phone::may_recover_by_mailbox;
use crate::services::request::{browser_token, circumstances, token_hash};
use crate::services::{Services, Settings, Stop};
use crate::storage::{StoreResult, ThrottleKey, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::SignInPurpose;
use app::routes;
use app::view::Problem;
use std::sync::Arc;

/// A code that comes later than this after the password is told to the owner (R33).
const CODE_EXPECTED_WITHIN: Seconds = Seconds::minutes(5);

impl Services {
    /// Opens the session that the policy allows, after the password was right. A hash of today's cost replaces an older one (R19).
    pub(super) async fn admit(
        &self,
        context: &RequestContext,
        right: RightPassword,
        attempt: AttemptContext,
        purpose: SignInPurpose,
        recovery_link: Option<TokenHash>,
    ) -> Result<SignedIn, Stop> {
        let (session, is_known) = (self.new_token(), attempt.throttle.is_known_browser());
        let browser = browser_token(context, is_known, self.new_token());
        let admission = Admission {
            right,
            throttle: attempt.throttle.clone(),
            purpose,
            session: session.hash(),
            replaces: token_hash(context.cookies.session.as_ref()),
            browser: browser.hash(),
            recovery_link,
            circumstances: circumstances(context, self.now()),
            settings: self.settings.clone(),
        };
        let Some((stage, next)) = self.store.write(admission).await? else {
            self.log_refusal(&attempt, "blocked");
            return Err(Stop::invalid("", Problem::Blocked));
        };
        Ok(SignedIn {
            session,
            browser: (stage == Stage::Full).then_some(browser),
            next,
        })
    }
}

struct Admission {
    /// The person as the password was verified.
    right: RightPassword,
    throttle: ThrottleKey,
    purpose: SignInPurpose,
    /// The id of the new session.
    session: TokenHash,
    replaces: Option<TokenHash>,
    browser: TokenHash,
    /// The link that was mailed for a person without the phone.
    recovery_link: Option<TokenHash>,
    circumstances: Circumstances,
    settings: Arc<Settings>,
}

impl UnitOfWork for Admission {
    /// Stage and path of the next page; `None` for an account that the password does not open.
    type Output = Option<(Stage, &'static str)>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let (right, settings, circumstances) = (&self.right, &self.settings, &self.circumstances);
        let (id, now, limits) = (right.person.id, circumstances.at, &settings.sessions);
        // an activation or a block at the same time comes before or after; the person is read again behind the lock
        tx.lock_person(id).await?;
        let person = tx.person(id).await?;
        tx.clear_attempts(&self.throttle).await?;
        // a right password does not count against the network, which many people may share (R31)
        if let Some(network) = self.throttle.budget_network() {
            tx.give_back_to_budget(network, settings.network_budget)
                .await?;
        }
        // only over the hash that was verified: a password that was changed meanwhile stays
        if let Some(fresh) = &right.fresh_hash {
            tx.upgrade_password(id, &right.person.password, fresh)
                .await?;
        }
        // told behind the right password only, so that a guesser does not learn which accounts are blocked (R13)
        if person.is_shut_out(now) {
            let event = AuditEvent::SignInBlocked;
            tx.audit_own(id, event, "", circumstances).await?;
            return Ok(None);
        }
        let mut recovery = None;
        if let Some(link) = &self.recovery_link
            && may_recover_by_mailbox(tx, &person, now).await?
            // one statement decides between two posts of the same link
            && tx.use_link(link, now).await?
        {
            recovery = Some(RecoveryWay::Mailbox);
            // who comes to nothing with it may ask again
            tx.end_entry_requests(id).await?;
            let event = AuditEvent::RecoveryLinkUsed;
            tx.audit_own(id, event, "", circumstances).await?;
        }
        let pending = tx.pending_enrolment(id).await?;
        let (stage, next) = if recovery.is_some() {
            (Stage::Password, routes::INTRO)
        } else {
            self.after_password(&person, pending)
        };
        let lifetime = match stage {
            Stage::Full => limits.absolute,
            Stage::Password if next == routes::CODE => limits.password,
            Stage::Password => limits.enrolling,
        };
        let session = Session {
            id_hash: self.session.clone(),
            person: id,
            stage,
            continue_to: self.purpose,
            provisional: false,
            recovery,
            auth_time: now,
            last_seen_at: now,
            expires_at: now + lifetime,
        };
        // without an active factor the password leads to an enrolment, which has alerts of its own
        let is_code_due = person.has_active_factor() && recovery.is_none();
        let code_due_at = is_code_due.then(|| now + CODE_EXPECTED_WITHIN);
        let replaces = self.replaces.as_ref();
        tx.open_session(&session, replaces, code_due_at, circumstances)
            .await?;
        let event = if stage == Stage::Full {
            tx.note_sign_in(id, now).await?;
            tx.remember_browser(&self.browser, id, now).await?;
            AuditEvent::SignInComplete
        } else {
            AuditEvent::SignInPassword
        };
        tx.audit_own(id, event, "", circumstances).await?;
        Ok(Some((stage, next)))
    }
}

impl Admission {
    fn after_password(&self, person: &Person, pending: Option<Enrolment>) -> (Stage, &'static str) {
        if person.has_active_factor() {
            return (Stage::Password, routes::CODE);
        }
        let (policy, now) = (&self.settings.policy, self.circumstances.at);
        let mut demand = policy.demand(&person.profiles);
        if person.is_revoked() {
            // an approval lets such a person enrol, and never enter with the password alone
            demand = Demand::Required;
        }
        let mailed = pending.filter(|enrolment| enrolment.is_mailed(now));
        match (self.purpose, demand, mailed) {
            (SignInPurpose::Enter, Demand::Optional, _) => (Stage::Full, routes::HOME),
            (SignInPurpose::Enter, Demand::Required, Some(enrolment))
                if enrolment.allows_provisional_sign_in(now, policy.provisional_sign_ins) =>
            {
                (Stage::Password, routes::CODE)
            }
            (_, _, Some(_)) => (Stage::Password, routes::MAIL_SENT),
            (_, _, None) => (Stage::Password, routes::INTRO),
        }
    }
}
