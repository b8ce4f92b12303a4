//! The code page, and the three forms that take a code: at sign-in, a recovery code in its place, and once more in a full
//! session.

use super::SignedIn;
use super::code_attempt::{CodeAttempt, CodeResult, ProofForm, TypedProof};
use crate::domain::{AttemptKind, OneTimeCode, Person, RecoveryCode, Stage};
use crate::services::request::{RequestReader, browser_token, circumstances, token_hash};
use crate::services::{Services, Stop};
use app::api::backend::RequestContext;
use app::model::CodeRefusal;
use app::routes;
use app::view::{CodeView, FormState, Problem};

impl Services {
    /// The view of the code page, for a password-only session with an active factor or a provisional sign-in left.
    pub async fn code_page(&self, context: &RequestContext) -> Result<CodeView, Stop> {
        let mut db = self.read_for(context).await?;
        let session = db.session().await?;
        let session = session.ok_or(Stop::Redirect(routes::SIGN_IN))?;
        if session.stage == Stage::Full {
            return Err(Stop::Redirect(routes::HOME));
        }
        let person = db.person(session.person).await?;
        let provisional_left = db.check_code_needed(&person).await?;
        let throttle = db.throttle_key(person.id, AttemptKind::Code).await?;
        let locked = db.earlier_attempts(&throttle, self.now()).await?.wait;
        let factors = db.active_totps(person.id).await?;
        let home_instance = factors
            .first()
            .map_or(&self.settings.instance, |factor| &factor.home_instance);
        Ok(CodeView {
            form: FormState::default(),
            sigla: person.sigla.as_typed().to_owned(),
            account_label: self.account_label(home_instance),
            locked: locked.map(|wait| wait.until.map(|until| until.0)),
            provisional_left,
        })
    }

    /// Verifies what was typed into a form for a code, in one transaction behind the person's lock: a failure is counted before another
    /// attempt is looked at (R4). After the password it completes the sign-in; where the phone was reported stolen without another
    /// authenticator, an enrolment comes next. In a full session it renews the proof, so that an open session alone changes nothing
    /// (ASVS 7.5.3).
    pub async fn check_proof(
        &self,
        context: &RequestContext,
        typed: &str,
        form: ProofForm,
    ) -> Result<SignedIn, Stop> {
        let one_time_code = || OneTimeCode::parse(typed).map(TypedProof::OneTimeCode);
        let recovery_code = || RecoveryCode::parse(typed).map(TypedProof::RecoveryCode);
        let proof = match form {
            ProofForm::Code => one_time_code(),
            ProofForm::RecoveryCode => recovery_code(),
            ProofForm::StolenPhone | ProofForm::Identity => {
                recovery_code().or_else(|_| one_time_code())
            }
        };
        let invalid = |problem| Stop::invalid(form.field(), problem);
        let proof = match proof {
            Ok(proof) => proof,
            Err(refusal) => {
                self.check_proof_is_asked(context, form).await?;
                return Err(invalid(Problem::Code(refusal)));
            }
        };
        let session = token_hash(context.cookies.session.as_ref()).ok_or(Stop::SessionOver)?;
        let (token, fresh_browser) = (self.new_token(), self.new_token());
        let attempt = CodeAttempt {
            session,
            proof,
            form,
            new_session: token.hash(),
            browser: token_hash(context.cookies.browser.as_ref()),
            fresh_browser: fresh_browser.hash(),
            link: self.sign_in_link(),
            alert: self.security_alert(circumstances(context, self.now())),
            settings: self.settings.clone(),
        };
        match self.store.write(attempt).await? {
            CodeResult::Accepted {
                next,
                is_known_browser,
            } => Ok(SignedIn {
                session: token,
                browser: Some(browser_token(context, is_known_browser, fresh_browser)),
                next,
            }),
            CodeResult::Refused(refusal, attempt) => {
                self.log_refusal(&attempt, "wrong");
                Err(invalid(Problem::Code(refusal)))
            }
            CodeResult::Locked(attempt, until) => {
                self.log_refusal(&attempt, "locked");
                if form == ProofForm::Code {
                    // a right and a wrong code get the same page, which says how long the lock lasts
                    return Err(Stop::Redirect(routes::CODE));
                }
                let until = until.map(|until| until.0);
                Err(invalid(Problem::Locked { until }))
            }
            CodeResult::SessionOver => Err(Stop::SessionOver),
            CodeResult::NothingToVerify if form == ProofForm::Identity => {
                Err(Stop::Redirect(routes::ACCOUNT))
            }
            CodeResult::NothingToVerify => {
                self.lead_on_without_code(context).await?;
                // with one authenticator only a recovery code can tell of its theft
                let wrong = invalid(Problem::Code(CodeRefusal::Wrong));
                let is_stolen = form == ProofForm::StolenPhone;
                Err(if is_stolen { wrong } else { Stop::SessionOver })
            }
        }
    }

    /// An error that leads on whoever is not asked for a proof here, before the form is found wrong.
    async fn check_proof_is_asked(
        &self,
        context: &RequestContext,
        form: ProofForm,
    ) -> Result<(), Stop> {
        match form {
            ProofForm::Code | ProofForm::RecoveryCode => self.lead_on_without_code(context).await,
            ProofForm::StolenPhone => Ok(()),
            ProofForm::Identity => {
                let session = self.read_for(context).await?.session().await?;
                let session = session.filter(|session| session.stage == Stage::Full);
                session.map(|_| ()).ok_or(Stop::SessionOver)
            }
        }
    }

    /// An error that leads on whoever cannot be asked for a code: without a password-only session, or as
    /// [`RequestReader::check_code_needed`] does.
    async fn lead_on_without_code(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let session = db.session().await?;
        let session = session.filter(|session| session.stage == Stage::Password);
        let person = session.ok_or(Stop::SessionOver)?.person;
        let person = db.person(person).await?;
        db.check_code_needed(&person).await?;
        Ok(())
    }
}

impl RequestReader<'_> {
    /// An error that leads on a person without a factor that is active or allows a provisional sign-in. Returns how many of these
    /// are left where there is no other.
    pub async fn check_code_needed(&mut self, person: &Person) -> Result<Option<i64>, Stop> {
        if person.has_active_factor() {
            return Ok(None);
        }
        match self.provisional_sign_ins_left(person).await? {
            Some(left) => Ok(Some(left)),
            None => Err(self.redirect_to_enrolment(person).await?),
        }
    }
}
