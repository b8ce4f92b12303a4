//! **Não fui eu** of a security alert: blocks the account and revokes the reported activation (R29).

use super::account_changes::{block_everywhere, take_back_factors};
use super::activation::find_link;
use super::request::client_info;
use super::{ServiceError, Services};
use crate::domain::{
    Actor, AuditEvent, EnrolmentState, Link, LinkPurpose, Proof, Seconds, SecurityChange,
    Timestamp, Token,
};
use crate::storage::{StoreResult, Tx};
use app::api::backend::RequestContext;
use app::model::LinkRefusal;
use app::view::{NotMeView, ReportedAct};

impl Services {
    /// The view of the page behind the link. It needs no session and changes nothing. Once the link is used the page says
    /// that the account was blocked, and where an authenticator still works.
    pub async fn not_me_page(&self, token: &str) -> Result<NotMeView, ServiceError> {
        let mut db = self.store.reader().await?;
        let link = match find_link(&mut db, token, LinkPurpose::NotMe, self.now()).await? {
            Ok((link, _)) => link,
            Err(LinkRefusal::Used) => {
                let hash = Token::parse(token).map(|token| token.hash());
                let instances = match hash {
                    Some(hash) => db.link(&hash, LinkPurpose::NotMe).await?,
                    None => None,
                };
                let still_active_at = match instances {
                    Some(link) => db.instances_of_ended(link.person).await?,
                    None => Vec::new(),
                };
                return Ok(NotMeView::Reported { still_active_at });
            }
            Err(refusal) => return Ok(NotMeView::Refused(refusal)),
        };
        let person = db.person(link.person).await?;
        let reported = match (&link.factor, &link.enrolment) {
            _ if link.about.is_some() => ReportedAct::SecurityChanged,
            (Some(_), _) => ReportedAct::FactorActivated,
            // the alert told of the start; the enrolment may have gone on since
            (None, Some(_)) if person.has_active_factor() => ReportedAct::FactorActivated,
            (None, Some(_)) => ReportedAct::EnrolmentStarted,
            (None, None) => ReportedAct::PasswordWithoutCode,
        };
        Ok(NotMeView::Ask {
            token: token.to_owned(),
            who: person.masked_name(),
            reported,
        })
    }

    /// Cancels the pending enrolment, revokes the activation that the alert reports, ends all sessions, forgets the known
    /// browsers and blocks the account until a new password is set (R29, R33). So an unblocked account has no stranger's factor. No session is needed.
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
            (self.settings.sessions, self.settings.enrolments.not_me),
            now,
        );
        Ok(self
            .store
            .write_with(
                input,
                |tx, (person, hash, client, (limits, not_me), now)| {
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
                        let mut factors = reported_factors(tx, &link, now).await?;
                        let mut codes_since = now - *not_me;
                        if let Some(change) = link.about {
                            // what came after a change that was not the owner's is not the owner's either
                            let since = link.created_at - Seconds(1);
                            for (factor, enrolment) in tx.factors_since(person, since).await? {
                                if let Some(enrolment) = enrolment {
                                    tx.take_back_activation(&enrolment, now).await?;
                                }
                                factors.push(factor);
                            }
                            // whoever used one code has the sheet
                            if change == SecurityChange::RecoveryCodeUsed {
                                codes_since = Timestamp(0);
                            }
                        }
                        let taken_back =
                            take_back_factors(tx, person, &factors, &Proof::AlertLink, now).await?;
                        tx.forget_recovery_codes_since(person, codes_since).await?;
                        block_everywhere(tx, person, Proof::AlertLink, now).await?;
                        tx.end_sessions_of(person, now).await?;
                        tx.end_entry_requests(person).await?;
                        // the browser of whoever knew the password must not keep an allowance of its own
                        tx.forget_browsers(person).await?;
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
                },
            )
            .await?)
    }
}

/// The factor whose activation the alert reports, or the factor of the enrolment whose start it reports; none when there is none. A
/// factor of a later enrolment stays.
async fn reported_factors(tx: &mut Tx, link: &Link, now: Timestamp) -> StoreResult<Vec<String>> {
    if let Some(enrolment) = &link.enrolment {
        tx.take_back_activation(enrolment, now).await?;
    }
    let factor = match (&link.factor, &link.enrolment) {
        (Some(factor), _) => Some(factor.clone()),
        (None, Some(enrolment)) => tx.factor_of_enrolment(enrolment).await?,
        (None, None) => None,
    };
    Ok(factor.into_iter().collect())
}
