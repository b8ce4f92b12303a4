//! After the right password: the session that the policy opens, decided and written in one transaction (R7, R9).

use super::SignedIn;
use super::attempt::AttemptContext;
use crate::domain::{
    Actor, AuditEvent, Demand, Enrolment, NetworkBudget, PasswordHash, Person, PersonId, Policy,
    RecoveryWay, Seconds, SessionLimits, Stage, Timestamp, TokenHash,
};
use crate::services::lost_phone::may_recover_by_mailbox;
use crate::services::request::{browser_token, token_hash};
use crate::services::{Services, Stop};
use crate::storage::{NewSession, StoreResult, ThrottleKey, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::SignInPurpose;
use app::routes;
use app::view::Problem;
use async_trait::async_trait;

/// A code that comes later than this after the password is told to the owner (R33).
const CODE_EXPECTED_WITHIN: Seconds = Seconds::minutes(5);

impl Services {
    /// Opens the session that the policy allows, after the password of this person was right. `fresh_hash` replaces an older
    /// hash (R19).
    pub(super) async fn admit(
        &self,
        context: &RequestContext,
        person: Person,
        attempt: AttemptContext,
        purpose: SignInPurpose,
        fresh_hash: Option<PasswordHash>,
        recovery_link: Option<TokenHash>,
    ) -> Result<SignedIn, Stop> {
        let now = self.now();
        // stage and expiry are placeholders; the transaction sets them
        let issued = self.issue_session(context, person.id, Stage::Password, purpose, now);
        let browser = browser_token(
            context,
            attempt.throttle.is_known_browser(),
            self.new_token(),
        );
        let admitted = self
            .store
            .write(Admission {
                person: person.id,
                verified_hash: person.password,
                fresh_hash,
                throttle: attempt.throttle.clone(),
                network_budget: self.settings.network_budget,
                new: issued.new,
                replaces: token_hash(context.cookies.session.as_ref()),
                browser: browser.hash(),
                recovery_link,
                policy: self.settings.policy.clone(),
                limits: self.settings.sessions,
                now,
            })
            .await?;
        let Some((stage, next)) = admitted else {
            self.log_refusal(&attempt, "blocked");
            return Err(Stop::invalid("", Problem::Blocked));
        };
        Ok(SignedIn {
            session: issued.token,
            browser: (stage == Stage::Full).then_some(browser),
            next,
        })
    }
}

struct Admission {
    person: PersonId,
    /// The hash against which the password was verified.
    verified_hash: PasswordHash,
    fresh_hash: Option<PasswordHash>,
    throttle: ThrottleKey,
    network_budget: NetworkBudget,
    new: NewSession,
    replaces: Option<TokenHash>,
    browser: TokenHash,
    /// The link that was mailed for a person without the phone.
    recovery_link: Option<TokenHash>,
    policy: Policy,
    limits: SessionLimits,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for Admission {
    /// Stage and path of the next page; `None` for an account that the password does not open.
    type Output = Option<(Stage, &'static str)>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        // an activation or a block at the same time comes before or after; the person is read again behind the lock
        tx.lock_person(self.person).await?;
        let person = tx.person(self.person).await?;
        tx.clear_attempts(&self.throttle).await?;
        // a right password does not count against the network, which many people may share (R31)
        if let Some(network) = self.throttle.budget_network() {
            tx.give_back_to_budget(network, self.network_budget).await?;
        }
        // only over the hash that was verified: a password that was changed meanwhile stays
        if let Some(fresh) = &self.fresh_hash {
            tx.upgrade_password(person.id, &self.verified_hash, fresh)
                .await?;
        }
        // told behind the right password only, so that a guesser does not learn which accounts are blocked (R13)
        if person.is_shut_out(self.now) {
            self.audit(tx, AuditEvent::SignInBlocked).await?;
            return Ok(None);
        }
        let mut new = self.new.clone();
        if let Some(link) = &self.recovery_link
            && may_recover_by_mailbox(tx, &person, self.now).await?
            // one statement decides between two posts of the same link
            && tx.use_link(link, self.now).await?
        {
            new.session.recovery = Some(RecoveryWay::Mailbox);
            // who comes to nothing with it may ask again
            tx.end_entry_requests(person.id).await?;
            self.audit(tx, AuditEvent::RecoveryLinkUsed).await?;
        }
        let pending = tx.pending_enrolment(person.id).await?;
        let (stage, next) = if new.session.recovery.is_some() {
            (Stage::Password, routes::INTRO)
        } else {
            self.after_password(&person, pending)
        };
        new.session.stage = stage;
        new.session.expires_at = self.now
            + match stage {
                Stage::Full => self.limits.absolute,
                Stage::Password if next == routes::CODE => self.limits.password,
                Stage::Password => self.limits.enrolling,
            };
        // without an active factor the password leads to an enrolment, which has alerts of its own
        let code_due_at = (person.has_active_factor() && new.session.recovery.is_none())
            .then(|| self.now + CODE_EXPECTED_WITHIN);
        tx.open_session(&new, self.replaces.as_ref(), code_due_at, self.now)
            .await?;
        let event = if stage == Stage::Full {
            tx.note_sign_in(person.id, self.now).await?;
            tx.remember_browser(&self.browser, person.id, self.now)
                .await?;
            AuditEvent::SignInComplete
        } else {
            AuditEvent::SignInPassword
        };
        self.audit(tx, event).await?;
        Ok(Some((stage, next)))
    }
}

impl Admission {
    fn after_password(&self, person: &Person, pending: Option<Enrolment>) -> (Stage, &'static str) {
        if person.has_active_factor() {
            return (Stage::Password, routes::CODE);
        }
        let mut demand = self.policy.demand(&person.profiles);
        if person.is_revoked() {
            // an approval lets such a person enrol, and never enter with the password alone
            demand = Demand::Required;
        }
        let most = self.policy.provisional_sign_ins;
        let mailed = pending.filter(|enrolment| enrolment.is_mailed(self.now));
        match (self.new.session.continue_to, demand, mailed) {
            (SignInPurpose::Enter, Demand::Optional, _) => (Stage::Full, routes::HOME),
            (SignInPurpose::Enter, Demand::Required, Some(enrolment))
                if enrolment.allows_provisional_sign_in(self.now, most) =>
            {
                (Stage::Password, routes::CODE)
            }
            (_, _, Some(_)) => (Stage::Password, routes::MAIL_SENT),
            (_, _, None) => (Stage::Password, routes::INTRO),
        }
    }

    async fn audit(&self, tx: &mut Tx, event: AuditEvent) -> StoreResult<()> {
        let actor = Actor::Person(self.person);
        tx.audit(
            &actor,
            event,
            Some(self.person),
            &self.new.client,
            "",
            self.now,
        )
        .await
    }
}
