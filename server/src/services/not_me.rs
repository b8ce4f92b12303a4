//! *Não fui eu* in the notice to registered contacts: blocks the account and takes the activation
//! back (R29).

use super::{Outcome, Services, Visitor, links::Refusal, notices};
use crate::{
    domain::{enrolment::EnrolmentState, time::Timestamp},
    storage::{LinkPurpose, LinkRow, StoreResult, Tx},
};

/// What the *Não fui eu* page asks about.
#[derive(Clone, Debug)]
pub struct NotMeFacts {
    /// Who.
    pub who: String,
    /// Whether the activation already happened.
    pub activated: bool,
}

impl Services {
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
        let sessions = self.settings.sessions;
        let input = (link, hash, visitor.address.clone(), sessions, self.now());
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (link, hash, address, sessions, now) = &*i;
                    tx.lock_person(link.person).await?;
                    // looked at again: an enrolment begun meanwhile may have taken it over
                    let Some(link) = tx.link(hash, LinkPurpose::NotMe).await? else {
                        return Ok(Err(Refusal::Unknown));
                    };
                    if !tx.use_link(hash, *now).await? {
                        return Ok(Err(Refusal::Used));
                    }
                    tx.end_pending(link.person, EnrolmentState::Cancelled, sessions, *now)
                        .await?;
                    let undone = undo(tx, &link, *now).await?;
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
