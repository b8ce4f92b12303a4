//! The link on its way: its mail, its state, another one, another address (R14, R15, R17).

use super::{AddressTrouble, MailFacts, Step, Waiting};
use crate::{
    domain::{
        address::MailAddress,
        enrolment::{Enrolment, EnrolmentLimits, EnrolmentState},
        mail::{Circumstances, MailMessage},
        person::PersonId,
        session::Stage,
        time::{Seconds, Timestamp},
        token::Token,
    },
    services::{Outcome, Services, Visitor, notices, sign_in::Next},
    storage::{LinkPurpose, MailState, NewMail, PersonRow, StoreResult, Tx, Voided},
};

/// Activation mails for one person within an hour, whatever the addresses.
const MAILS_PER_PERSON: usize = 10;

impl Services {
    /// Prepares a link and its mail for `address`.
    pub(super) fn mailing(
        &self,
        visitor: &Visitor,
        person: &PersonRow,
        enrolment: String,
        address: &MailAddress,
    ) -> Mailing {
        let now = self.now();
        let token = self.token();
        let mut person = person.clone();
        person.language = notices::language_for(&person, visitor.language);
        Mailing {
            url: self.url(self.links.activation, &token),
            token,
            person,
            enrolment,
            address: address.as_typed().to_owned(),
            circumstances: visitor.circumstances(now),
            limits: self.settings.enrolments,
            now,
        }
    }

    /// The mailed enrolment that a page is about: this browser's own, else the one of the
    /// person whose session it is.
    async fn mailed(&self, visitor: &Visitor) -> Outcome<Step<(Enrolment, bool)>> {
        let now = self.now();
        let session = self.session_of(visitor).await?;
        let person = session.as_ref().map(|session| session.person);
        if let Some(own) = self.own_enrolment(visitor, person).await? {
            match own.state {
                EnrolmentState::Mailed if own.is_pending(now) => {
                    return Ok(Step::Done((own, true)));
                }
                EnrolmentState::Activated => return Ok(Step::Gone),
                EnrolmentState::Scanning if own.is_pending(now) && session.is_some() => {
                    return Ok(Step::Elsewhere(Next::Enrol));
                }
                _ => {}
            }
        }
        let Some(person) = person else {
            return Ok(Step::SessionOver);
        };
        match self
            .pending(person)
            .await?
            .filter(|pending| pending.is_mailed(now))
        {
            Some(pending) => Ok(Step::Done((pending, false))),
            None => Ok(Step::Elsewhere(Next::Notice)),
        }
    }

    /// What the waiting page shows. The address in full only in the browser that typed it.
    pub async fn mail_sent_page(&self, visitor: &Visitor) -> Outcome<Step<MailFacts>> {
        let (enrolment, own) = match self.mailed(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let person = self.person(enrolment.person).await?;
        let typed = enrolment.email.clone().unwrap_or_default();
        let masked = || MailAddress::parse(&typed).map_or_else(|_| String::new(), |a| a.masked());
        let limits = self.settings.enrolments;
        let input = (
            enrolment.id.clone(),
            person.id,
            typed.clone(),
            limits,
            self.now(),
        );
        let (mail, resend_at) = self
            .store
            .read(input, |tx, i| {
                Box::pin(async move {
                    let mail = tx.activation_mail(&i.0).await?;
                    Ok((mail, next_mail_at(tx, i.1, &i.2, i.3, i.4).await?))
                })
            })
            .await?;
        Ok(Step::Done(MailFacts {
            address: if own { typed } else { masked() },
            link_until: enrolment.link_expires_at.unwrap_or(enrolment.expires_at),
            mail: mail.unwrap_or(MailState::Failed),
            resend_at,
            provisional_left: self.provisional(&person).await?,
            signed_in: self
                .session_of(visitor)
                .await?
                .is_some_and(|session| session.stage == Stage::Full),
        }))
    }

    /// What the waiting page asks: by the cookie of the browser that began, which needs no session.
    pub async fn progress(&self, visitor: &Visitor) -> Outcome<Waiting> {
        let now = self.now();
        let session = self.session_of(visitor).await?;
        let person = session.map(|session| session.person);
        let own = self.own_enrolment(visitor, person).await?;
        if own
            .as_ref()
            .is_some_and(|own| own.state == EnrolmentState::Activated)
        {
            return Ok(Waiting::Activated);
        }
        // the browser's own where it waits, else the person's pending one: as on the page itself
        let mailed = match (own.filter(|own| own.is_mailed(now)), person) {
            (None, Some(person)) => self.pending(person).await?,
            (own, _) => own,
        };
        let Some(own) = mailed.filter(|mailed| mailed.is_mailed(now)) else {
            return Ok(Waiting::Over);
        };
        if own.link_expires_at.is_some_and(|until| now >= until) {
            return Ok(Waiting::LinkOver);
        }
        let mail = self
            .store
            .read(own.id, |tx, id| {
                Box::pin(async move { tx.activation_mail(&id).await })
            })
            .await?;
        Ok(Waiting::Mail(mail.unwrap_or(MailState::Failed)))
    }

    /// Another link to the same address. `None`: on its way; else when the next may go.
    pub async fn resend(&self, visitor: &Visitor) -> Outcome<Step<Option<Timestamp>>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let pending = self
            .pending(person.id)
            .await?
            .filter(|p| p.is_mailed(self.now()));
        let Some(pending) = pending else {
            return Ok(Step::Elsewhere(Next::Notice));
        };
        let Some(Ok(address)) = pending.email.as_deref().map(MailAddress::parse) else {
            return Ok(Step::Gone);
        };
        let mailing = self.mailing(visitor, &person, pending.id, &address);
        self.send(mailing, None).await
    }

