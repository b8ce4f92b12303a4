//! **Prosseguir**: a secret for this browser, and the notices of a start (R6, R29).

use super::{Begun, Step};
use crate::{
    domain::{
        policy::FirstEnrolment,
        session::{Session, SessionLimits},
        time::Timestamp,
        token::row_id,
        totp::TotpSecret,
    },
    services::{Outcome, Services, Visitor, notices::Notice},
    storage::{NewEnrolment, StoreResult, Tx},
};

impl Services {
    /// **Prosseguir**: a new secret for this browser, or the one it already has.
    pub async fn begin(&self, visitor: &Visitor) -> Outcome<Step<Begun>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let approved = person
            .enrolment_approved_until
            .is_some_and(|until| now < until);
        if self.settings.policy.first_enrolment == FirstEnrolment::Approved && !approved {
            return Ok(Step::Done(Begun::NeedsApproval));
        }
        if let (Some(own), Some(token)) = (
            self.own_enrolment(visitor, Some(person.id)).await?,
            &visitor.enrolment,
        ) && own.shows_secret_to(&token.hash().0, now)
        {
            return Ok(Step::Done(Begun::Same));
        }
        let token = self.token();
        let limits = self.settings.enrolments;
        let new = NewEnrolment {
            id: row_id(self.entropy.bytes()),
            person: person.id,
            browser_hash: token.hash().0,
            secret: TotpSecret::new(self.entropy.bytes()),
            origin: visitor.origin(),
            expires_at: now + limits.scanning,
        };
        let notice = self.notice(Some(new.id.clone()), visitor.circumstances(now));
        let input = Beginning {
            new,
            notice,
            session,
            session_until: now + self.settings.sessions.enrolling,
            sessions: self.settings.sessions,
        };
        let begun = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        self.nudge.notify_waiters();
        Ok(if begun {
            Step::Done(Begun::New(token))
        } else {
            Step::Gone
        })
    }
}

struct Beginning {
    new: NewEnrolment,
    notice: Notice,
    session: Session,
    session_until: Timestamp,
    sessions: SessionLimits,
}

impl Beginning {
    /// False when the person may not begin any more.
    async fn write(&self, tx: &mut Tx) -> StoreResult<bool> {
        let now = self.notice.now;
        tx.lock_person(self.new.person).await?;
        // looked at again: a block or an activation may have been waited for
        let person = tx.person(self.new.person).await?;
        if person.blocked_at.is_some() || person.factor_active {
            return Ok(false);
        }
        let voided = tx.begin_enrolment(&self.new, &self.sessions, now).await?;
        tx.enrol_in_session(&self.session.id_hash, self.session_until)
            .await?;
        self.notice.tell_start(tx, &person).await?;
        let detail = if voided { "voided an older one" } else { "" };
        let address = &self.notice.circumstances.address;
        tx.audit(now, Some(person.id), "enrolment", "begun", address, detail)
            .await?;
        Ok(true)
    }
}
