//! Behind the mailed link: ask, confirm, refuse; *Não fui eu*; and what the activated page shows
//! (manual; R14, R18, R29).

use super::{
    Outcome, Services, Visitor,
    notices::{self, Notice},
    sync::payload,
};
use crate::{
    domain::{
        enrolment::EnrolmentState,
        session::Stage,
        time::Timestamp,
        token::{Token, TokenHash},
    },
    storage::{
        LinkPurpose, LinkRow, NewFactor, PersonRow, StoreError, StoreResult, SyncRow, Tx, Voided,
    },
};
use std::time::Duration;

/// How long the answer to **Confirmar** waits for the other instances.
const WAIT_FOR_PEERS: Duration = Duration::from_secs(2);

/// Why a link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not one of ours, or of another purpose.
    Unknown,
    /// Too late.
    Expired,
    /// Used before.
    Used,
    /// Voided, and by what.
    Voided(Voided),
}

/// What the link page asks about.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// Who, in words that a page without a session may show.
    pub who: String,
    /// When the enrolment was begun.
    pub at: Timestamp,
    /// From which browser.
    pub browser: String,
    /// From which address.
    pub address: String,
    /// Until when the link works.
    pub until: Timestamp,
}

/// What the *Não fui eu* page asks about.
#[derive(Clone, Debug)]
pub struct NotMeFacts {
    /// Who.
    pub who: String,
    /// Whether the activation already happened.
    pub activated: bool,
}

/// What the activated page shows.
#[derive(Clone, Debug)]
pub struct ActivatedFacts {
    /// The person, for the manual's error block.
    pub person: PersonRow,
    /// How each other instance took it.
    pub sync: Vec<SyncRow>,
    /// Whether this browser holds a password-only session and may go on to the code.
    pub may_enter: bool,
}

impl Services {
    /// Looks a link up without changing anything (R11): the person, and the link or its refusal.
    async fn look_up(
        &self,
        token: &str,
        purpose: LinkPurpose,
    ) -> Outcome<Result<(LinkRow, TokenHash), Refusal>> {
        let Some(token) = Token::parse(token) else {
            return Ok(Err(Refusal::Unknown));
        };
        let hash = token.hash();
        let found = self
            .store
            .read((hash.clone(), purpose), |tx, i| {
                Box::pin(async move { tx.link(&i.0, i.1).await })
            })
            .await?;
        let now = self.now();
        Ok(match found {
            None => Err(Refusal::Unknown),
            Some(link) => judge(&link, now).map_or(Ok((link, hash)), Err),
        })
    }

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
                        at: enrolment.created_at,
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