    /// Another address for the same enrolment, from the browser that began it. The links to the
    /// old address stop working.
    pub async fn change_address(
        &self,
        visitor: &Visitor,
        typed: &str,
        confirmed: &str,
    ) -> Outcome<Step<Result<Option<Timestamp>, AddressTrouble>>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let Some(own) = own.filter(|own| own.is_mailed(self.now())) else {
            return Ok(Step::Gone);
        };
        let address = match self.judge_address(typed, confirmed) {
            Ok(address) => address,
            Err(trouble) => return Ok(Step::Done(Err(trouble))),
        };
        let mailing = self.mailing(visitor, &person, own.id, &address);
        Ok(match self.send(mailing, Some(Voided::Address)).await? {
            Step::Done(wait) => Step::Done(Ok(wait)),
            other => other.cast(),
        })
    }

    async fn send(
        &self,
        mailing: Mailing,
        voids: Option<Voided>,
    ) -> Outcome<Step<Option<Timestamp>>> {
        let sent = self
            .store
            .write((mailing, voids), |tx, i| {
                Box::pin(async move {
                    let (mailing, voids) = &*i;
                    // the caps are counted and the address is read by one at a time
                    tx.lock_person(mailing.person.id).await?;
                    let enrolment = tx.enrolment(&mailing.enrolment).await?;
                    if voids.is_none() && enrolment.email.as_ref() != Some(&mailing.address) {
                        return Ok(None);
                    }
                    if let Some(wait) = mailing.must_wait(tx).await? {
                        return Ok(Some(Some(wait)));
                    }
                    if let Some(why) = voids {
                        tx.void_links(&mailing.enrolment, *why).await?;
                    }
                    Ok(mailing.write(tx).await?.then_some(None))
                })
            })
            .await?;
        self.nudge.notify_waiters();
        Ok(match sent {
            Some(wait) => Step::Done(wait),
            None => Step::Gone,
        })
    }

    /// Whether this browser may correct the address, and the address so far.
    pub async fn change_address_page(&self, visitor: &Visitor) -> Outcome<Step<String>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        Ok(match own.filter(|own| own.is_mailed(self.now())) {
            Some(own) => Step::Done(own.email.unwrap_or_default()),
            None => Step::Elsewhere(self.enrolment_page(&person).await?),
        })
    }
}

/// A link and its mail, written together with the state they belong to (R17).
pub(super) struct Mailing {
    token: Token,
    url: String,
    pub(super) person: PersonRow,
    pub(super) enrolment: String,
    address: String,
    pub(super) circumstances: Circumstances,
    limits: EnrolmentLimits,
    pub(super) now: Timestamp,
}

impl Mailing {
    /// When the next mail may go, if not now.
    pub(super) async fn must_wait(&self, tx: &mut Tx) -> StoreResult<Option<Timestamp>> {
        let at = next_mail_at(tx, self.person.id, &self.address, self.limits, self.now).await?;
        Ok((at > self.now).then_some(at))
    }

    /// False when the enrolment no longer waits for a link.
    pub(super) async fn write(&self, tx: &mut Tx) -> StoreResult<bool> {
        let until = self.now + self.limits.link;
        let enrolment = tx.enrolment(&self.enrolment).await?;
        // a provisional entry must not end with the link: the mail may be late for hours
        let pending_until = enrolment.provisional_until.map_or(until, |p| p.max(until));
        let id = self.enrolment.as_str();
        if !tx
            .set_enrolment_address(id, &self.address, until, pending_until)
            .await?
        {
            return Ok(false);
        }
        let hash = self.token.hash();
        tx.insert_link(
            &hash,
            LinkPurpose::Activation,
            self.person.id,
            Some(id),
            until,
            self.now,
        )
        .await?;
        let message = MailMessage::ActivationLink {
            url: self.url.clone(),
            expires_at: until,
            started: self.circumstances.clone(),
        };
        let mail = NewMail {
            person: self.person.id,
            enrolment: Some(self.enrolment.clone()),
            job: notices::mail_to(self.address.clone(), &self.person, message),
            give_up_at: until,
        };
        tx.enqueue_mail(&mail, self.now).await?;
        Ok(true)
    }
}

/// When the next activation mail may go: one a minute and five an hour to one address, ten an
/// hour for one person.
async fn next_mail_at(
    tx: &mut Tx,
    person: PersonId,
    address: &str,
    limits: EnrolmentLimits,
    now: Timestamp,
) -> StoreResult<Timestamp> {
    const KIND: &str = "activation_link";
    let hour = Seconds::hours(1);
    let per_address = usize::try_from(limits.resends_per_hour).unwrap_or(1).max(1);
    let to = tx.mails_to(KIND, address, now - hour).await?;
    let about = tx.mails_about(KIND, person, now - hour).await?;
    let waits = [
        to.first().map(|newest| *newest + limits.resend_every),
        to.get(per_address - 1).map(|oldest| *oldest + hour),
        about.get(MAILS_PER_PERSON - 1).map(|oldest| *oldest + hour),
    ];
    Ok(waits.into_iter().flatten().max().unwrap_or(now).max(now))
}
