//! The activated page and who may see it (manual; R14).

use super::Services;
use super::request::{RequestReader, token_hash};
use crate::domain::{Enrolment, EnrolmentPurpose, EnrolmentState, Stage};
use crate::storage::StoreResult;
use app::api::backend::RequestContext;
use app::text::sync_report;
use app::view::{ActivatedView, WayOn};

impl Services {
    /// The view of the activated page; `None` when the request has neither the receipt nor the cookie of the browser that
    /// began the enrolment.
    pub async fn activated_page(
        &self,
        context: &RequestContext,
    ) -> StoreResult<Option<ActivatedView>> {
        let mut db = self.read_for(context).await?;
        let Some(enrolment) = db.activated_enrolment().await? else {
            return Ok(None);
        };
        let person = enrolment.person;
        let session = db.session().await?;
        let peers = match db.factor_of_enrolment(&enrolment.id).await? {
            Some(factor) => db.sync_of(person, Some(&factor)).await?,
            None => Vec::new(),
        };
        let replaced_phone = matches!(enrolment.purpose, EnrolmentPurpose::Replacement(_));
        let old_works_at = if replaced_phone {
            db.instances_of_ended(person).await?
        } else {
            Vec::new()
        };
        let identifiers = db.person(person).await?.masked_identifiers();
        Ok(Some(ActivatedView {
            sync: sync_report(&context.locale, &peers, &identifiers),
            way_on: match session.filter(|session| session.person == person) {
                Some(session) if session.stage == Stage::Full => WayOn::Home,
                Some(_) => WayOn::Code,
                None => WayOn::SignIn,
            },
            account_label: self.settings.label.clone(),
            replaced_phone,
            old_works_at,
        }))
    }
}

impl RequestReader<'_> {
    /// The enrolment whose activation this request may see; `None` when it may see none.
    async fn activated_enrolment(&mut self) -> StoreResult<Option<Enrolment>> {
        let now = self.services.now();
        if let Some(receipt) = token_hash(self.context.cookies.receipt.as_ref())
            && let Some(enrolment) = self.receipt(&receipt, now).await?
        {
            return self.enrolment(&enrolment).await.map(Some);
        }
        let since = now - self.services.settings.enrolments.receipt;
        let own = self.own_enrolment(None).await?;
        Ok(own.filter(|own| {
            own.state == EnrolmentState::Activated && own.activated_at.is_some_and(|at| at > since)
        }))
    }
}
