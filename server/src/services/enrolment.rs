//! Enrolment: intro page, QR code, first code and email, and the mailed link (manual; R6, R8, R16, R17, R29).

mod begin;
mod mailing;
mod submit;
mod waiting;

use super::request::client_info;
use super::{ServiceError, Services, Stop};
use crate::domain::{
    Actor, AuditEvent, Demand, Email, Enrolment, EnrolmentPurpose, EnrolmentState, Person,
    PersonId, RecoveryWay, Seconds, Session, Stage, Timestamp,
};
use crate::storage::Reader;
use app::api::backend::RequestContext;
use app::routes;
use app::view::{EnrolView, FormState, IntroView, Problem};

/// A password-only session is not extended beyond this time after the password.
const LONGEST_ENROLLING: Seconds = Seconds::hours(4);

impl Services {
    /// How many provisional sign-ins are left; `None` when there is none or the policy allows none.
    pub(super) async fn provisional_sign_ins_left(
        &self,
        db: &mut Reader,
        person: &Person,
    ) -> Result<Option<i64>, ServiceError> {
        let policy = &self.settings.policy;
        if policy.demand(&person.profiles) != Demand::Required {
            return Ok(None);
        }
        let most = policy.provisional_sign_ins;
        let pending = db.pending_enrolment(person.id).await?;
        Ok(pending
            .filter(|pending| pending.allows_provisional_sign_in(self.now(), most))
            .map(|pending| most - pending.provisional_uses))
    }

    /// The enrolment of a person that waits for the confirmation of a link.
    async fn mailed_enrolment(
        &self,
        db: &mut Reader,
        person: PersonId,
    ) -> Result<Option<Enrolment>, ServiceError> {
        let pending = db.pending_enrolment(person).await?;
        Ok(pending.filter(|pending| pending.is_mailed(self.now())))
    }

    /// A redirect to the page at which this person's enrolment is.
    pub(super) async fn redirect_to_enrolment(
        &self,
        db: &mut Reader,
        person: &Person,
    ) -> Result<Stop, ServiceError> {
        let mailed = self.mailed_enrolment(db, person.id).await?;
        Ok(Stop::Redirect(if mailed.is_some() {
            routes::MAIL_SENT
        } else {
            routes::INTRO
        }))
    }

    /// The view of the intro page, for a session without an active factor.
    pub async fn intro_page(&self, context: &RequestContext) -> Result<IntroView, Stop> {
        let mut db = self.store.reader().await?;
        let (_, person) = self.enrolling_person(&mut db, context).await?;
        let now = self.now();
        let own = self
            .own_enrolment(&mut db, context, Some(person.id))
            .await?;
        if own.as_ref().is_some_and(|own| own.is_mailed(now)) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        let pending = db.pending_enrolment(person.id).await?;
        let own_id = own.as_ref().map(|own| own.id.as_str());
        let was_replaced = own
            .as_ref()
            .is_some_and(|own| own.state == EnrolmentState::Voided);
        Ok(IntroView {
            form: if was_replaced {
                FormState::with("", Problem::Gone)
            } else {
                FormState::default()
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
        let mut db = self.store.reader().await?;
        let (session, person) = self.enrolling_person(&mut db, context).await?;
        let now = self.now();
        let own = self
            .own_enrolment(&mut db, context, Some(person.id))
            .await?
            .ok_or(Stop::Redirect(routes::INTRO))?;
        if own.is_mailed(now) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        if !own.is_pending(now) {
            return Err(Stop::Redirect(routes::INTRO));
        }
        let secret = db.pending_secret(&own.id).await?;
        let label = &self.settings.label;
        Ok(EnrolView {
            form: FormState::default(),
            uri: secret.uri(label, person.sigla.as_typed()),
            setup_key: secret.setup_key(),
            account_label: label.clone(),
            known_email: self
                .kept_email(&mut db, &person, &own, Some(&session))
                .await?
                .map(|email| email.masked()),
            suffixes: self.settings.suffixes.names().to_vec(),
            session_until: self.enrol_page_until(&session, own.expires_at).0,
        })
    }

    /// The confirmed personal email, to which the link of an enrolment goes that adds or replaces an authenticator: whoever loses a
    /// phone changes one thing at a time. `None` when the address is asked for: at the first enrolment, and after a
    /// theft that was reported with a recovery code, because the phone may hold the mailbox too.
    async fn kept_email(
        &self,
        db: &mut Reader,
        person: &Person,
        enrolment: &Enrolment,
        session: Option<&Session>,
    ) -> Result<Option<Email>, ServiceError> {
        let way = session.and_then(|session| session.recovery);
        if enrolment.purpose == EnrolmentPurpose::First {
            return Ok(None);
        }
        // only a recovery code changes factor and address together, and none that whoever stole them could have made lately
        if person.is_email_doubtful && way == Some(RecoveryWay::Stolen) {
            let lately = self.now() - self.settings.enrolments.not_me;
            let codes = db.recovery_codes(person.id).await?;
            if codes.created_at.is_some_and(|at| at <= lately) {
                return Ok(None);
            }
        }
        Ok(db.personal_email(person.id).await?)
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
        let mut db = self.store.reader().await?;
        let (session, _) = self.enrolling_person(&mut db, context).await?;
        drop(db);
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
        let mut db = self.store.reader().await?;
        let (session, person) = self.enrolling_person(&mut db, context).await?;
        drop(db);
        let stage = session.stage;
        let input = (
            session,
            person.id,
            client_info(context),
            self.settings.sessions,
            self.now(),
        );
        self.store
            .write_with(input, |tx, (session, person, client, limits, now)| {
                Box::pin(async move {
                    let cancelled = EnrolmentState::Cancelled;
                    // not audited when a block, an activation or a newer QR code ended it meanwhile
                    if tx
                        .end_pending_enrolment(*person, cancelled, limits, *now)
                        .await?
                    {
                        let (actor, event) =
                            (Actor::Person(*person), AuditEvent::EnrolmentCancelled);
                        tx.audit(&actor, event, Some(*person), client, "", *now)
                            .await?;
                    }
                    if session.stage == Stage::Password {
                        tx.end_session(&session.id_hash, *now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(stage)
    }
}
