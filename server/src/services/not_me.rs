//! **Não fui eu** of a security alert: blocks the account and revokes the reported activation (R29).

use super::{ServiceError, Services, activation::find_link, request::client_info};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        enrolment::EnrolmentState,
        link::{Link, LinkPurpose},
        mail::SecurityChange,
        person::PersonId,
        time::{Seconds, Timestamp},
        token::Token,
    },
    storage::{StoreResult, Tx},
};
use app::{
    api::backend::RequestContext,
    model::LinkRefusal,
    view::{NotMeView, ReportedAct},
};

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
                    Some(link) => {
                        let own = &self.settings.instance;
                        db.instances_of_revoked(link.person, own).await?
                    }
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
                        let mut taken_back = take_back(tx, &link, now).await?;
                        let mut codes_since = now - *not_me;
                        if let Some(change) = link.about {
                            // what came after a change that was not the owner's is not the owner's either
                            let since = link.created_at - Seconds(1);
                            taken_back |=
                                take_back_factors_since(tx, person, since, None, now).await?;
                            // whoever used one code has the sheet
                            if change == SecurityChange::RecoveryCodeUsed {
                                codes_since = Timestamp(0);
                            }
                        }
                        tx.forget_recovery_codes_since(person, codes_since).await?;
                        tx.block_account(person, now).await?;
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

/// Takes back every factor but `kept` that became active after `since`, as [`take_back`] does for one. False when there is none.
pub(super) async fn take_back_factors_since(
    tx: &mut Tx,
    person: PersonId,
    since: Timestamp,
    kept: Option<&str>,
    now: Timestamp,
) -> StoreResult<bool> {
    let mut taken_back = false;
    for (factor, enrolment) in tx.factors_since(person, since).await? {
        if Some(factor.as_str()) == kept {
            continue;
        }
        if let Some(enrolment) = enrolment {
            tx.take_back_activation(&enrolment, now).await?;
        }
        taken_back |= tx.take_back_factor(person, &factor, now).await?;
    }
    Ok(taken_back)
}
