//! The page that waits for the confirmation of the link, and the question that it asks while it waits (R17).

use super::mailing::next_mail_at;
use crate::domain::{Enrolment, EnrolmentState, Stage};
use crate::services::request::RequestReader;
use crate::services::{Services, Stop};
use crate::storage::StoreResult;
use app::api::backend::RequestContext;
use app::model::MailProgress;
use app::routes;
use app::text::waiting_progress;
use app::view::{FormState, MailSentView, Progress};

impl RequestReader<'_> {
    /// The mailed enrolment that the page shows, and whether this browser began it. The browser's own enrolment comes first,
    /// then the one of the session's person.
    async fn awaited_enrolment(&mut self) -> Result<(Enrolment, bool), Stop> {
        let now = self.services.now();
        let session = self.session().await?;
        let person = session.as_ref().map(|session| session.person);
        if let Some(own) = self.own_enrolment(person).await? {
            match own.state {
                EnrolmentState::Mailed if own.is_pending(now) => return Ok((own, true)),
                // the enrolment of this browser was confirmed, which is what the page waits for
                EnrolmentState::Activated => return Err(Stop::Redirect(routes::ACTIVATED)),
                EnrolmentState::Scanning if own.is_pending(now) && session.is_some() => {
                    return Err(Stop::Redirect(routes::ENROL));
                }
                _ => {}
            }
        }
        let person = person.ok_or(Stop::SessionOver)?;
        // the password alone shows nothing of an authenticator that is being added
        self.enrolling_person().await?;
        let pending = self.mailed_enrolment(person).await?;
        let pending = pending.ok_or(Stop::Redirect(routes::INTRO))?;
        Ok((pending, false))
    }
}

impl Services {
    /// The view of the page that waits. Only the browser in which the email was typed sees it in full, and
    /// only while its person has a session.
    pub async fn mail_sent_page(&self, context: &RequestContext) -> Result<MailSentView, Stop> {
        let mut db = self.read_for(context).await?;
        let (enrolment, is_own) = db.awaited_enrolment().await?;
        let now = self.now();
        let person = db.person(enrolment.person).await?;
        let session = db.session().await?;
        let kept = db.kept_email(&person, &enrolment, session.as_ref()).await?;
        let may_change_email = kept.is_none();
        let email = enrolment.email.ok_or(Stop::EnrolmentGone)?;
        let limits = self.settings.enrolments;
        let resend_at = next_mail_at(&mut db, person.id, &email, limits, now).await?;
        let link_until = enrolment.link_expires_at.unwrap_or(enrolment.expires_at);
        Ok(MailSentView {
            may_change_email,
            form: FormState::default(),
            // an address that was not typed here is masked; without a session it may be the next person at a shared computer
            email: if is_own && session.is_some() && may_change_email {
                email.as_typed().to_owned()
            } else {
                email.masked()
            },
            link_until: link_until.0,
            link_over: now >= link_until,
            mail: db.activation_mail(&enrolment.id).await?,
            resend_at: resend_at.0,
            provisional_left: db.provisional_sign_ins_left(&person).await?,
            signed_in: session.is_some_and(|session| session.stage == Stage::Full),
        })
    }

    /// The answer to the running page that waits. The cookie of the browser that began the enrolment is enough; without it a
    /// session is needed.
    pub async fn enrolment_progress(&self, context: &RequestContext) -> StoreResult<Progress> {
        let leads_to = |path: &str| Progress {
            sentence: String::new(),
            go: Some(path.to_owned()),
            heading: String::new(),
        };
        let now = self.now();
        let mut db = self.read_for(context).await?;
        if let Some(progress) = db.entry_progress().await? {
            return Ok(progress);
        }
        let person = db.session().await?.map(|session| session.person);
        let own = db.own_enrolment(person).await?;
        if let Some(EnrolmentState::Activated) = own.as_ref().map(|own| own.state) {
            return Ok(leads_to(routes::ACTIVATED));
        }
        // the same choice as on the page: this browser's enrolment, else the person's pending one
        let awaited = match (own.filter(|own| own.is_mailed(now)), person) {
            (None, Some(person)) if db.enrolling_person().await.is_ok() => {
                db.mailed_enrolment(person).await?
            }
            (own, _) => own,
        };
        let Some(awaited) = awaited else {
            return Ok(leads_to(routes::INTRO));
        };
        let link_over = awaited.link_expires_at.is_some_and(|until| now >= until);
        let mail = if link_over {
            MailProgress::Queued
        } else {
            db.activation_mail(&awaited.id).await?
        };
        Ok(waiting_progress(&context.locale, mail, link_over))
    }
}
