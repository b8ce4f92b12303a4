//! What the activated page shows, and to whom (manual; R14).

use super::{Outcome, Services, Visitor};
use crate::{
    domain::{enrolment::EnrolmentState, session::Stage, token::Token},
    storage::{PersonRow, SyncRow},
};

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
