//! Enrolling: notice, QR, code and address, the mail on its way (manual; R6, R8, R16, R17, R29).

mod answers;
mod begin;
mod mailing;
mod submit;

pub use answers::{
    AddressTrouble, Begun, CodeTrouble, Ended, EnrolFacts, MailFacts, NoticeFacts, Step, Submitted,
    Waiting,
};

use super::{Outcome, Services, Visitor, sign_in::Next};
use crate::{
    domain::{
        enrolment::{Enrolment, EnrolmentState},
        person::PersonId,
        policy::Demand,
        session::{Session, Stage},
        time::Timestamp,
    },
    storage::PersonRow,
};

impl Services {
    pub(super) async fn pending(&self, person: PersonId) -> Outcome<Option<Enrolment>> {
        Ok(self
            .store
            .read(person, |tx, id| {
                Box::pin(async move { tx.pending_enrolment(*id).await })
            })
            .await?)
    }

    /// Provisional entries left, if this person may enter so now.
    pub(super) async fn provisional(&self, person: &PersonRow) -> Outcome<Option<i64>> {
        let policy = &self.settings.policy;
        if policy.demand(&person.profiles) != Demand::Required {
            return Ok(None);
        }
        let most = policy.provisional_entries;
        let pending = self.pending(person.id).await?;
        Ok(pending
            .filter(|p| p.allows_provisional_entry(self.now(), most))
            .map(|p| most - p.provisional_uses))
    }

    /// The page of the enrolment that this person is at.
    pub(super) async fn enrolment_page(&self, person: &PersonRow) -> Outcome<Next> {
        let pending = self.pending(person.id).await?;
        let mailed = pending.is_some_and(|pending| pending.is_mailed(self.now()));
        Ok(if mailed { Next::MailSent } else { Next::Notice })
    }

    /// The enrolment that this browser began, if it is this person's (R8: never another's).
    async fn own_enrolment(
        &self,
        visitor: &Visitor,
        person: Option<PersonId>,
    ) -> Outcome<Option<Enrolment>> {
        let Some(token) = &visitor.enrolment else {
            return Ok(None);
        };
        let found = self
            .store
            .read(token.hash(), |tx, hash| {
                Box::pin(async move { tx.enrolment_of_browser(&hash).await })
            })
            .await?;
        Ok(found.filter(|enrolment| person.is_none_or(|person| enrolment.person == person)))
    }

    /// Session and person of somebody who may enrol: password given, no factor active (R7).
    async fn enrolling(&self, visitor: &Visitor) -> Outcome<Step<(Session, PersonRow)>> {
        let Some(session) = self.session_of(visitor).await? else {
            return Ok(Step::SessionOver);
        };
        let person = self.person(session.person).await?;
        if person.factor_active {
            let next = if session.stage == Stage::Full {
                Next::Account
            } else {
                Next::Code
            };
            return Ok(Step::Elsewhere(next));
        }
        Ok(Step::Done((session, person)))
    }

    /// What the notice page shows.
    pub async fn notice_page(&self, visitor: &Visitor) -> Outcome<Step<NoticeFacts>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        if own.as_ref().is_some_and(|own| own.is_mailed(now)) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        let pending = self
            .pending(person.id)
            .await?
            .filter(|pending| pending.is_pending(now));
        let own_id = own.as_ref().map(|own| own.id.as_str());
        Ok(Step::Done(NoticeFacts {
            required: self.settings.policy.demand(&person.profiles) == Demand::Required,
            voids_another: pending.is_some_and(|pending| Some(pending.id.as_str()) != own_id),
            ended: own.and_then(|own| match own.state {
                EnrolmentState::Voided => Some(Ended::Replaced),
                _ if own.has_run_out(now) => Some(Ended::Expired),
                _ => None,
            }),
        }))
    }

    /// What the enrol page shows, in the browser that began and only until code and address are
    /// accepted (R6).
    pub async fn enrol_page(&self, visitor: &Visitor) -> Outcome<Step<EnrolFacts>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let Some(own) = own else {
            return Ok(Step::Elsewhere(Next::Notice));
        };
        if own.is_mailed(now) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        if !own.is_pending(now) {
            return Ok(Step::Gone);
        }
        let own_until = own.expires_at;
        let secret = self
            .store
            .read(own.id, |tx, id| {
                Box::pin(async move { tx.pending_secret(&id).await })
            })
            .await?;
        Ok(Step::Done(EnrolFacts {
            secret,
            account: person.sigla,
            until: self.until(&session, own_until),
        }))
    }

    /// When the enrol page stops working: with its session or with its QR.
    fn until(&self, session: &Session, enrolment: Timestamp) -> Timestamp {
        let session_until = match session.stage {
            Stage::Password => session.expires_at,
            // this very request keeps it alive
            Stage::Full => session
                .expires_at
                .min(self.now() + self.settings.sessions.idle),
        };
        session_until.min(enrolment)
    }

    /// More time while enrolling.
    pub async fn extend(&self, visitor: &Visitor) -> Outcome<Step<()>> {
        let (session, _) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let until = self.now() + self.settings.sessions.enrolling;
        self.store
            .write((session.id_hash, until), |tx, i| {
                Box::pin(async move { tx.extend_session(&i.0, i.1).await })
            })
            .await?;
        Ok(Step::Done(()))
    }

    /// **Cancelar**: ends what is pending; somebody who was only enrolling is signed out.
    pub async fn cancel(&self, visitor: &Visitor) -> Outcome<Step<Stage>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let stage = session.stage;
        let limits = self.settings.sessions;
        let input = (
            session,
            person.id,
            visitor.address.clone(),
            limits,
            self.now(),
        );
        self.store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (session, person, address, limits, now) = &*i;
                    if tx
                        .end_pending(*person, EnrolmentState::Cancelled, limits, *now)
                        .await?
                    {
                        tx.audit(*now, Some(*person), "enrolment", "cancelled", address, "")
                            .await?;
                    }
                    if session.stage == Stage::Password {
                        tx.end_session(&session.id_hash, *now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(Step::Done(stage))
    }
}
