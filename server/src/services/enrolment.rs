//! Enrolment: intro page, QR code, first code and email, and the mailed link (manual; R6, R8, R16, R17, R29).

mod begin;
mod mailing;
mod submit;
mod waiting;

use super::request::{RequestReader, circumstances};
use super::{Services, Stop};
use crate::domain::{
    AuditEvent, Demand, Email, Enrolment, EnrolmentPurpose, EnrolmentState, Person, PersonId,
    RecoveryWay, Seconds, Session, Stage, Timestamp,
};
use crate::storage::StoreResult;
use app::api::backend::RequestContext;
use app::routes;
use app::view::{EnrolView, FormState, IntroView, Problem};

/// A password-only session is not extended beyond this time after the password.
const LONGEST_ENROLLING: Seconds = Seconds::hours(4);

impl RequestReader<'_> {
    /// How many provisional sign-ins are left; `None` when there is none or the policy allows none.
    pub async fn provisional_sign_ins_left(&mut self, person: &Person) -> StoreResult<Option<i64>> {
        let policy = &self.services.settings.policy;
        if policy.demand(&person.profiles) != Demand::Required {
            return Ok(None);
        }
        let (most, now) = (policy.provisional_sign_ins, self.services.now());
        let pending = self.pending_enrolment(person.id).await?;
        Ok(pending
            .filter(|pending| pending.allows_provisional_sign_in(now, most))
            .map(|pending| most - pending.provisional_uses))
    }

    /// The enrolment of a person that waits for the confirmation of a link.
    async fn mailed_enrolment(&mut self, person: PersonId) -> StoreResult<Option<Enrolment>> {
        let (pending, now) = (self.pending_enrolment(person).await?, self.services.now());
        Ok(pending.filter(|pending| pending.is_mailed(now)))
    }

    /// A redirect to the page at which this person's enrolment is.
    pub async fn redirect_to_enrolment(&mut self, person: &Person) -> StoreResult<Stop> {
        let mailed = self.mailed_enrolment(person.id).await?;
        Ok(Stop::Redirect(if mailed.is_some() {
            routes::MAIL_SENT
        } else {
            routes::INTRO
        }))
    }

    /// The confirmed personal email, to which the link of an enrolment goes that adds or replaces an authenticator: whoever loses a
    /// phone changes one thing at a time. `None` when the address is asked for: at the first enrolment, and after a
    /// theft that was reported with a recovery code, because the phone may hold the mailbox too.
    async fn kept_email(
        &mut self,
        person: &Person,
        enrolment: &Enrolment,
        session: Option<&Session>,
    ) -> StoreResult<Option<Email>> {
        let way = session.and_then(|session| session.recovery);
        if enrolment.purpose == EnrolmentPurpose::First {
            return Ok(None);
        }
        // only a recovery code changes factor and address together, and none that whoever stole them could have made lately
        if person.is_email_doubtful && way == Some(RecoveryWay::Stolen) {
            let lately = self.services.now() - self.services.settings.enrolments.not_me;
            let codes = self.recovery_codes(person.id).await?;
            if codes.created_at.is_some_and(|at| at <= lately) {
                return Ok(None);
            }
        }
        self.personal_email(person.id).await
    }
}

impl Services {
    /// The view of the intro page, for a session without an active factor.
    pub async fn intro_page(&self, context: &RequestContext) -> Result<IntroView, Stop> {
        let mut db = self.read_for(context).await?;
        let (_, person) = db.enrolling_person().await?;
        let now = self.now();
        let own = db.own_enrolment(Some(person.id)).await?;
        if own.as_ref().is_some_and(|own| own.is_mailed(now)) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        let pending = db.pending_enrolment(person.id).await?;
        let own_id = own.as_ref().map(|own| own.id.as_str());
        Ok(IntroView {
            form: match &own {
                Some(own) if own.state == EnrolmentState::Voided => {
                    FormState::with("", Problem::Gone)
                }
                _ => FormState::default(),
            },
            required: person.is_revoked()
                || self.settings.policy.demand(&person.profiles) == Demand::Required,
            voids_another: pending.is_some_and(|pending| {
                pending.is_pending(now) && Some(pending.id.as_str()) != own_id
            }),
            expired: own.is_some_and(|own| own.has_run_out(now)),
        })
    }

    /// The view of the enrol page. Only the browser that began the enrolment gets it, until code and email are accepted (R6).
    pub async fn enrol_page(&self, context: &RequestContext) -> Result<EnrolView, Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.enrolling_person().await?;
        let now = self.now();
        let own = db.own_enrolment(Some(person.id)).await?;
        let pending = own.filter(|own| own.is_pending(now));
        let own = pending.ok_or(Stop::Redirect(routes::INTRO))?;
        if own.is_mailed(now) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        let secret = db.pending_secret(&own.id).await?;
        let kept = db.kept_email(&person, &own, Some(&session)).await?;
        let label = &self.settings.label;
        Ok(EnrolView {
            form: FormState::default(),
            uri: secret.uri(label, person.sigla.as_typed()),
            setup_key: secret.setup_key(),
            account_label: label.clone(),
            known_email: kept.map(|email| email.masked()),
            suffixes: self.settings.suffixes.names().to_vec(),
            session_until: self.enrol_page_until(&session, own.expires_at).0,
        })
    }

    /// When the enrol page stops working: at the end of its session or of its QR code, whichever is earlier.
    fn enrol_page_until(&self, session: &Session, enrolment_until: Timestamp) -> Timestamp {
        let session_until = match session.stage {
            Stage::Password => session.expires_at,
            // this request itself starts the idle time again
            Stage::Full => session
                .expires_at
                .min(self.now() + self.settings.sessions.idle),
        };
        session_until.min(enrolment_until)
    }

    /// Gives a password-only session that is enrolling its full time again.
    pub async fn extend_session(&self, context: &RequestContext) -> Result<(), Stop> {
        let (session, _) = self.read_for(context).await?.enrolling_person().await?;
        let now = self.now();
        // pressing again and again must not keep a password-only session for ever
        let latest = session.auth_time + LONGEST_ENROLLING;
        if now >= latest {
            return Err(Stop::SessionOver);
        }
        let until = latest.min(now + self.settings.sessions.enrolling);
        self.store
            .write_with((session.id_hash, until), |tx, (id_hash, until)| {
                Box::pin(tx.extend_session(id_hash, *until))
            })
            .await?;
        Ok(())
    }

    /// **Cancelar**. It ends the pending enrolment and signs a password-only session out. Returns the stage of the session,
    /// which decides the next page.
    pub async fn cancel_enrolment(&self, context: &RequestContext) -> Result<Stage, Stop> {
        let (session, _) = self.read_for(context).await?.enrolling_person().await?;
        let stage = session.stage;
        let done = circumstances(context, self.now());
        let input = (session, self.settings.sessions, done);
        self.store
            .write_with(input, |tx, (session, limits, done)| {
                Box::pin(async move {
                    let (person, now) = (session.person, done.at);
                    let cancelled = EnrolmentState::Cancelled;
                    let ended = tx.end_pending_enrolment(person, cancelled, limits, now);
                    // not audited when a block, an activation or a newer QR code ended it meanwhile
                    if ended.await? {
                        let event = AuditEvent::EnrolmentCancelled;
                        tx.audit_own(person, event, "", done).await?;
                    }
                    if session.stage == Stage::Password {
                        tx.end_session(&session.id_hash, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(stage)
    }
}
