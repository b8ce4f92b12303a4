//! The activated page and who may see it (manual; R14).

use super::{ServiceError, Services, request::token_hash};
use crate::{
    domain::{enrolment::EnrolmentState, person::PersonId, session::Stage},
    storage::Reader,
};
use app::{api::backend::RequestContext, text::sync_report, view::ActivatedView};

impl Services {
    /// The view of the activated page; `None` when the request has neither the receipt nor the cookie of the browser that
    /// began the enrolment.
    pub async fn activated_page(
        &self,
        context: &RequestContext,
    ) -> Result<Option<ActivatedView>, ServiceError> {
        let mut db = self.store.reader().await?;
        let Some(person) = self.activated_person(&mut db, context).await? else {
            return Ok(None);
        };
        let session = self.session_of(&mut db, context).await?;
        let peers = db.sync_of(person).await?;
        let identifiers = db.person(person).await?.masked_identifiers();
        Ok(Some(ActivatedView {
            sync: sync_report(&context.locale, &peers, &identifiers),
            may_enter: session.is_some_and(|session| {
                session.person == person && session.stage == Stage::Password
            }),
            account_label: self.settings.label.clone(),
        }))
    }

    /// The person whose activation this request may see; `None` when it may see none.
    async fn activated_person(
        &self,
        db: &mut Reader,
        context: &RequestContext,
    ) -> Result<Option<PersonId>, ServiceError> {
        let now = self.now();
        if let Some(receipt) = token_hash(context.cookies.receipt.as_ref())
            && let Some(enrolment) = db.receipt(&receipt, now).await?
        {
            return Ok(Some(db.enrolment(&enrolment).await?.person));
        }
        let since = now - self.settings.enrolments.receipt;
        let own = self.own_enrolment(db, context, None).await?;
        Ok(own
            .filter(|own| {
                own.state == EnrolmentState::Activated
                    && own.activated_at.is_some_and(|at| at > since)
            })
            .map(|own| own.person))
    }
}
