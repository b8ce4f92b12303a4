//! Behind the activation link: ask, confirm, refuse (manual; R14, R18).

use super::{
    Outcome, Services, Visitor,
    links::{Refusal, enrolment_of, judge},
    notices::{self, Notice},
    sync::payload,
};
use crate::{
    domain::{
        enrolment::EnrolmentState,
        person::PersonId,
        session::{Amr, SessionLimits},
        time::Timestamp,
        token::{Token, TokenHash},
    },
    storage::{LinkPurpose, NewFactor, StoreError, StoreResult, Tx, Voided},
};
use std::time::Duration;

/// How long the answer to **Confirmar** waits for the other instances.
const WAIT_FOR_PEERS: Duration = Duration::from_secs(2);

/// What the link page asks about.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// Who, in words that a page without a session may show.
    pub who: String,
    /// When this link was asked for: what its mail says, too.
    pub at: Timestamp,
    /// From which browser.
    pub browser: String,
    /// From which address.
    pub address: String,
    /// Until when the link works.
    pub until: Timestamp,
}

impl Services {
    /// What the link page asks, or why not.
    pub async fn link_page(&self, token: &str) -> Outcome<Result<LinkFacts, Refusal>> {
        let (link, _) = match self.look_up(token, LinkPurpose::Activation).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let facts = self
            .store
            .read(link, |tx, link| {
                Box::pin(async move {
                    let id = enrolment_of(&link)?;
                    let enrolment = tx.enrolment(id).await?;
                    let origin = tx.enrolment_origin(id).await?;
                    let person = tx.person(link.person).await?;
                    if enrolment.state == EnrolmentState::Activated {
                        // another link of the same enrolment was confirmed
                        return Ok(Err(Refusal::Used));
                    }
                    if enrolment.state != EnrolmentState::Mailed || person.blocked_at.is_some() {
                        return Ok(Err(Refusal::Voided(Voided::Cancelled)));
                    }
                    Ok(Ok(LinkFacts {
                        who: notices::who(&person),
                        at: link.created_at,
                        browser: origin.browser,
                        address: origin.address,
                        until: link.expires_at,
                    }))
                })
            })
            .await?;
        Ok(facts)
    }

    /// **Confirmar**: activates, tells the person and the other instances, gives a receipt. Waits
    /// for the others a little, never longer than two seconds.
    pub async fn confirm(&self, visitor: &Visitor, token: &str) -> Outcome<Result<Token, Refusal>> {
        let Some(token) = Token::parse(token) else {
            return Ok(Err(Refusal::Unknown));
        };
        let now = self.now();
        let receipt = self.token();
        let input = Confirmation {
            link: token.hash(),
            receipt: receipt.hash(),
            receipt_until: now + self.settings.enrolments.receipt,
            notice: self.notice(None, visitor.circumstances(now)),
            instance: self.settings.instance.clone(),
            peers: self
                .settings
                .peers
                .iter()
                .map(|peer| peer.name.clone())
                .collect(),
            sessions: self.settings.sessions,
            now,
        };
        let confirmed = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        match confirmed {
            Err(refusal) => Ok(Err(refusal)),
            Ok(person) => {
                self.nudge.notify_waiters();
                // the page shows pending results all the same: settled or timed out, both are fine
                let _ = tokio::time::timeout(WAIT_FOR_PEERS, self.settled(person)).await;
                Ok(Ok(receipt))
            }
        }
    }