    async fn settled(&self, person: crate::domain::person::PersonId) -> Outcome<()> {
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
        let input = (link, visitor.address.clone(), self.now());
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (link, address, now) = &*i;
                    let id = enrolment_of(link)?;
                    if tx.enrolment(id).await?.state != EnrolmentState::Mailed {
                        return Ok(Err(Refusal::Used));
                    }
                    tx.end_pending(link.person, EnrolmentState::Cancelled, *now)
                        .await?;
                    let person = Some(link.person);
                    tx.audit(*now, person, "enrolment", "denied_by_mailbox", address, "")
                        .await?;
                    Ok(Ok(()))
                })
            })
            .await?)
    }

    /// What the *Não fui eu* page asks, or why not.
    pub async fn not_me_page(&self, token: &str) -> Outcome<Result<NotMeFacts, Refusal>> {
        let (link, _) = match self.look_up(token, LinkPurpose::NotMe).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let person = self.person(link.person).await?;
        Ok(Ok(NotMeFacts {
            who: notices::who(&person),
            activated: person.factor_active,
        }))
    }

    /// **Não fui eu** of a notice: cancels, takes the activation back that it tells of, ends all
    /// sessions, blocks (R29). So nobody is handed a stranger's authenticator when unblocked.
    pub async fn not_me(&self, visitor: &Visitor, token: &str) -> Outcome<Result<(), Refusal>> {
        let (link, hash) = match self.look_up(token, LinkPurpose::NotMe).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let input = (link, hash, visitor.address.clone(), self.now());
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (link, hash, address, now) = &*i;
                    if !tx.use_link(hash, *now).await? {
                        return Ok(Err(Refusal::Used));
                    }
                    tx.end_pending(link.person, EnrolmentState::Cancelled, *now)
                        .await?;
                    let undone = undo(tx, link, *now).await?;
                    tx.set_blocked(link.person, Some(*now)).await?;
                    tx.end_sessions_of(link.person, *now).await?;
                    let person = Some(link.person);
                    let detail = if undone { "activation taken back" } else { "" };
                    tx.audit(*now, person, "block", "not_me", address, detail)
                        .await?;
                    Ok(Ok(()))
                })
            })
            .await?)
    }

    /// What the activated page shows: by the receipt, or in the browser that began. Nothing else
    /// opens it.
    pub async fn activated_page(&self, visitor: &Visitor) -> Outcome<Option<ActivatedFacts>> {
        let now = self.now();
        let tokens = (
            visitor.receipt.as_ref().map(Token::hash),
            visitor.enrolment.as_ref().map(Token::hash),
            now,
            now - self.settings.enrolments.receipt,
        );
        let found = self
            .store
            .read(tokens, |tx, i| {
                Box::pin(async move {
                    let (receipt, browser, now, since) = &*i;
                    let own = match browser {
                        Some(hash) => tx.enrolment_of_browser(hash).await?,
                        None => None,
                    };
                    let own = own.filter(|own| own.state == EnrolmentState::Activated);
                    let own = own.filter(|own| own.activated_at.is_some_and(|at| at > *since));
                    let person = match (receipt, own) {
                        (Some(hash), own) => match tx.receipt(hash, *now).await? {
                            Some(id) => Some(tx.enrolment(&id).await?.person),
                            None => own.map(|own| own.person),
                        },
                        (None, own) => own.map(|own| own.person),
                    };
                    let Some(person) = person else {
                        return Ok(None);
                    };
                    Ok(Some((tx.person(person).await?, tx.sync_of(person).await?)))
                })
            })
            .await?;
        let Some((person, sync)) = found else {
            return Ok(None);
        };
        let session = self.session_of(visitor).await?;
        let may_enter = session
            .is_some_and(|session| session.person == person.id && session.stage == Stage::Password);
        Ok(Some(ActivatedFacts {
            person,
            sync,
            may_enter,
        }))
    }
}

/// Why a link does not work at `now`, if so.
fn judge(link: &LinkRow, now: Timestamp) -> Option<Refusal> {
    if let Some(why) = link.voided {
        Some(Refusal::Voided(why))
    } else if link.used_at.is_some() {
        Some(Refusal::Used)
    } else {
        (now >= link.expires_at).then_some(Refusal::Expired)
    }
}

fn enrolment_of(link: &LinkRow) -> StoreResult<&str> {
    link.enrolment
        .as_deref()
        .ok_or(StoreError::Corrupt("activation link without enrolment"))
}

/// Takes the activation back that a notice told of, or that followed the start it told of; false
/// when there was none. A later enrolment is none of its business: factor and activation (or, when
/// it came from another instance, factor and notice) are of one moment, because of one transaction.
async fn undo(tx: &mut Tx, link: &LinkRow, now: Timestamp) -> StoreResult<bool> {
    let activated_at = match &link.enrolment {
        Some(id) => tx.enrolment(id).await?.activated_at,
        None => Some(link.created_at),
    };
    let Some(activated_at) = activated_at else {
        return Ok(false);
    };
    if let Some(id) = &link.enrolment {
        tx.undo_activation(id, now).await?;
    }
    tx.switch_factor_off(link.person, activated_at).await
}

struct Confirmation {
    link: TokenHash,
    receipt: TokenHash,
    receipt_until: Timestamp,
    notice: Notice,
    instance: String,
    peers: Vec<String>,
    now: Timestamp,
}

impl Confirmation {
    /// Everything that an activation is, in one transaction.
    async fn write(
        &self,
        tx: &mut Tx,
    ) -> StoreResult<Result<crate::domain::person::PersonId, Refusal>> {
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
