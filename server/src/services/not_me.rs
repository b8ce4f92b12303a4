//! **Não fui eu** of a security alert: blocks the account and revokes the reported activation (R29).

use super::account_changes::{block_everywhere, take_back_factors};
use super::activation::{find_link, stored_link};
use super::request::circumstances;
use super::{Services, Settings, Stop};
use crate::domain::{
    AuditEvent, Circumstances, EnrolmentState, Link, LinkPurpose, PersonId, Proof, Seconds,
    SecurityChange, Timestamp, TokenHash,
};
use crate::storage::{StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::LinkRefusal;
use app::view::{NotMeView, ReportedAct};
use std::sync::Arc;

impl Services {
    /// The view of the page behind the link. It needs no session and changes nothing. Once the link is used the page says
    /// that the account was blocked, and where an authenticator still works.
    pub async fn not_me_page(&self, token: &str) -> StoreResult<NotMeView> {
        let mut db = self.store.reader().await?;
        let Some((link, _)) = stored_link(&mut db, token, LinkPurpose::NotMe).await? else {
            return Ok(NotMeView::Refused(LinkRefusal::Unknown));
        };
        match link.refusal(self.now()) {
            None => {}
            Some(LinkRefusal::Used) => {
                let still_active_at = db.instances_of_ended(link.person).await?;
                return Ok(NotMeView::Reported { still_active_at });
            }
            Some(refusal) => return Ok(NotMeView::Refused(refusal)),
        }
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
    pub async fn report_not_me(&self, context: &RequestContext, token: &str) -> Result<(), Stop> {
        let done = circumstances(context, self.now());
        let mut db = self.store.reader().await?;
        let (link, hash) = find_link(&mut db, token, LinkPurpose::NotMe, done.at).await??;
        drop(db);
        let report = NotMeReport {
            person: link.person,
            link: hash,
            done,
            settings: self.settings.clone(),
        };
        self.store.write(report).await??;
        Ok(())
    }
}

struct NotMeReport {
    person: PersonId,
    link: TokenHash,
    done: Circumstances,
    settings: Arc<Settings>,
}

impl UnitOfWork for NotMeReport {
    type Output = Result<(), LinkRefusal>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let (person, now) = (self.person, self.done.at);
        tx.lock_person(person).await?;
        // read again behind the lock: an enrolment that was begun meanwhile may have relinked the alert to itself
        let Some(link) = tx.link(&self.link, LinkPurpose::NotMe).await? else {
            return Ok(Err(LinkRefusal::Unknown));
        };
        // one statement decides between two posts of the same link
        if !tx.use_link(&self.link, now).await? {
            return Ok(Err(LinkRefusal::Used));
        }
        let (state, limits) = (EnrolmentState::Cancelled, &self.settings.sessions);
        tx.end_pending_enrolment(person, state, limits, now).await?;
        let mut factors = reported_factors(tx, &link, now).await?;
        let mut codes_since = now - self.settings.enrolments.not_me;
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
        let taken_back = take_back_factors(tx, person, &factors, &Proof::AlertLink, now).await?;
        tx.forget_recovery_codes_since(person, codes_since).await?;
        block_everywhere(tx, person, Proof::AlertLink, now).await?;
        tx.end_sessions_of(person, now).await?;
        tx.end_entry_requests(person).await?;
        // the browser of whoever knew the password must not keep an allowance of its own
        tx.forget_browsers(person).await?;
        let told = "activation taken back";
        let detail = if taken_back { told } else { "" };
        tx.audit_own(person, AuditEvent::BlockedByOwner, detail, &self.done)
            .await?;
        Ok(Ok(()))
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
