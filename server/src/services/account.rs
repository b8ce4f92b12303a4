//! The home and account pages of a signed-in person.

use super::{ServiceError, Services, Stop};
use crate::domain::{policy::Demand, session::Stage};
use app::{
    api::backend::RequestContext,
    routes,
    view::{FactorView, HomeView},
};

impl Services {
    /// Whether the request has a full session.
    pub async fn is_signed_in(&self, context: &RequestContext) -> Result<bool, ServiceError> {
        let mut db = self.store.reader().await?;
        let session = self.session_of(&mut db, context).await?;
        Ok(session.is_some_and(|session| session.stage == Stage::Full))
    }

    /// The view of the home and account pages, for a full session only (R7). A password-only session is led to the page of
    /// its next step.
    pub async fn home_page(&self, context: &RequestContext) -> Result<HomeView, Stop> {
        let mut db = self.store.reader().await?;
        let session = self
            .session_of(&mut db, context)
            .await?
            .ok_or(Stop::Redirect(routes::SIGN_IN))?;
        let person = db.person(session.person).await?;
        if session.stage == Stage::Password {
            let left = self.provisional_sign_ins_left(&mut db, &person).await?;
            return Err(if person.has_active_factor() || left.is_some() {
                Stop::Redirect(routes::CODE)
            } else {
                self.redirect_to_enrolment(&mut db, &person).await?
            });
        }
        let factors = db.active_totps(person.id).await?;
        let pending = db.pending_enrolment(person.id).await?;
        let is_pending =
            factors.is_empty() && pending.is_some_and(|pending| pending.is_mailed(self.now()));
        Ok(HomeView {
            peers: db.sync_of(person.id).await?,
            email: db
                .personal_email(person.id)
                .await?
                .map(|email| email.masked()),
            factors: factors
                .into_iter()
                .map(|factor| FactorView {
                    since: factor.created_at.0,
                    home_instance: factor.home_instance,
                    last_used: factor.last_used_at.map(|at| at.0),
                })
                .collect(),
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
