//! What the activated page shows, and to whom (manual; R14).

use super::{ServiceError, Services, request::token_hash};
use crate::{
    domain::{enrolment::EnrolmentState, person::PersonId, session::Stage},
    storage::Reader,
};
use app::{api::backend::RequestContext, text::sync_report, view::ActivatedView};

impl Services {
    /// What the activated page shows: by the receipt, or in the browser that began. Nothing else opens it; then there is no view.
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

    /// Whose activation this request may see.
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
