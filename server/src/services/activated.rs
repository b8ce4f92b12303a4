//! The activated page and who may see it (manual; R14).

use super::request::token_hash;
use super::{ServiceError, Services};
use crate::domain::{Enrolment, EnrolmentPurpose, EnrolmentState, Stage};
use crate::storage::Reader;
use app::api::backend::RequestContext;
use app::text::sync_report;
use app::view::{ActivatedView, WayOn};

impl Services {
    /// The view of the activated page; `None` when the request has neither the receipt nor the cookie of the browser that
    /// began the enrolment.
    pub async fn activated_page(
        &self,
        context: &RequestContext,
    ) -> Result<Option<ActivatedView>, ServiceError> {
        let mut db = self.store.reader().await?;
        let Some(enrolment) = self.activated_enrolment(&mut db, context).await? else {
            return Ok(None);
        };
        let person = enrolment.person;
        let session = self.session_of(&mut db, context).await?;
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

    /// The enrolment whose activation this request may see; `None` when it may see none.
    async fn activated_enrolment(
        &self,
        db: &mut Reader,
        context: &RequestContext,
    ) -> Result<Option<Enrolment>, ServiceError> {
        let now = self.now();
        if let Some(receipt) = token_hash(context.cookies.receipt.as_ref())
            && let Some(enrolment) = db.receipt(&receipt, now).await?
        {
            return Ok(Some(db.enrolment(&enrolment).await?));
        }
        let since = now - self.settings.enrolments.receipt;
        let own = self.own_enrolment(db, context, None).await?;
        Ok(own.filter(|own| {
            own.state == EnrolmentState::Activated && own.activated_at.is_some_and(|at| at > since)
        }))
    }
}
