//! The home and account pages of a signed-in person.

use super::authenticators::factor_view;
use super::request::RequestReader;
use super::{Services, Stop};
use crate::domain::{Demand, Person, Seconds, Session, Stage, recovery_code};
use crate::storage::{RecoveryCodes, StoreResult};
use app::api::backend::RequestContext;
use app::routes;
use app::text::account_sync_report;
use app::view::{CodesNotice, HomeView, SyncReport};

/// What changes the ways into an account needs a proof that is not older than this (ASVS 7.5.3).
const FRESH_PROOF: Seconds = Seconds::minutes(10);
/// The offer of recovery codes comes again after this, to people who have only one authenticator.
const OFFER_AGAIN: Seconds = Seconds::days(30);

impl Services {
    /// Whether the request has a full session.
    pub async fn is_signed_in(&self, context: &RequestContext) -> StoreResult<bool> {
        let session = self.read_for(context).await?.session().await?;
        Ok(session.is_some_and(|session| session.stage == Stage::Full))
    }

    /// Whether a code was given in this full session within the last minutes: once a factor is active, a code is the newest proof that
    /// such a session has.
    pub(super) fn is_freshly_proven(&self, session: &Session, person: &Person) -> bool {
        session.stage == Stage::Full
            && person.has_active_factor()
            && self.now() < session.auth_time + FRESH_PROOF
    }

    fn codes_notice(&self, codes: RecoveryCodes, factors: usize) -> Option<CodesNotice> {
        match (codes.created_at, codes.offer_hidden_at) {
            _ if factors == 0 => None,
            (Some(_), _) => {
                (codes.unused <= recovery_code::FEW).then_some(CodesNotice::Few(codes.unused))
            }
            (None, None) => Some(CodesNotice::Offer),
            // a reminder and no wall: with a second authenticator a lost phone costs nothing
            (None, Some(hidden_at)) => (factors == 1 && hidden_at + OFFER_AGAIN <= self.now())
                .then_some(CodesNotice::Offer),
        }
    }

    /// What became of the newest changes at the other instances, for the pages of the account; `None` without a full session.
    pub async fn account_sync(&self, context: &RequestContext) -> StoreResult<Option<SyncReport>> {
        let mut db = self.read_for(context).await?;
        let session = db.unnoted_session().await?;
        let Some(session) = session.filter(|session| session.stage == Stage::Full) else {
            return Ok(None);
        };
        let person = db.person(session.person).await?;
        db.sync_of_account(&person).await.map(Some)
    }

    /// The view of the home and account pages.
    pub async fn home_page(&self, context: &RequestContext) -> Result<HomeView, Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.full_session().await?;
        let codes = db.recovery_codes(person.id).await?;
        let factors = db.active_totps(person.id).await?;
        let pending = db.pending_enrolment(person.id).await?;
        let is_pending =
            factors.is_empty() && pending.is_some_and(|pending| pending.is_mailed(self.now()));
        let sync = db.sync_of_account(&person).await?;
        let email = db.personal_email(person.id).await?;
        Ok(HomeView {
            codes_notice: self.codes_notice(codes, factors.len()),
            codes_left: codes.created_at.map(|_| codes.unused),
            sync,
            email: email.map(|email| email.masked()),
            factors: factors.into_iter().map(factor_view).collect(),
            enrolment_pending: is_pending,
            provisional: is_pending && session.provisional,
            required: self.settings.policy.demand(&person.profiles) == Demand::Required,
            previous_sign_in: person.previous_sign_in_at.map(|at| at.0),
            profiles: person
                .profiles
                .iter()
                .map(|profile| profile.as_str().to_owned())
                .collect(),
            sigla: person.sigla.into(),
            name: person.name,
            system_url: self.settings.system_url.clone(),
        })
    }
}

impl RequestReader<'_> {
    /// Session and person of a request with a full session (R7). A password-only session is led to the page of its next step.
    pub async fn full_session(&mut self) -> Result<(Session, Person), Stop> {
        let sign_in = Stop::Redirect(routes::SIGN_IN);
        let session = self.session().await?.ok_or(sign_in)?;
        let person = self.person(session.person).await?;
        if session.stage == Stage::Password {
            self.check_code_needed(&person).await?;
            return Err(Stop::Redirect(routes::CODE));
        }
        Ok((session, person))
    }

    /// A full session in which a code was given within the last minutes. Without one `page` asks for it.
    pub async fn proven_session(&mut self, page: &'static str) -> Result<(Session, Person), Stop> {
        let (session, person) = self.full_session().await?;
        if !person.has_active_factor() {
            return Err(Stop::Redirect(routes::ACCOUNT));
        }
        if !self.services.is_freshly_proven(&session, &person) {
            return Err(Stop::Redirect(page));
        }
        Ok((session, person))
    }

    /// What became of a person's newest changes at the other instances.
    async fn sync_of_account(&mut self, person: &Person) -> StoreResult<SyncReport> {
        let peers = self.sync_of(person.id, None).await?;
        let old_works_at = self.instances_of_ended(person.id).await?;
        let locale = &self.context.locale;
        Ok(account_sync_report(locale, &peers, &old_works_at))
    }
}
