//! Past the password: what the policy opens, decided and written in one transaction (R7, R9).

use super::{Next, PasswordOutcome};
use crate::{
    domain::{
        enrolment::Enrolment,
        password::PasswordHash,
        person::PersonId,
        policy::{Demand, Policy},
        session::{Amr, Purpose, SessionLimits, Stage},
        throttle::Guess,
        time::Timestamp,
        token::TokenHash,
    },
    services::{Outcome, Services, Visitor},
    storage::{NewSession, PersonRow, StoreResult, Subject, Tx},
};

impl Services {
    /// The password of this person was right: opens the session that the policy allows. `fresh`
    /// replaces an older hash (R19).
    pub(super) async fn admit(
        &self,
        visitor: &Visitor,
        person: PersonRow,
        scope: Option<String>,
        purpose: Purpose,
        fresh: Option<PasswordHash>,
    ) -> Outcome<PasswordOutcome> {
        let now = self.now();
        // stage and end are decided inside
        let issued = self.issue(
            visitor,
            person.id,
            Stage::Password,
            purpose,
            Amr::Password,
            now,
        );
        let browser = self.browser_token(visitor, scope.as_deref());
        let input = Admission {
            person: person.id,
            verified: person.password,
            fresh,
            scope,
            new: issued.new,
            replaces: Self::replaced(visitor),
            browser: browser.hash(),
            policy: self.settings.policy.clone(),
            limits: self.settings.sessions,
            now,
        };
        let admitted = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        Ok(match admitted {
            None => PasswordOutcome::Blocked,
            Some(next) => PasswordOutcome::In {
                session: issued.token,
                browser: (next == Next::Home).then_some(browser),
                next,
            },
        })
    }
}

struct Admission {
    person: PersonId,
    /// The hash that the password matched.
    verified: PasswordHash,
    fresh: Option<PasswordHash>,
    scope: Option<String>,
    new: NewSession,
    replaces: Option<Vec<u8>>,
    browser: TokenHash,
    policy: Policy,
    limits: SessionLimits,
    now: Timestamp,
}

impl Admission {
    /// The next page; `None` for a blocked account.
    async fn write(&self, tx: &mut Tx) -> StoreResult<Option<Next>> {
        // an activation or a block at the same moment comes before or after, never in between
        tx.lock_person(self.person).await?;
        let person = tx.person(self.person).await?;
        let subject = Subject::Person(person.id);
        tx.clear_attempts(&subject, Guess::Password, self.scope.as_deref())
            .await?;
        if let Some(fresh) = &self.fresh {
            tx.upgrade_password(person.id, &self.verified, fresh)
                .await?;
        }
        if person.blocked_at.is_some() {
            self.audit(tx, "blocked").await?;
            return Ok(None);
        }
        let pending = tx.pending_enrolment(person.id).await?;
        let (stage, next) = self.after_password(&person, pending);
        let mut new = self.new.clone();
        new.session.stage = stage;
        new.session.expires_at = self.now
            + match (stage, next) {
                (Stage::Full, _) => self.limits.absolute,
                (Stage::Password, Next::Code) => self.limits.password,
                (Stage::Password, _) => self.limits.enrolling,
            };
        tx.start_session(&new, self.replaces.as_deref(), self.now)
            .await?;
        if stage == Stage::Full {
            tx.note_sign_in(person.id, self.now).await?;
            tx.know_browser(&self.browser, person.id, self.now).await?;
        }
        self.audit(tx, stage.code()).await?;
        Ok(Some(next))
    }

    /// Stage and next page.
    fn after_password(&self, person: &PersonRow, pending: Option<Enrolment>) -> (Stage, Next) {
        if person.factor_active {
            return (Stage::Password, Next::Code);
        }
        let demand = self.policy.demand(&person.profiles);
        let provisional_entries = self.policy.provisional_entries;
        let mailed = pending.filter(|enrolment| enrolment.is_mailed(self.now));
        match (self.new.session.purpose, demand, mailed) {
            (Purpose::Enter, Demand::Optional, _) => (Stage::Full, Next::Home),
            (Purpose::Enter, Demand::Required, Some(enrolment))
                if enrolment.allows_provisional_entry(self.now, provisional_entries) =>
            {
                (Stage::Password, Next::Code)
            }
            (_, _, Some(_)) => (Stage::Password, Next::MailSent),
            (_, _, None) => (Stage::Password, Next::Notice),
        }
    }

    async fn audit(&self, tx: &mut Tx, outcome: &str) -> StoreResult<()> {
        let (person, address) = (Some(self.person), &self.new.address);
        tx.audit(self.now, person, "sign_in", outcome, address, "")
            .await
    }
}