    async fn settled(&self, person: PersonId) -> Outcome<()> {
        loop {
            let rows = self
                .store
                .read(person, |tx, id| {
                    Box::pin(async move { tx.sync_of(*id).await })
                })
                .await?;
            if rows.iter().all(|row| row.outcome.is_some()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// **Não fui eu** on an activation link: whoever got the mail by mistake ends the enrolment,
    /// and nothing else. Blocking an account is not in the power of a mistyped address.
    pub async fn deny(&self, visitor: &Visitor, token: &str) -> Outcome<Result<(), Refusal>> {
        let (link, _) = match self.look_up(token, LinkPurpose::Activation).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let sessions = self.settings.sessions;
        let input = (link, visitor.address.clone(), sessions, self.now());
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (link, address, sessions, now) = &*i;
                    let id = enrolment_of(link)?;
                    tx.lock_person(link.person).await?;
                    if tx.enrolment(id).await?.state != EnrolmentState::Mailed {
                        return Ok(Err(Refusal::Used));
                    }
                    tx.end_pending(link.person, EnrolmentState::Cancelled, sessions, *now)
                        .await?;
                    let person = Some(link.person);
                    tx.audit(*now, person, "enrolment", "denied_by_mailbox", address, "")
                        .await?;
                    Ok(Ok(()))
                })
            })
            .await?)
    }
}

struct Confirmation {
    link: TokenHash,
    receipt: TokenHash,
    receipt_until: Timestamp,
    notice: Notice,
    instance: String,
    peers: Vec<String>,
    sessions: SessionLimits,
    now: Timestamp,
}

impl Confirmation {
    /// Everything that an activation is, in one transaction.
    async fn write(&self, tx: &mut Tx) -> StoreResult<Result<PersonId, Refusal>> {
        let now = self.now;
        let Some(link) = tx.link(&self.link, LinkPurpose::Activation).await? else {
            return Ok(Err(Refusal::Unknown));
        };
        tx.lock_person(link.person).await?;
        // looked at again: what was waited for may have voided it
        let Some(link) = tx.link(&self.link, LinkPurpose::Activation).await? else {
            return Ok(Err(Refusal::Unknown));
        };
        if let Some(refusal) = judge(&link, now) {
            return Ok(Err(refusal));
        }
        let id = enrolment_of(&link)?;
        let enrolment = tx.enrolment(id).await?;
        let Some(email) = enrolment
            .email
            .filter(|_| enrolment.state == EnrolmentState::Mailed)
        else {
            // two links of one enrolment: the other one was confirmed
            return Ok(Err(Refusal::Used));
        };
        let secret = tx.pending_secret(id).await?;
        // the one statement that decides: between two confirmations, and against an activation
        // that came from another instance, and against a block
        if !tx.switch_factor_on(link.person, &email).await? {
            return Ok(Err(Refusal::Voided(Voided::Cancelled)));
        }
        let moved = tx.use_link(&self.link, now).await? && tx.activate_enrolment(id, now).await?;
        if !moved {
            return Err(StoreError::Corrupt("activation raced past its switch"));
        }
        let person = tx.person(link.person).await?;
        let factor = NewFactor {
            person: person.id,
            secret,
            last_step: enrolment.last_step,
            origin: self.instance.clone(),
        };
        tx.insert_factor(&factor, now).await?;
        ask_for_code(tx, person.id, &self.sessions, now).await?;
        tx.wipe_enrolment(id).await?;
        for peer in &self.peers {
            let body = payload(&person, &factor, &email, now);
            tx.enqueue_sync(peer, person.id, id, &body, now).await?;
        }
        let mut notice = self.notice.clone();
        notice.enrolment = Some(id.to_owned());
        notice.tell_activation(tx, &person, &email).await?;
        tx.insert_receipt(&self.receipt, id, self.receipt_until)
            .await?;
        let address = &self.notice.circumstances.address;
        tx.audit(now, Some(person.id), "activation", "confirmed", address, "")
            .await?;
        Ok(Ok(person.id))
    }
}

/// A factor was switched on: whoever came in on the password alone is asked for the code, and no
/// browser counts as known before a code was accepted from it.
pub(super) async fn ask_for_code(
    tx: &mut Tx,
    person: PersonId,
    sessions: &SessionLimits,
    now: Timestamp,
) -> StoreResult<()> {
    tx.step_down(person, Amr::Password, sessions.password, sessions, now)
        .await?;
    tx.forget_browsers(person).await
}
