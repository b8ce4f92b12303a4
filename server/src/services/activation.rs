//! The activation link: its page, **Confirmar** and **Não fui eu** (manual; R14, R18).

use super::request::circumstances;
use super::security_alerts::{SecurityAlert, ToldChange, alert_security_change};
use super::{Services, Settings, Stop};
use crate::domain::{
    Actor, AuditEvent, Change, Circumstances, EndedAs, EndedFactor, Enrolment, EnrolmentPurpose,
    EnrolmentState, FactorSource, Link, LinkPurpose, NewTotpFactor, PersonId, Proof, Revision,
    SecurityChange, SessionLimits, SharedFactor, Timestamp, Token, TokenHash,
};
use crate::storage::{Reader, StoreError, StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::LinkRefusal;
use app::view::LinkView;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// How long the answer to **Confirmar** waits for the other instances.
const WAIT_FOR_PEERS: Duration = Duration::from_secs(2);
/// How often the outcomes of the other instances are read while it waits: they may come to another process of this instance.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The link with this token, whether it works or not; `None` when there is none.
pub(super) async fn stored_link(
    db: &mut Reader,
    token: &str,
    purpose: LinkPurpose,
) -> StoreResult<Option<(Link, TokenHash)>> {
    let Some(token) = Token::parse(token) else {
        return Ok(None);
    };
    let link = db.link(&token.hash(), purpose).await?;
    Ok(link.map(|link| (link, token.hash())))
}

/// Finds a link that works for this purpose, or the reason why it does not. It changes nothing, because mail scanners open
/// links (R11).
pub(super) async fn find_link(
    db: &mut Reader,
    token: &str,
    purpose: LinkPurpose,
    now: Timestamp,
) -> StoreResult<Result<(Link, TokenHash), LinkRefusal>> {
    let found = stored_link(db, token, purpose).await?;
    Ok(found
        .ok_or(LinkRefusal::Unknown)
        .and_then(|(link, hash)| link.refusal(now).map_or(Ok((link, hash)), Err)))
}

/// Every activation link has an enrolment; another row is an error.
fn enrolment_of(link: &Link) -> StoreResult<&str> {
    link.enrolment.as_deref().ok_or(StoreError::Inconsistent(
        "an activation link without enrolment",
    ))
}

impl Services {
    /// The view of the link page. It needs no session; a link that does not work gives its reason and names nobody.
    pub async fn link_page(&self, token: &str) -> StoreResult<LinkView> {
        let mut db = self.store.reader().await?;
        let now = self.now();
        let (link, _) = match find_link(&mut db, token, LinkPurpose::Activation, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(LinkView::Refused(refusal)),
        };
        let enrolment = db.enrolment(enrolment_of(&link)?).await?;
        let person = db.person(link.person).await?;
        if let Some(refusal) = enrolment.state.link_refusal() {
            return Ok(LinkView::Refused(refusal));
        }
        let is_first = enrolment.purpose == EnrolmentPurpose::First;
        if person.blocked_at.is_some()
            || is_first && person.is_shut_out(now)
            || was_used_meanwhile(&mut db, &enrolment).await?
        {
            return Ok(LinkView::Refused(LinkRefusal::Cancelled));
        }
        Ok(LinkView::Ask {
            token: token.to_owned(),
            who: person.masked_name(),
            at: link.created_at.0,
            ip: enrolment.client.ip_text(),
            browser: enrolment.client.browser,
            until: link.expires_at.0,
        })
    }

    /// **Confirmar**. It activates the factor, tells the person and the other instances, and returns the receipt that opens
    /// the activated page. No session is needed. The answer waits for the other instances two seconds at most.
    pub async fn confirm_activation(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<Token, Stop> {
        let token = Token::parse(token).ok_or(LinkRefusal::Unknown)?;
        let receipt = self.new_token();
        // before the change is written, so that no answer is missed
        let answered = self.answered_people.subscribe();
        let confirmation = ActivationConfirmation {
            link: token.hash(),
            receipt: receipt.hash(),
            alert: self.security_alert(circumstances(context, self.now())),
            settings: self.settings.clone(),
        };
        let person = self.store.write(confirmation).await??;
        if !self.settings.peers.is_empty() {
            let waiting = self.wait_for_peers(person, answered);
            // a time-out is no error: the page shows outcomes that are still pending
            let _ = tokio::time::timeout(WAIT_FOR_PEERS, waiting).await;
        }
        Ok(receipt)
    }

    /// Returns when every other instance has answered; it may wait for ever.
    async fn wait_for_peers(
        &self,
        person: PersonId,
        mut answered: broadcast::Receiver<PersonId>,
    ) -> StoreResult<()> {
        loop {
            let told = async {
                // an error: too many answers at once, and this one may have been among them
                while answered.recv().await.is_ok_and(|other| other != person) {}
            };
            let _ = tokio::time::timeout(LOOK_AGAIN, told).await;
            let peers = self.store.reader().await?.sync_of(person, None).await?;
            if peers.iter().all(|peer| peer.outcome.is_some()) {
                return Ok(());
            }
        }
    }

    /// **Não fui eu** on an activation link. It ends the enrolment and does nothing else: the mail may have gone to a
    /// stranger because of a mistyped email, and a stranger must not block the account. No session is needed.
    pub async fn deny_activation(&self, context: &RequestContext, token: &str) -> Result<(), Stop> {
        let done = circumstances(context, self.now());
        let mut db = self.store.reader().await?;
        let (link, _) = find_link(&mut db, token, LinkPurpose::Activation, done.at).await??;
        drop(db);
        self.store
            .write_with((link, self.settings.sessions, done), |tx, input| {
                Box::pin(async move {
                    let (link, limits, Circumstances { at, client }) = input;
                    // a confirmation at the same time comes before or after, so the state below stays true until the commit
                    tx.lock_person(link.person).await?;
                    let enrolment = tx.enrolment(enrolment_of(link)?).await?;
                    if let Some(refusal) = enrolment.state.link_refusal() {
                        return Ok(Err(refusal));
                    }
                    let state = EnrolmentState::Cancelled;
                    tx.end_pending_enrolment(link.person, state, limits, *at)
                        .await?;
                    let (actor, event) = (Actor::Visitor, AuditEvent::EnrolmentDenied);
                    tx.audit(&actor, event, Some(link.person), client, "", *at)
                        .await?;
                    Ok(Ok(()))
                })
            })
            .await??;
        Ok(())
    }
}

struct ActivationConfirmation {
    link: TokenHash,
    receipt: TokenHash,
    alert: SecurityAlert,
    settings: Arc<Settings>,
}

impl UnitOfWork for ActivationConfirmation {
    type Output = Result<PersonId, LinkRefusal>;

    /// One transaction for all parts of an activation, so that no part of it can be committed alone.
    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let now = self.alert.now();
        let Some(link) = tx.link(&self.link, LinkPurpose::Activation).await? else {
            return Ok(Err(LinkRefusal::Unknown));
        };
        tx.lock_person(link.person).await?;
        // read again behind the lock: the transaction it waited for may have voided or used the link
        let Some(link) = tx.link(&self.link, LinkPurpose::Activation).await? else {
            return Ok(Err(LinkRefusal::Unknown));
        };
        if let Some(refusal) = link.refusal(now) {
            return Ok(Err(refusal));
        }
        let id = enrolment_of(&link)?;
        let enrolment = tx.enrolment(id).await?;
        if let Some(refusal) = enrolment.state.link_refusal() {
            return Ok(Err(refusal));
        }
        // whoever began it with an authenticator that is revoked since was not its owner
        if let Proof::OneTimeCode(name) = &enrolment.proof
            && tx.is_revoked_factor(link.person, name).await?
        {
            return Ok(Err(LinkRefusal::Cancelled));
        }
        let email = enrolment.email.clone().ok_or(StoreError::Inconsistent(
            "a mailed enrolment without an email",
        ))?;
        let secret = tx.pending_secret(id).await?;
        // decides against a second confirmation, an activation from another instance and a block, which may all have been
        // committed after the page was shown
        let is_first = enrolment.purpose == EnrolmentPurpose::First;
        let email_before = tx.personal_email(link.person).await?;
        let revision = tx.begin_change(link.person).await?;
        let replaces_all = enrolment.purpose == EnrolmentPurpose::Replacement(None);
        let is_switched = if is_first {
            tx.activate_first_factor(link.person, &email, &revision, now)
                .await?
        } else {
            if was_used_meanwhile(tx, &enrolment).await? {
                return Ok(Err(LinkRefusal::Cancelled));
            }
            tx.activate_another_factor(link.person, &email, replaces_all, &revision)
                .await?
        };
        if !is_switched {
            return Ok(Err(LinkRefusal::Cancelled));
        }
        // both must hold behind the lock and the switch; a false here means that a rule above is broken
        let moved = tx.use_link(&self.link, now).await? && tx.activate_enrolment(id, now).await?;
        if !moved {
            return Err(StoreError::Inconsistent(
                "an activation raced past its switch",
            ));
        }
        let person = tx.person(link.person).await?;
        let new = NewTotpFactor {
            person: person.id,
            label: enrolment.label.clone(),
            secret: secret.clone(),
            last_step: enrolment.last_step,
            source: FactorSource::Enrolment(id.to_owned()),
            proof: enrolment.proof.clone(),
            added_counter: revision.counter,
            replaces_all,
            seen: tx.seen_of_others(person.id).await?,
        };
        let factor = tx.insert_totp(&new, now).await?;
        let shared = SharedFactor {
            factor: tx.factor_name(&factor).await?,
            label: enrolment.label.clone(),
            secret,
            last_step: enrolment.last_step,
            email: email.clone(),
        };
        let change = self
            .replace(tx, &enrolment, &factor, shared, &revision)
            .await?;
        if is_first {
            require_second_factor(tx, person.id, &self.settings.sessions, now).await?;
            self.alert
                .alert_factor_activated(tx, &person, &email, &factor, Some(id))
                .await?;
        } else {
            let security_change = match enrolment.purpose {
                EnrolmentPurpose::Replacement(_) => SecurityChange::FactorReplaced,
                _ => SecurityChange::FactorAdded,
            };
            let told = ToldChange {
                factor: Some(&factor),
                also_to: email_before,
                ..security_change.into()
            };
            alert_security_change(tx, &person, &self.alert, told).await?;
        }
        // whoever was to enrol has; what was asked for before is over
        tx.end_recovery(person.id).await?;
        tx.end_entry_requests(person.id).await?;
        let told = (enrolment.proof.clone(), change);
        tx.tell_peers(person.id, &revision, told, Some(&factor), now)
            .await?;
        let receipt_until = now + self.settings.enrolments.receipt;
        tx.insert_receipt(&self.receipt, id, receipt_until).await?;
        let (event, done) = (AuditEvent::FactorActivated, self.alert.circumstances());
        tx.audit_own(person.id, event, "", done).await?;
        Ok(Ok(person.id))
    }
}

impl ActivationConfirmation {
    /// Revokes what the new factor replaces. Returns the change that other instances are told.
    async fn replace(
        &self,
        tx: &mut Tx,
        enrolment: &Enrolment,
        factor: &str,
        new: SharedFactor,
        revision: &Revision,
    ) -> StoreResult<Change> {
        let (person, now) = (enrolment.person, self.alert.now());
        Ok(match &enrolment.purpose {
            EnrolmentPurpose::First => Change::FactorActivated(new),
            EnrolmentPurpose::Additional => Change::FactorAdded(new),
            EnrolmentPurpose::Replacement(Some(replaced)) => {
                let ended_as = EndedAs::Replaced;
                tx.end_factor(person, replaced, ended_as, revision, now)
                    .await?;
                let factor = tx.factor_name(replaced).await?;
                Change::FactorReplaced {
                    new,
                    ended: vec![EndedFactor { factor, ended_as }],
                    all: false,
                }
            }
            EnrolmentPurpose::Replacement(None) => {
                tx.revoke_other_factors(person, factor, revision, now)
                    .await?;
                tx.note_replaced_all(person, &revision.instance, revision.counter)
                    .await?;
                Change::FactorReplaced {
                    new,
                    ended: tx.ended_factors(person).await?,
                    all: true,
                }
            }
        })
    }
}

/// Whether somebody who has the phone signed in since an enrolment was begun that replaces it for somebody who has not: that ends it.
async fn was_used_meanwhile(db: &mut Reader, enrolment: &Enrolment) -> StoreResult<bool> {
    Ok(enrolment.purpose == EnrolmentPurpose::Replacement(None)
        && was_used_since(db, enrolment.person, enrolment.created_at).await?)
}

/// Whether a code of an active authenticator was accepted at or after `since`.
pub(super) async fn was_used_since(
    db: &mut Reader,
    person: PersonId,
    since: Timestamp,
) -> StoreResult<bool> {
    let totps = db.active_totps(person).await?;
    Ok(totps
        .iter()
        .any(|totp| totp.last_used_at.is_some_and(|at| at >= since)))
}

/// After a first activation, sessions that only the password opened must give a code, and no browser counts as known until a
/// code was accepted from it.
pub(super) async fn require_second_factor(
    tx: &mut Tx,
    person: PersonId,
    limits: &SessionLimits,
    now: Timestamp,
) -> StoreResult<()> {
    tx.step_down_password_only(person, limits, now).await?;
    tx.forget_browsers(person).await
}
