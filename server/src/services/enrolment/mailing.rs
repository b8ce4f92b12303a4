//! The mailed activation link: its mail, another mail to the same email, a correction of the email (R14, R15, R17).

use crate::domain::{
    Circumstances, Email, Enrolment, EnrolmentLimits, Link, LinkPurpose, MailJob, MailMessage,
    Person, PersonId, Seconds, Timestamp, Token, VoidReason,
};
use crate::services::request::{RequestReader, circumstances};
use crate::services::{Services, Stop};
use crate::storage::{NewMail, Reader, StoreResult, Tx};
use app::api::backend::{RequestContext, TypedEmail};
use app::model::Language;
use app::routes;
use app::view::{ChangeEmailView, FormState, Problem};

/// Most activation mails about one person within an hour, to all emails together.
const MAILS_PER_PERSON: usize = 10;
/// The value of `outbox.kind` of an activation mail.
const ACTIVATION_LINK: &str = "activation_link";

impl Services {
    /// Prepares a link and its mail. The mail is in the person's language, but in English when the page was English.
    pub(super) fn activation_mail(
        &self,
        context: &RequestContext,
        person: &Person,
        enrolment: String,
        email: Email,
    ) -> ActivationMail {
        let token = self.new_token();
        let mut person = person.clone();
        if context.locale.language == Language::En {
            person.language = Language::En;
        }
        ActivationMail {
            url: self.mailed_link(routes::activation_link, &token),
            token,
            person,
            enrolment,
            email,
            circumstances: circumstances(context, self.now()),
            limits: self.settings.enrolments,
        }
    }

    /// Mails another link to the same email. Earlier links still work until one is used.
    pub async fn resend_link(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let (_, person) = db.enrolling_person().await?;
        let pending = db.mailed_enrolment(person.id).await?;
        drop(db);
        let pending = pending.ok_or(Stop::Redirect(routes::INTRO))?;
        let email = pending.email.ok_or(Stop::EnrolmentGone)?;
        let mail = self.activation_mail(context, &person, pending.id, email);
        self.send_again(mail, false).await
    }

    /// Changes the email of the pending enrolment, only in the browser that began it. The links to the old email are voided.
    pub async fn change_email(
        &self,
        context: &RequestContext,
        typed: &TypedEmail,
    ) -> Result<(), Stop> {
        let (person, own) = self.read_for(context).await?.changeable_enrolment().await?;
        let own = own.ok_or(Stop::EnrolmentGone)?;
        let email = self
            .judge_email(typed)
            .map_err(|refusal| Stop::invalid("email", Problem::Email(refusal)))?;
        let mail = self.activation_mail(context, &person, own.id, email);
        self.send_again(mail, true).await
    }

    async fn send_again(&self, mail: ActivationMail, is_correction: bool) -> Result<(), Stop> {
        let input = (mail, is_correction);
        self.store
            .write_with(input, |tx, (mail, is_correction)| {
                Box::pin(mail.write_again(tx, *is_correction))
            })
            .await?
    }

    /// The view of the page on which the email is corrected, only in the browser that began the enrolment.
    pub async fn change_email_page(
        &self,
        context: &RequestContext,
    ) -> Result<ChangeEmailView, Stop> {
        let mut db = self.read_for(context).await?;
        let (person, own) = db.changeable_enrolment().await?;
        let Some(own) = own else {
            return Err(db.redirect_to_enrolment(&person).await?);
        };
        Ok(ChangeEmailView {
            form: FormState::default(),
            email: own.email.map(String::from).unwrap_or_default(),
            suffixes: self.settings.suffixes.names().to_vec(),
        })
    }
}

impl RequestReader<'_> {
    /// The person with the mailed enrolment that this browser began and whose email may be changed; `None` when there is none.
    async fn changeable_enrolment(&mut self) -> Result<(Person, Option<Enrolment>), Stop> {
        let (session, person) = self.enrolling_person().await?;
        let own = self.own_enrolment(Some(person.id)).await?;
        let own = own.filter(|own| own.is_mailed(self.services.now()));
        if let Some(own) = &own
            && let Some(_) = self.kept_email(&person, own, Some(&session)).await?
        {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        Ok((person, own))
    }
}

/// A link and its mail, written in one transaction with the state that they belong to (R17).
pub(super) struct ActivationMail {
    token: Token,
    url: String,
    pub(super) person: Person,
    pub(super) enrolment: String,
    email: Email,
    pub(super) circumstances: Circumstances,
    limits: EnrolmentLimits,
}

