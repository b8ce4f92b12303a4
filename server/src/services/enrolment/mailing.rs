//! The mailed activation link: its mail, another mail to the same email, a correction of the email (R14, R15, R17).

use crate::domain::{
    Circumstances, ClientInfo, Email, EnrolmentLimits, Link, LinkPurpose, MailJob, MailMessage,
    Person, PersonId, Seconds, Timestamp, Token, VoidReason,
};
use crate::services::request::circumstances;
use crate::services::{Services, Stop};
use crate::storage::{NewMail, Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::{RequestContext, TypedEmail};
use app::model::Language;
use app::routes;
use app::view::{ChangeEmailView, FormState, Problem};
use async_trait::async_trait;

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
        let mut db = self.store.reader().await?;
        let (_, person) = self.enrolling_person(&mut db, context).await?;
        let pending = self
            .mailed_enrolment(&mut db, person.id)
            .await?
            .ok_or(Stop::Redirect(routes::INTRO))?;
        drop(db);
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
        let mut db = self.store.reader().await?;
        let (session, person) = self.enrolling_person(&mut db, context).await?;
        let own = self
            .own_enrolment(&mut db, context, Some(person.id))
            .await?
            .filter(|own| own.is_mailed(self.now()))
            .ok_or(Stop::EnrolmentGone)?;
        if self
            .kept_email(&mut db, &person, &own, Some(&session))
            .await?
            .is_some()
        {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        drop(db);
        let email = self
            .judge_email(typed)
            .map_err(|refusal| Stop::invalid("email", Problem::Email(refusal)))?;
        let mail = self.activation_mail(context, &person, own.id, email);
        self.send_again(mail, true).await
    }

    async fn send_again(&self, mail: ActivationMail, is_correction: bool) -> Result<(), Stop> {
        let sent = self
            .store
            .write(AnotherMail {
                mail,
                is_correction,
            })
            .await?;
        match sent {
            AnotherMailResult::Written => Ok(()),
            AnotherMailResult::Gone => Err(Stop::EnrolmentGone),
            AnotherMailResult::Wait(until) => {
                Err(Stop::invalid("", Problem::ResendWait { until: until.0 }))
            }
        }
    }

    /// The view of the page on which the email is corrected, only in the browser that began the enrolment.
    pub async fn change_email_page(
        &self,
        context: &RequestContext,
    ) -> Result<ChangeEmailView, Stop> {
        let mut db = self.store.reader().await?;
        let (session, person) = self.enrolling_person(&mut db, context).await?;
        let own = self
            .own_enrolment(&mut db, context, Some(person.id))
            .await?;
        match own.filter(|own| own.is_mailed(self.now())) {
            Some(own)
                if self
                    .kept_email(&mut db, &person, &own, Some(&session))
                    .await?
                    .is_some() =>
            {
                Err(Stop::Redirect(routes::MAIL_SENT))
            }
            Some(own) => Ok(ChangeEmailView {
                form: FormState::default(),
                email: own.email.map(String::from).unwrap_or_default(),
                suffixes: self.settings.suffixes.names().to_vec(),
            }),
            None => Err(self.redirect_to_enrolment(&mut db, &person).await?),
        }
    }
}

enum AnotherMailResult {
    Written,
    /// The enrolment no longer waits for a link, or its email was corrected meanwhile.
    Gone,
    /// Too many mails were sent; the next one is allowed at this time.
    Wait(Timestamp),
}

struct AnotherMail {
    mail: ActivationMail,
    /// True when the email is corrected, false when the same email gets another link.
    is_correction: bool,
}

#[async_trait]
impl UnitOfWork for AnotherMail {
    type Output = AnotherMailResult;

    async fn run(&self, tx: &mut Tx) -> StoreResult<AnotherMailResult> {
        let mail = &self.mail;
        // one transaction at a time counts the mails and reads the email: two at once would pass the caps together
        tx.lock_person(mail.person.id).await?;
        let enrolment = tx.enrolment(&mail.enrolment).await?;
        // read again behind the lock: a resend must not restore an email that was corrected meanwhile (R16)
        if !self.is_correction && enrolment.email.as_ref() != Some(&mail.email) {
            return Ok(AnotherMailResult::Gone);
        }
        if let Some(until) = mail.must_wait_until(tx).await? {
            return Ok(AnotherMailResult::Wait(until));
        }
        if self.is_correction {
            tx.void_links(&mail.enrolment, VoidReason::EmailCorrected)
                .await?;
        }
        Ok(if mail.write(tx).await? {
            AnotherMailResult::Written
        } else {
            AnotherMailResult::Gone
        })
    }
}

/// A link and its mail, written in one transaction with the state that they belong to (R17).
pub(super) struct ActivationMail {
    token: Token,
    url: String,
    pub(super) person: Person,
    pub(super) enrolment: String,
    email: Email,
    circumstances: Circumstances,
    limits: EnrolmentLimits,
}

impl ActivationMail {
    pub(super) fn now(&self) -> Timestamp {
        self.circumstances.at
    }

    pub(super) fn client(&self) -> &ClientInfo {
        &self.circumstances.client
    }

    /// When the next mail is allowed; `None` when it is allowed now.
    pub(super) async fn must_wait_until(&self, tx: &mut Tx) -> StoreResult<Option<Timestamp>> {
        let now = self.now();
        let at = next_mail_at(tx, self.person.id, &self.email, self.limits, now).await?;
        Ok((at > now).then_some(at))
    }

    /// Writes link, mail and the new times of the enrolment. False when the enrolment no longer waits for a link.
    pub(super) async fn write(&self, tx: &mut Tx) -> StoreResult<bool> {
        let now = self.now();
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
            person: self.person.id,
            enrolment: Some(self.enrolment.clone()),
            factor: None,
            about: None,
            created_at: now,
            expires_at: until,
            used_at: None,
            voided: None,
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
