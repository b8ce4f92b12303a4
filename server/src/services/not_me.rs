//! **Não fui eu** of a security alert: blocks the account and revokes the reported activation (R29).

use super::{ServiceError, Services, activation::find_link, request::client_info};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        enrolment::EnrolmentState,
        link::{Link, LinkPurpose},
        time::Timestamp,
    },
    storage::{StoreResult, Tx},
};
use app::{api::backend::RequestContext, model::LinkRefusal, view::NotMeView};

impl Services {
    /// The view of the page behind the link. It needs no session and changes nothing.
    pub async fn not_me_page(&self, token: &str) -> Result<NotMeView, ServiceError> {
        let mut db = self.store.reader().await?;
        Ok(
            match find_link(&mut db, token, LinkPurpose::NotMe, self.now()).await? {
                Err(refusal) => NotMeView::Refused(refusal),
                Ok((link, _)) => {
                    let person = db.person(link.person).await?;
                    NotMeView::Ask {
                        token: token.to_owned(),
                        who: person.masked_name(),
                        activated: person.has_active_factor(),
                    }
                }
            },
        )
    }

    /// Cancels the pending enrolment, revokes the activation that the alert reports, ends all sessions and blocks the account
    /// (R29). So an unblocked account has no stranger's factor. No session is needed.
    pub async fn report_not_me(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<Result<(), LinkRefusal>, ServiceError> {
        let now = self.now();
        let mut db = self.store.reader().await?;
        let (link, hash) = match find_link(&mut db, token, LinkPurpose::NotMe, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        drop(db);
        let input = (
            link.person,
            hash,
            client_info(context),
            self.settings.sessions,
            now,
        );
        Ok(self
            .store
            .write_with(input, |tx, (person, hash, client, limits, now)| {
                Box::pin(async move {
                    let (person, now) = (*person, *now);
                    tx.lock_person(person).await?;
                    // read again behind the lock: an enrolment that was begun meanwhile may have relinked the alert to itself
                    let Some(link) = tx.link(hash, LinkPurpose::NotMe).await? else {
                        return Ok(Err(LinkRefusal::Unknown));
                    };
                    // one statement decides between two posts of the same link
                    if !tx.use_link(hash, now).await? {
                        return Ok(Err(LinkRefusal::Used));
                    }
                    let state = EnrolmentState::Cancelled;
                    tx.end_pending_enrolment(person, state, limits, now).await?;
                    let taken_back = take_back(tx, &link, now).await?;
                    tx.block_account(person, now).await?;
                    tx.end_sessions_of(person, now).await?;
                    let detail = if taken_back {
                        "activation taken back"
                    } else {
                        ""
                    };
                    let (actor, event) = (Actor::Person(person), AuditEvent::BlockedByOwner);
                    tx.audit(&actor, event, Some(person), client, detail, now)
                        .await?;
                    Ok(Ok(()))
                })
            })
            .await?)
    }
}

/// Revokes the factor whose activation the alert reports, or the factor of the enrolment whose start it reports. False when
/// there is none. A factor of a later enrolment stays.
async fn take_back(tx: &mut Tx, link: &Link, now: Timestamp) -> StoreResult<bool> {
    if let Some(enrolment) = &link.enrolment {
        tx.take_back_activation(enrolment, now).await?;
    }
    let factor = match (&link.factor, &link.enrolment) {
        (Some(factor), _) => Some(factor.clone()),
        (None, Some(enrolment)) => tx.factor_of_enrolment(enrolment).await?,
        (None, None) => None,
    };
    match factor {
        Some(factor) => tx.take_back_factor(link.person, &factor, now).await,
        None => Ok(false),
    }
}