impl ActivationMail {
    /// Writes another link to the same email, or to a corrected one. It stops when the enrolment no longer waits for a link, or its
    /// email was corrected meanwhile.
    async fn write_again(&self, tx: &mut Tx, is_correction: bool) -> StoreResult<Result<(), Stop>> {
        // one transaction at a time counts the mails and reads the email: two at once would pass the caps together
        tx.lock_person(self.person.id).await?;
        let enrolment = tx.enrolment(&self.enrolment).await?;
        // read again behind the lock: a resend must not restore an email that was corrected meanwhile (R16)
        if !is_correction && enrolment.email.as_ref() != Some(&self.email) {
            return Ok(Err(Stop::EnrolmentGone));
        }
        if let Some(wait) = self.must_wait(tx).await? {
            return Ok(Err(wait));
        }
        if is_correction {
            tx.void_links(&self.enrolment, VoidReason::EmailCorrected)
                .await?;
        }
        let is_written = self.write(tx).await?;
        Ok(is_written.then_some(()).ok_or(Stop::EnrolmentGone))
    }

    /// Until when no further mail is allowed; `None` when one is allowed now.
    pub(super) async fn must_wait(&self, tx: &mut Tx) -> StoreResult<Option<Stop>> {
        let now = self.circumstances.at;
        let at = next_mail_at(tx, self.person.id, &self.email, self.limits, now).await?;
        let wait = Problem::ResendWait { until: at.0 };
        Ok((at > now).then(|| Stop::invalid("", wait)))
    }

    /// Writes link, mail and the new times of the enrolment. False when the enrolment no longer waits for a link.
    pub(super) async fn write(&self, tx: &mut Tx) -> StoreResult<bool> {
        let now = self.circumstances.at;
        let until = now + self.limits.link;
        let id = self.enrolment.as_str();
        let enrolment = tx.enrolment(id).await?;
        // provisional sign-ins must not end with the link, because the mail may be hours late
        let pending_until = enrolment
            .provisional_until
            .map_or(until, |provisional| provisional.max(until));
        if !tx
            .set_enrolment_email(id, &self.email, until, pending_until)
            .await?
        {
            return Ok(false);
        }
        let link = Link {
            enrolment: Some(self.enrolment.clone()),
            ..Link::new(self.person.id, now, until)
        };
        tx.insert_link(&self.token.hash(), LinkPurpose::Activation, &link)
            .await?;
        let message = MailMessage::ActivationLink {
            url: self.url.clone(),
            expires_at: until,
            started: self.circumstances.clone(),
        };
        let mail = NewMail {
            person: self.person.id,
            enrolment: Some(self.enrolment.clone()),
            job: MailJob::to_person(&self.person, self.email.clone(), message),
            give_up_at: until,
        };
        tx.enqueue_mail(&mail, now).await?;
        Ok(true)
    }
}

/// When the next activation mail is allowed: one a minute and five an hour about one person to one email, twice as many an hour to
/// the email about all people, and ten an hour about one person. Not earlier than `now`. What others had sent to an email never
/// stops the first mail that a person has sent to it (finding L4).
pub(super) async fn next_mail_at(
    db: &mut Reader,
    person: PersonId,
    email: &Email,
    limits: EnrolmentLimits,
    now: Timestamp,
) -> StoreResult<Timestamp> {
    let hour = Seconds::hours(1);
    let per_email = usize::try_from(limits.resends_per_hour).unwrap_or(1).max(1);
    let to = db.mails_to(ACTIVATION_LINK, email, now - hour).await?;
    let about = db.mails_about(ACTIVATION_LINK, person, now - hour).await?;
    let of = |mails: &[(Timestamp, PersonId)], place: usize| mails.get(place).map(|(at, _)| *at);
    let own: Vec<_> = to
        .iter()
        .filter(|(_, who)| *who == person)
        .copied()
        .collect();
    let by_others = of(&to, 2 * per_email - 1).filter(|_| !own.is_empty());
    let waits = [
        of(&own, 0).map(|newest| newest + limits.resend_every),
        of(&own, per_email - 1).map(|oldest| oldest + hour),
        by_others.map(|oldest| oldest + hour),
        about.get(MAILS_PER_PERSON - 1).map(|oldest| *oldest + hour),
    ];
    Ok(waits.into_iter().flatten().max().unwrap_or(now).max(now))
}
